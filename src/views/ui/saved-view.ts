import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { INITIAL_STATE, type UiState } from './state.ts';

/** What survives a restart: where one was, and how the table was arranged. */
type SavedView = Pick<UiState, 'runId' | 'table' | 'cursor' | 'column' | 'marked' | 'tab'>;
interface SavedFile {
  readonly format: 1;
  readonly folders: { readonly [artifacts: string]: SavedView };
}

const FOLDERS_KEPT = 50;

/** In the user's own state folder (XDG base directories; %LOCALAPPDATA%), never below artifacts. */
export function savedViewFile(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const windows = platform === 'win32' ? env.LOCALAPPDATA : undefined;
  return join(windows ?? env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'clade', 'ui.json');
}

/** The view as it was left; the first one where none was, or what was kept cannot be read. */
export function restoreView(file: string, artifacts: string): UiState {
  const view = readSaved(file).folders[resolve(artifacts)] as Partial<SavedView> | undefined;
  const table = view?.table as Partial<UiState['table']> | undefined;
  if (
    !view ||
    typeof view.runId !== 'string' ||
    typeof table?.filter !== 'string' ||
    !Array.isArray(table.hidden)
  )
    return INITIAL_STATE;
  const { runId, cursor = 0, column = 0, marked = [], tab = 'curves' } = view;
  const sort = table.sort ?? null;
  return {
    ...INITIAL_STATE,
    screen: 'points',
    runId,
    cursor,
    column,
    marked,
    tab,
    table: { sort, filter: table.filter, hidden: table.hidden },
  };
}

/** Best effort: a folder that may not be written loses the view, nothing else. */
export function saveView(file: string, artifacts: string, state: UiState): void {
  try {
    const { runId, table, cursor, column, marked, tab } = state;
    const others = Object.entries(readSaved(file).folders).filter(
      ([folder]) => folder !== resolve(artifacts),
    );
    const kept = [
      ...others.slice(1 - FOLDERS_KEPT),
      [resolve(artifacts), { runId, table, cursor, column, marked, tab }],
    ];
    const saved = { format: 1, folders: Object.fromEntries(kept) };
    mkdirSync(dirname(file), { recursive: true });
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify(saved));
    renameSync(temporary, file);
  } catch {
    // read-only home, full disk
  }
}

function readSaved(file: string): SavedFile {
  try {
    const saved = JSON.parse(readFileSync(file, 'utf8')) as SavedFile;
    if (saved.format === 1 && typeof saved.folders === 'object') return saved;
  } catch {
    // none yet, or damaged
  }
  return { format: 1, folders: {} };
}
