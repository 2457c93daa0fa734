import type { RunView } from '../run-view.ts';

/** `--json`: one event a line, as INTERFACE has them. */
export function createJsonView(out: NodeJS.WritableStream): RunView {
  return {
    show: (event) => void out.write(`${JSON.stringify(event)}\n`),
    close: async () => {},
  };
}
