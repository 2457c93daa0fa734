import { parseFilter } from './filter.ts';
import type { Tab } from './load-detail.ts';
import { helpLines, lineageLines, whyLines } from './pages.ts';
import { type Effect, pointSteps, type UiData, type UiState } from './state.ts';

export interface Updated {
  readonly state: UiState;
  readonly effect?: Effect;
}

export const TABS: readonly Tab[] = ['curves', 'scatter', 'pictures', 'confusion', 'log'];

/** What a key does. @param page rows of the screen's list: a page down. */
export function update(state: UiState, key: string, { data, page }: { data: UiData; page: number }): Updated {
  if (key === 'ctrl-c') return { state, effect: { kind: 'quit' } };
  if (key === 'ctrl-z') return { state, effect: { kind: 'suspend' } };
  const quiet = { ...state, message: null };
  if (state.prompt) return { state: typed(quiet, key, data) };
  if (state.chooser !== null) return { state: inChooser(quiet, key, { data, page }) };
  if (key === 'q' && !state.page) return { state, effect: { kind: 'quit' } };
  if (state.page) return inPage(quiet, key);
  if (key === '?')
    return { state: { ...quiet, page: { title: 'keys', lines: helpLines(state.screen) }, scroll: 0 } };
  return SCREENS[state.screen](quiet, key, { data, page });
}

type Context = { readonly data: UiData; readonly page: number };
const SCREENS = { runs: inRuns, points: inPoints, point: inPoint, compare: inCompare };

function inRuns(state: UiState, key: string, { data, page }: Context): Updated {
  const run = data.runs[state.runCursor];
  if (key === 'enter' || key === 'l' || key === 'right') {
    if (!run) return { state };
    if (run.problem) return { state: { ...state, message: run.problem } };
    const same = run.id === state.runId;
    const fresh = same ? state : { ...state, runId: run.id, cursor: 0, column: 0, marked: [], scroll: 0 };
    return { state: { ...fresh, screen: 'points' } };
  }
  if (key === 'y' && run) return copied(state, run.id);
  return { state: { ...state, runCursor: moved(state.runCursor, key, { count: data.runs.length, page }) } };
}

function inPoints(state: UiState, key: string, { data, page }: Context): Updated {
  const { table, marked } = state;
  const column = data.columns[state.column];
  const row = data.rows[state.cursor];
  switch (key) {
    case 'escape':
      return { state: table.filter === '' ? { ...state, screen: 'runs' } : withFilter(state, '') };
    case 'enter':
      return { state: row ? { ...state, screen: 'point', step: lastMade(state, data), scroll: 0 } : state };
    case 'h':
    case 'left':
      return { state: { ...state, column: Math.max(0, state.column - 1) } };
    case 'l':
    case 'right':
      return { state: { ...state, column: Math.min(data.columns.length - 1, state.column + 1) } };
    case 's': {
      if (!column) return { state };
      const { sort } = table;
      const next =
        sort?.column !== column
          ? { column, descending: true }
          : sort.descending
            ? { column, descending: false }
            : null;
      return { state: { ...state, table: { ...table, sort: next }, cursor: 0 } };
    }
    case '/':
      return { state: { ...state, prompt: { text: table.filter, error: null, before: table.filter } } };
    case 'H':
      if (!column || data.columns.length === 1) return { state };
      return {
        state: {
          ...state,
          table: { ...table, hidden: [...table.hidden, column] },
          column: Math.max(0, Math.min(state.column, data.columns.length - 2)),
        },
      };
    case 'U':
      return { state: { ...state, table: { ...table, hidden: [] } } };
    case 'C':
      return { state: data.table ? { ...state, chooser: 0 } : state };
    case 'u':
      return { state: { ...state, marked: [] } };
    case 'space': {
      if (!row) return { state };
      const on = marked.includes(row.key);
      const next = on ? marked.filter((one) => one !== row.key) : [...marked, row.key];
      return { state: { ...state, marked: next, cursor: Math.min(state.cursor + 1, data.rows.length - 1) } };
    }
    case 'c':
      if (marked.length < 2)
        return { state: { ...state, message: 'mark two points or more with Space, then c compares them' } };
      return { state: { ...state, screen: 'compare', baseline: 0, scroll: 0 } };
    case 'y':
      return row ? copied(state, row.key) : { state };
    default:
      return { state: { ...state, cursor: moved(state.cursor, key, { count: data.rows.length, page }) } };
  }
}

function inPoint(state: UiState, key: string, { data, page }: Context): Updated {
  const steps = pointSteps(state, data);
  const step = steps[Math.min(state.step, steps.length - 1)];
  const tabAt = TABS.indexOf(state.tab);
  const withTab = (at: number) => ({
    state: { ...state, tab: TABS[(at + TABS.length) % TABS.length], scroll: 0 },
  });
  if (/^[1-5]$/.test(key)) return withTab(Number(key) - 1);
  switch (key) {
    case 'escape':
      return { state: { ...state, screen: 'points', scroll: 0 } };
    case 'tab':
      return withTab(tabAt + 1);
    case 'shift-tab':
      return withTab(tabAt - 1);
    case 'v':
      return { state: { ...state, variant: state.variant + 1 } };
    case 'J':
      return { state: { ...state, scroll: state.scroll + 1 } };
    case 'K':
      return { state: { ...state, scroll: Math.max(0, state.scroll - 1) } };
    case 'w':
      return { state: step ? { ...state, page: { title: 'why', lines: whyLines(step) }, scroll: 0 } : state };
    case 'l':
      return {
        state: step
          ? { ...state, page: { title: 'lineage', lines: lineageLines(step, data) }, scroll: 0 }
          : state,
      };
    case 'o':
      return step?.fingerprint
        ? { state, effect: { kind: 'open-step', step } }
        : { state: { ...state, message: 'this step has made nothing to open yet' } };
    case 'y':
      return step?.fingerprint ? copied(state, step.fingerprint) : { state };
    default:
      return { state: { ...state, step: moved(state.step, key, { count: steps.length, page }), scroll: 0 } };
  }
}

