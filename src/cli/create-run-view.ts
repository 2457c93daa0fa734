import { shellWord } from '../core/shell-word.ts';
import { createJsonView } from '../views/lines/json-view.ts';
import { createPlainView } from '../views/lines/plain-view.ts';
import type { RunView } from '../views/run-view.ts';
import { symbolsFor } from '../views/symbols.ts';
import { goOnWithoutReader } from './output-errors.ts';

export interface RunViewChoice {
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly artifacts?: string;
}

export interface InterruptibleView extends RunView {
  /** Ctrl-C was heard. */
  interrupting?(): void;
}

/** JSON where asked for, the live view in a terminal that can show it, lines elsewhere. */
export async function createRunView({ json, plain, artifacts }: RunViewChoice): Promise<InterruptibleView> {
  const { env, stdout, platform } = process;
  neverBlock(stdout, platform);
  goOnWithoutReader();
  if (json) return createJsonView(stdout);
  const place =
    artifacts === undefined || artifacts === 'artifacts' ? '' : ` --artifacts ${shellWord(artifacts)}`;
  if (plain || !stdout.isTTY || env.CI || env.TERM === 'dumb')
    return createPlainView(stdout, symbolsFor(env, platform), place);
  const { createLiveView } = await import('../views/live/live-view.ts');
  return createLiveView({ stdout, env, platform, place });
}

/**
 * Node waits for a terminal that takes nothing (Ctrl-S, a slow line), and with it the runner would. Pipes
 * are asynchronous already, and so are terminals on Windows; files never wait for a reader.
 */
function neverBlock(stdout: NodeJS.WriteStream, platform: NodeJS.Platform): void {
  if (!stdout.isTTY || platform === 'win32') return;
  // Not in Node's documentation, there since 0.11; where it is gone, we are as blocking as anyone.
  const { _handle } = stdout as { _handle?: { setBlocking?: (blocking: boolean) => void } };
  _handle?.setBlocking?.(false);
}
