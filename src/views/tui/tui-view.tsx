import { type Instance, render } from 'ink';
import { EMPTY_RUN, type RunState, reduceRun } from '../run-state.ts';
import { summariseRun } from '../run-summary.ts';
import type { RunView } from '../run-view.ts';
import { symbolsFor } from '../symbols.ts';
import { RunApp } from './run-app.tsx';

/** At most ten pictures a second: enough to see, and quiet on a slow line. */
const FRAME_MS = 100;
/** Durations and ETAs move even when nothing is told. */
const IDLE_FRAME_MS = 1000;

export interface TuiView extends RunView {
  interrupting(): void;
}

/** The live block in a terminal. Events only mark the picture as old; a timer draws. */
export function createTuiView(stdout: NodeJS.WriteStream): TuiView {
  const symbols = symbolsFor(process.env, process.platform);
  let state: RunState = EMPTY_RUN;
  let interrupting = false;
  let stale = true;
  let drawnMs = 0;
  let instance: Instance | null = null;

  const draw = () => {
    const nowMs = Date.now();
    if (!stale && nowMs - drawnMs < IDLE_FRAME_MS) return;
    stale = false;
    drawnMs = nowMs;
    const app = <RunApp state={state} nowMs={nowMs} symbols={symbols} interrupting={interrupting} />;
    if (instance) instance.rerender(app);
    // Ctrl-C is the command's business, and a run takes no keys: Ink must not touch stdin.
    else instance = render(app, { stdout, exitOnCtrlC: false, patchConsole: false });
  };
  const timer = setInterval(draw, FRAME_MS);

  return {
    show(event) {
      state = reduceRun(state, event);
      stale = true;
    },
    interrupting() {
      interrupting = true;
      stale = true;
      draw();
    },
    async close() {
      clearInterval(timer);
      instance?.clear();
      instance?.unmount();
      await instance?.waitUntilExit();
      stdout.write(`${summariseRun(state, symbols, stdout.columns ?? 80).join('\n')}\n`);
    },
  };
}
