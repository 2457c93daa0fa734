import { createJsonView } from '../views/lines/json-view.ts';
import { createPlainView } from '../views/lines/plain-view.ts';
import type { RunView } from '../views/run-view.ts';
import { symbolsFor } from '../views/symbols.ts';

export interface RunViewChoice {
  readonly json?: boolean;
  readonly plain?: boolean;
}

export interface InterruptibleView extends RunView {
  /** Ctrl-C was heard. */
  interrupting?(): void;
}

/** JSON where asked for, the live view in a terminal that can show it, lines elsewhere. */
export async function createRunView({ json, plain }: RunViewChoice): Promise<InterruptibleView> {
  if (json) return createJsonView(process.stdout);
  const { env, stdout, platform } = process;
  if (plain || !stdout.isTTY || env.CI || env.TERM === 'dumb')
    return createPlainView(stdout, symbolsFor(env, platform));
  if (env.NO_COLOR) env.FORCE_COLOR = '0'; // what Ink's colours listen to; before it is loaded
  const { createTuiView } = await import('../views/tui/tui-view.tsx');
  return createTuiView(stdout);
}
