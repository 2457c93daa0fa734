import { randomBytes } from 'node:crypto';
import { type ProcessTable, systemProcesses } from './process-identity.ts';

/** All of the machine that the store asks, beside its folder and its index: what a test replaces. */
export interface Effects {
  readonly clock: Clock;
  readonly processes: ProcessTable;
  /** Lower-case hexadecimal digits for names that must not collide; nothing computed depends on them. */
  randomHex(digits: number): string;
}

export interface Clock {
  /** Milliseconds since 1970 by the wall clock, which may jump. */
  nowMs(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export const systemEffects: Effects = {
  clock: systemClock,
  processes: systemProcesses,
  randomHex,
};

/** Asked for some at a time: names need a few each. */
let random = '';

function randomHex(digits: number): string {
  if (random.length < digits) random = randomBytes(Math.max(2048, digits)).toString('hex');
  const taken = random.slice(0, digits);
  random = random.slice(digits);
  return taken;
}
