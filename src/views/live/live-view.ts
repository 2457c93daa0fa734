import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../../core/events.ts';
import { colourDepth, type Look } from '../cells.ts';
import { formatDuration } from '../format.ts';
import { EMPTY_RUN, type RunState, reduceRun } from '../run-state.ts';
import { summariseRun } from '../run-summary.ts';
import type { RunView } from '../run-view.ts';
import { symbolsFor } from '../symbols.ts';
import { Block, type BlockOutput } from './block.ts';
import { drawRun } from './draw-run.ts';
import { inForeground } from './in-foreground.ts';
import { createInkFrame } from './ink-frame.tsx';

/** Five pictures a second: enough to see, and little to send. */
const FRAME_MS = 200;
/** Durations and ETAs move even when nothing is told. */
const IDLE_FRAME_MS = 1000;
/**
 * A window that is being dragged has another width by the time a picture arrives: it is waited until it rests. tmux
 * wraps its lines anew at once and tells of it up to 250 ms after the change before; what is painted meanwhile lies
 * over rows that are no longer where they were.
 */
const RESIZE_REST_MS = 400;

export interface LiveView extends RunView {
  interrupting(): void;
}

export interface LiveOutput extends BlockOutput {
  readonly rows?: number;
  /** Columns and rows as the terminal has them now; `columns` follow when the signal has come. */
  getWindowSize?(): [columns: number, rows: number];
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

export interface LiveViewRequest {
  readonly stdout: LiveOutput;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** ` --artifacts DIR` where a suggested command needs it; else empty. */
  readonly place: string;
}

/** The live block in a terminal. Events only change what is known; a timer draws. */
export function createLiveView({ stdout, env, platform, place }: LiveViewRequest): LiveView {
  const symbols = symbolsFor(env, platform);
  const look: Look = { symbols, depth: colourDepth(env), unicode: symbols.dot === '·' };
  const frame = createInkFrame(look.depth);
  const block = new Block(stdout, frame.lay);
  let state: RunState = EMPTY_RUN;
  let interrupting = false;
  let stale = true;
  let drawnMs = 0;

  let resizedMs = 0;
  const rests = () => Math.abs(Date.now() - resizedMs) >= RESIZE_REST_MS;
  const draw = () => {
    const nowMs = Date.now();
    if (!rests()) return;
    if (!stale && nowMs - drawnMs < IDLE_FRAME_MS) return;
    if (!inForeground()) return;
    const { columns = 80, rows = 24 } = stdout;
    if ((stdout.getWindowSize?.()[0] ?? columns) !== columns) return; // the signal is on its way
    if (!block.paint(drawRun({ state, nowMs, look, columns, rows, interrupting }))) return;
    stale = false;
    drawnMs = nowMs;
  };
  const redraw = () => {
    stale = true;
    draw();
  };
  const resized = () => {
    resizedMs = Date.now();
    stale = true;
  };
  const release = () => block.release();
  // Ctrl-Z: the shell must get its cursor back before we stop, and the block starts anew after `fg`.
  const suspend = () => {
    block.release();
    process.once('SIGCONT', resume);
    process.kill(process.pid, 'SIGSTOP');
  };
  const resume = () => redraw();
  const timer = setInterval(draw, FRAME_MS);
  // The signal too: where a window is back at its width before Node looks, there is no 'resize'.
  stdout.on('resize', resized);
  if (platform !== 'win32') process.on('SIGWINCH', resized).on('SIGTSTP', suspend);
  process.on('exit', release);

  return {
    show(event) {
      state = reduceRun(state, event);
      stale = true;
      block.keep(lastingLines(event, look));
    },
    interrupting() {
      interrupting = true;
      redraw();
    },
    async close() {
      clearInterval(timer);
      while (!rests()) await sleep(FRAME_MS);
      stdout.off('resize', resized);
      process.off('SIGWINCH', resized);
      process.off('exit', release);
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', resume);
      block.clear();
      frame.end();
      const width = stdout.columns || 80;
      stdout.write(`${summariseRun(state, { symbols, width, place, interactive: true }).join('\n')}\n`);
    },
  };
}

/** What is said once and must not vanish with the block. */
function lastingLines(event: RunEvent, { symbols }: Look): string[] {
  if (event.event === 'run-started') return event.notes.map((note) => `note: ${note}`);
  if (event.event !== 'step-retried') return [];
  const { stepId, reason, message, retry, retries, afterMs } = event;
  return [
    `${symbols.failed} ${stepId} failed (${reason}): retry ${retry} of ${retries} in ${formatDuration(afterMs)}`,
    ...message.split('\n').map((line) => `  ${line}`),
  ];
}
