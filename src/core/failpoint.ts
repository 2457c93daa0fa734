/**
 * Named places at which a test kills this process, or lets the disk refuse. `CLADE_FAILPOINT` is a
 * comma-separated list of `NAME`, `NAME@3` (the third time it is reached) or `NAME=ACTION`; actions
 * are `kill` (SIGKILL to itself, the default), `full` (an ENOSPC is thrown) and `denied` (an EACCES).
 * Unset, a failpoint is one comparison.
 */
const ARMED = parseFailpoints(process.env['CLADE_FAILPOINT']);

/** @throws an error as the file system would throw it, for the actions `full` and `denied`. */
export function failpoint(name: string): void {
  if (ARMED !== null) reach(name, ARMED);
}

interface Armed {
  readonly action: string;
  /** How many more times it is passed unharmed. */
  passes: number;
}

function parseFailpoints(text: string | undefined): Map<string, Armed> | null {
  if (!text) return null;
  const armed = new Map<string, Armed>();
  for (const part of text.split(',')) {
    const [place, action = 'kill'] = part.split('=');
    const [name, nth = '1'] = place.split('@');
    armed.set(name, { action, passes: Number(nth) - 1 });
  }
  return armed;
}

function reach(name: string, failpoints: Map<string, Armed>): void {
  const armed = failpoints.get(name);
  if (!armed || armed.passes-- > 0) return;
  if (armed.action === 'full') throw refusal('ENOSPC', `no space left on device, at failpoint ${name}`);
  if (armed.action === 'denied') throw refusal('EACCES', `permission denied, at failpoint ${name}`);
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // the signal may take a moment; nothing may run in it
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
