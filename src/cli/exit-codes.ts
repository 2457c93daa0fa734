import type { RunStatus } from '../core/events.ts';

/** INTERFACE, "Exit status". */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  damage: 3,
  interrupted: 130,
  terminated: 143,
} as const;

/** Of a run that ended so. @param signal what interrupted it. */
export function exitStatus(status: RunStatus, signal: NodeJS.Signals | null): number {
  if (status === 'interrupted') return signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
  return status === 'failed' ? EXIT.failed : EXIT.done;
}
