/**
 * Everything that may go wrong in a step without being a bug. `reason` is stable: scripts and tests
 * rely on it. Expected failures travel as values; inside a stage they are thrown as `ExpectedFailure`
 * and become values again at the worker's edge.
 */
export type FailureReason =
  | 'bad-input' // an input's content cannot be used: message names every bad one
  | 'bad-parameter' // a parameter that only the data can prove wrong
  | 'missing-source' // an external file or folder is not there
  | 'source-changed' // an external file changed while it was read
  | 'input-damaged' // an artifact that it reads was damaged, or changed while it was read
  | 'code-changed' // clade, or the stage's module, was built anew or upgraded since the run began
  | 'too-few-units' // fewer subjects (or slices) than splits need
  | 'missing-points' // a collecting step lacks points, and was not told to make do
  | 'non-finite-loss' // training diverged
  | 'engine-unavailable' // the engine asked for cannot run here
  | 'device-failed' // a GPU was lost, ran out of memory, or reported an error
  | 'out-of-space' // the disk is full
  | 'not-writable' // a folder may not be written
  | 'command-failed' // a command ended with another status than 0, or by a signal
  | 'missing-output' // a command did not write what it declares
  | 'stage-failed' // a stage in a folder of the user's threw something else than `fail`
  | 'missing-program' // a command's program, or the shell, is not on this machine
  | 'worker-died' // the process ended without a result
  | 'timed-out' // the process took longer than the step's timeout, and was ended
  | 'not-deterministic' // two results for one fingerprint differ
  | 'cancelled'
  | 'internal-error'; // a bug: message starts with "Internal error: "

export interface Failure {
  readonly reason: FailureReason;
  /** What happened, where, and what would be right. May hold several lines. */
  readonly message: string;
}

/** Carries a `Failure` through code that returns something else. Only `fail` makes one. */
export class ExpectedFailure extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
    this.name = 'ExpectedFailure';
  }
}

/** @throws ExpectedFailure always. */
export function fail(reason: FailureReason, message: string): never {
  throw new ExpectedFailure({ reason, message });
}

/** What was thrown, as a value: expected failures as they are, the disk's refusals by name, the rest as a bug. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof ExpectedFailure) return thrown.failure;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL')
    return { reason: 'out-of-space', message: `the disk is full: ${error.message}` };
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code?.startsWith('SQLITE_READONLY')) {
    return { reason: 'not-writable', message: `not allowed: ${error.message}` };
  }
  if (error.name === 'AbortError') return { reason: 'cancelled', message: 'cancelled' };
  return { reason: 'internal-error', message: `Internal error: ${error.stack ?? error.message}` };
}
