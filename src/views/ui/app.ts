import { madeFolder } from '../../store/read-run-folders.ts';
import { colourDepth, type Look } from '../cells.ts';
import { symbolsFor } from '../symbols.ts';
import { DataSource } from './data-source.ts';
import { draw, FRAME_ROWS } from './draw.ts';
import type { Detail } from './load-detail.ts';
import { openOutside, pictureIn } from './open-outside.ts';
import { arrangeRows, type PointRow } from './point-table.ts';
import { restoreView, savedViewFile, saveView } from './saved-view.ts';
import { type Effect, INITIAL_STATE, pointSteps, type UiData, type UiState } from './state.ts';
import { openTerminal } from './terminal.ts';
import { update } from './update.ts';

/** How often the folder is looked at: often enough to follow a run, quiet on a slow line. */
const POLL_MS = 500;
/** Runs that are listed change less often. */
const RUNS_EVERY = 4;

export interface UiRequest {
  readonly artifacts: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/** The whole screen until it is left. @returns the exit status. */
export function runUi({ artifacts, stdin, stdout, env, platform }: UiRequest): Promise<number> {
  const symbols = symbolsFor(env, platform);
  const look: Look = { symbols, depth: colourDepth(env), unicode: symbols.dot === '·' };
  const file = savedViewFile(env, platform);
  const source = new DataSource(artifacts);
  let state: UiState = restoreView(file, artifacts);
  let rows: readonly PointRow[] = [];
  let arranged: unknown[] = [];
  let columns: readonly string[] = [];
  let version = 0;
  let detail: Detail | null = null;
  let detailKey = '';
  let loadDetail: typeof import('./load-detail.ts').loadDetail | null = null;
  let painting: NodeJS.Immediate | null = null;
  let reading = false;

  return new Promise((done, failed) => {
    /** What goes wrong in here must give the screen back before it is told. */
    const guarded =
      <Args extends unknown[]>(work: (...args: Args) => void) =>
      (...args: Args): void => {
        try {
          work(...args);
        } catch (error) {
          stop();
          failed(error);
        }
      };
    const terminal = openTerminal({
      stdin,
      stdout,
      depth: look.depth,
      onKey: guarded(hear),
      onResize: () => repaint(),
    });
    const terminate = (signal: NodeJS.Signals) => {
      stop();
      done(signal === 'SIGTERM' ? 143 : 130);
    };
    for (const name of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(name, terminate);
    const hungUp = () => terminate('SIGHUP');
    stdin.on('end', hungUp);
    stdin.on('error', hungUp);
    let tick = 0;
    const timer = setInterval(guarded(poll), POLL_MS);
    readOn();

    function stop(): void {
      clearInterval(timer);
      if (painting) clearImmediate(painting);
      for (const name of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.off(name, terminate);
      stdin.off('end', hungUp);
      stdin.off('error', hungUp);
      terminal.close();
      saveView(file, artifacts, state);
    }

    /** Reads until all is known, a piece at a time, so that keys are heard in between. */
    function readOn(): void {
      if (reading) return;
      reading = true;
      let moreRuns = true;
      const next = guarded(() => {
        if (moreRuns) moreRuns = source.readRuns();
        const head = source.runs.find(({ id }) => id === state.runId);
        if (state.runId !== null && state.screen !== 'runs' && (!head || head.problem) && !moreRuns) {
          const message = head?.problem ?? `run ${state.runId} is gone`;
          state = { ...INITIAL_STATE, message };
        }
        source.follow(state.screen === 'runs' ? null : state.runId);
        const { changed, more } = source.readEvents();
        if (changed) version++;
        repaint();
        if (more || moreRuns) setImmediate(next);
        else reading = false;
      });
      next();
    }

    function poll(): void {
      tick++;
      if (tick % RUNS_EVERY === 0) {
        source.readRuns();
        if (source.gone) {
          state = { ...INITIAL_STATE, message: `run ${state.runId} was deleted meanwhile` };
          source.follow(null);
        }
      }
      const { changed, more } = source.readEvents();
      if (changed) version++;
      if (more) readOn();
      const live = source.run?.end === null;
      if (live) detailKey = '';
      if (changed || live || state.screen === 'runs') repaint();
    }

    function hear(key: string): void {
      const { effect, ...next } = update(state, key, { data: data(), page: pageRows() });
      const opened = next.state.screen !== state.screen || next.state.runId !== state.runId;
      state = next.state;
      if (effect) perform(effect);
      if (opened) readOn();
      else repaint();
    }

    function perform(effect: Effect): void {
      switch (effect.kind) {
        case 'quit':
          stop();
          done(0);
          return;
        case 'suspend':
          terminal.suspend();
          return;
        case 'copy':
          terminal.send(`\u001b]52;c;${Buffer.from(effect.text).toString('base64')}\u0007`);
          return;
        case 'open-step': {
          const { id, fingerprint } = effect.step;
          const folder = madeFolder(artifacts, {
            runId: state.runId!,
            stepId: id,
            fingerprint: fingerprint!,
          });
          state = { ...state, message: openOutside(pictureIn(folder), env, platform) };
        }
      }
    }

    /** Joined keys and events are painted once. */
    function repaint(): void {
      painting ??= setImmediate(
        guarded(() => {
          painting = null;
          const size = terminal.size();
          terminal.paint(draw(state, data(), size));
          readDetail();
        }),
      );
    }

    function data(): UiData {
      const key = [source.table, version, state.table.sort, state.table.filter];
      if (key.some((part, at) => part !== arranged[at])) {
        arranged = key;
        rows = source.table ? arrangeRows(source.table, state.table) : [];
      }
      columns = (source.table?.columns() ?? []).filter((name) => !state.table.hidden.includes(name));
      if (rows.length > 0 && state.cursor >= rows.length) state = { ...state, cursor: rows.length - 1 };
      return {
        folder: artifacts,
        runs: source.runs,
        run: source.run,
        table: source.table,
        rows,
        columns,
        detail,
        loading: source.loading,
        nowMs: Date.now(),
        look,
      };
    }

    /** After the paint, so that a key is answered before a file is read. */
    function readDetail(): void {
      if (state.screen !== 'point') return;
      const steps = pointSteps(state, data());
      const chosen = steps[Math.min(state.step, steps.length - 1)];
      if (!chosen) return;
      const others = steps.filter((step) => step !== chosen).reverse();
      const key = JSON.stringify([state.runId, chosen.id, state.tab, state.variant, rows[state.cursor]?.key]);
      if (key === detailKey) return;
      detailKey = key;
      if (!loadDetail) {
        import('./load-detail.ts').then((module) => {
          loadDetail = module.loadDetail;
          detailKey = '';
          repaint();
        }, failed);
        return;
      }
      const before = JSON.stringify(detail);
      detail = loadDetail({
        folder: artifacts,
        tab: state.tab,
        steps: [chosen, ...others],
        variant: state.variant,
      });
      if (JSON.stringify(detail) !== before) repaint();
    }

    function pageRows(): number {
      return Math.max(1, terminal.size().rows - FRAME_ROWS);
    }
  });
}
