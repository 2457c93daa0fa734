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
  randomHex: (digits) =>
    randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits),
};
