import type { RunEvent } from '../core/events.ts';

/** Shows a run while it goes on. It is told facts and answers nothing: it can never block the runner. */
export interface RunView {
  show(event: RunEvent): void;
  /** After the last event: what remains in the scrollback is written, the terminal is as it was. */
  close(): Promise<void>;
}