function inCompare(state: UiState, key: string): Updated {
  switch (key) {
    case 'escape':
    case 'c':
      return { state: { ...state, screen: 'points', scroll: 0 } };
    case 'd':
      return { state: { ...state, onlyDiffering: !state.onlyDiffering, scroll: 0 } };
    case 'm':
      return { state: { ...state, overSeeds: !state.overSeeds, baseline: 0 } };
    case 'h':
    case 'left':
      return { state: { ...state, baseline: Math.max(0, state.baseline - 1) } };
    case 'l':
    case 'right':
      return { state: { ...state, baseline: Math.min(state.marked.length - 1, state.baseline + 1) } };
    default:
      return { state: { ...state, scroll: scrolled(state.scroll, key) } };
  }
}

/** Space shows or hides a column; one is always left. */
function inChooser(state: UiState, key: string, { data, page }: Context): UiState {
  const all = data.table?.columns() ?? [];
  const at = Math.min(state.chooser!, all.length - 1);
  const hide = (hidden: readonly string[]) => ({ ...state, table: { ...state.table, hidden }, column: 0 });
  const { hidden } = state.table;
  switch (key) {
    case 'escape':
    case 'enter':
    case 'C':
    case 'q':
      return { ...state, chooser: null };
    case 'space': {
      const name = all[at];
      if (hidden.includes(name)) return hide(hidden.filter((one) => one !== name));
      const left = all.filter((one) => !hidden.includes(one) && one !== name).length;
      return left > 0 ? hide([...hidden, name]) : { ...state, message: 'one column stays' };
    }
    case 'a':
      return hide([]);
    case 'o':
      return hide(all.filter((_, index) => index !== at));
    default:
      return { ...state, chooser: moved(at, key, { count: all.length, page }) };
  }
}

function inPage(state: UiState, key: string): Updated {
  if (key === 'escape' || key === 'q' || key === 'enter' || key === '?')
    return { state: { ...state, page: null, scroll: 0 } };
  if (key === 'y') return copied(state, state.page!.lines.join('\n'));
  const last = state.page!.lines.length - 1;
  return { state: { ...state, scroll: Math.min(last, scrolled(state.scroll, key)) } };
}

/** The filter is applied as it is typed, wherever it can be read. */
function typed(state: UiState, key: string, data: UiData): UiState {
  const { text, before } = state.prompt!;
  if (key === 'escape') return { ...withFilter(state, before), prompt: null };
  const next =
    key === 'enter'
      ? text
      : key === 'backspace'
        ? text.slice(0, -1)
        : key === 'ctrl-u'
          ? ''
          : text + character(key);
  const known = [...(data.table?.columns() ?? []), 'status'];
  const parsed = next.trim() === '' ? null : parseFilter(next, known);
  const kept = parsed && !parsed.ok ? state : withFilter(state, next.trim() === '' ? '' : next);
  if (key !== 'enter') return { ...kept, prompt: { text: next, error: null, before } };
  if (parsed && !parsed.ok)
    return { ...state, prompt: { text, error: `at ${parsed.at + 1}: ${parsed.message}`, before } };
  return { ...kept, prompt: null };
}

function character(key: string): string {
  if (key === 'space') return ' ';
  return [...key].length === 1 ? key : '';
}

function withFilter(state: UiState, filter: string): UiState {
  return { ...state, table: { ...state.table, filter }, cursor: 0 };
}

function copied(state: UiState, text: string): Updated {
  return { state: { ...state, message: 'copied' }, effect: { kind: 'copy', text } };
}

function scrolled(scroll: number, key: string): number {
  if (key === 'j' || key === 'J' || key === 'down') return scroll + 1;
  if (key === 'k' || key === 'K' || key === 'up') return Math.max(0, scroll - 1);
  return key === 'g' ? 0 : scroll;
}

function moved(at: number, key: string, { count, page }: { count: number; page: number }): number {
  const steps: { readonly [key: string]: number } = {
    j: 1,
    down: 1,
    k: -1,
    up: -1,
    'ctrl-d': page,
    'page-down': page,
    'ctrl-u': -page,
    'page-up': -page,
    g: -count,
    home: -count,
    G: count,
    end: count,
  };
  return Math.max(0, Math.min(count - 1, at + (steps[key] ?? 0)));
}

/** Where there is most to see: the step that runs or failed, else the first that was trained. */
function lastMade(state: UiState, data: UiData): number {
  const steps = pointSteps(state, data);
  const live = steps.findIndex(({ status }) => status === 'running' || status === 'failed');
  return live >= 0
    ? live
    : Math.max(
        0,
        steps.findIndex(({ uses }) => uses === 'pretrain' || uses === 'finetune'),
      );
}
