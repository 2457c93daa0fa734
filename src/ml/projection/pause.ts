import { setImmediate } from 'node:timers/promises';

const TURN_MS = 50;

/**
 * A long loop awaits the returned function in each round: now and then it lets messages (a cancellation)
 * come in. When it does so depends on the clock, what the loop computes does not.
 * @throws the signal's reason once it is aborted.
 */
export function createPause(signal?: AbortSignal): () => Promise<void> {
  signal?.throwIfAborted();
  let last = performance.now();
  return async () => {
    if (performance.now() - last < TURN_MS) return;
    await setImmediate();
    signal?.throwIfAborted();
    last = performance.now();
  };
}
