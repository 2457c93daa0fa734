import type { Digest } from '../core/digest.ts';

/** Everything that `next` leads to from some artifacts, these first, each once, nearest first. */
export function walkLineage(
  from: readonly Digest[],
  next: (fingerprint: Digest) => readonly Digest[],
): Digest[] {
  const reached = new Set(from);
  for (const fingerprint of reached) for (const other of next(fingerprint)) reached.add(other); // a set grows while it is walked
  return [...reached];
}
