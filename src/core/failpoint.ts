import { appendFileSync } from 'node:fs';
import type { FailpointName } from './failpoint-names.ts';
import { pause } from './pause.ts';

/**
 * Named places at which a test kills this process, or lets the disk refuse. `CLADE_FAILPOINT` is a
 * comma-separated list of `NAME`, `NAME@3` (the third time that a process reaches it) or `NAME=ACTION`:
 *
 *   kill    SIGKILL to this process; where nothing is said
 *   group   SIGKILL to this process's whole group: to the runner and its workers
 *   parent  SIGKILL to the process that started this one: of a worker, its runner; this one goes on
 *   wait    nothing for a second and a half, in which others may come to this place
 *   full    an ENOSPC is thrown, there and at each later time; `denied` an EACCES
 *
 * `CLADE_FAILPOINT_TRACE` names a file to which each name is added when it is reached, with the process's
 * number. Where neither is set, a failpoint is one comparison. `core/failpoint-names` says where they are.
 */
const ARMED = parseFailpoints(process.env['CLADE_FAILPOINT'], process.env['CLADE_FAILPOINT_TRACE']);

/** @throws an error as the file system would throw it, for the actions `full` and `denied`. */
export function failpoint(name: FailpointName): void {
  if (ARMED !== null) reach(name, ARMED);
}

interface Armed {
  readonly trace: string | null;
  readonly places: ReadonlyMap<string, Place>;
}

interface Place {
  readonly action: string;
  /** How many more times it is passed unharmed. */
  passes: number;
}

function parseFailpoints(text: string | undefined, trace: string | undefined): Armed | null {
  if (!text && !trace) return null;
  const places = new Map<string, Place>();
  for (const part of text ? text.split(',') : []) {
    const [place, action = 'kill'] = part.split('=');
    const [name, nth = '1'] = place.split('@');
    places.set(name, { action, passes: Number(nth) - 1 });
  }
  return { trace: trace ?? null, places };
}

function reach(name: FailpointName, { trace, places }: Armed): void {
  if (trace !== null) appendFileSync(trace, `${process.pid} ${name}\n`);
  const place = places.get(name);
  if (!place || place.passes-- > 0) return;
  if (place.action === 'full') throw refusal('ENOSPC', `no space left on device, at failpoint ${name}`);
  if (place.action === 'denied') throw refusal('EACCES', `permission denied, at failpoint ${name}`);
  if (place.passes < -1) return; // once is enough
  if (place.action === 'wait') {
    pause(1_500);
  } else if (place.action === 'parent') {
    process.kill(process.ppid, 'SIGKILL');
  } else {
    process.kill(place.action === 'group' ? 0 : process.pid, 'SIGKILL');
    pause(Number.POSITIVE_INFINITY); // the signal may take a moment; nothing may run in it
  }
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
