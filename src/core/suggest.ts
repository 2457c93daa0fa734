/**
 * The candidate nearest to what was written, where one is near enough to have been meant: at most a
 * third of its characters differ (a slip in a word of three letters counts as one).
 */
export function nearest(written: string, candidates: readonly string[]): string | null {
  if (written.length > 100) return null;
  const plain = normalise(written);
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate.length > 100) continue;
    const other = normalise(candidate);
    const distance = editDistance(plain, other);
    const allowed = Math.max(1, Math.floor(Math.max(plain.length, other.length) / 3));
    if (distance <= allowed && distance < other.length && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The hint for a name that is unknown: the nearest one, else all there are. */
export function suggest(written: string, candidates: readonly string[], listed: string): string | undefined {
  const near = nearest(written, candidates);
  if (near !== null) return `did you mean '${near}'?`;
  if (candidates.length === 0) return undefined;
  const shown = candidates.slice(0, 20).join(', ');
  return `${listed}: ${shown}${candidates.length > 20 ? ', …' : ''}`;
}

/** Case and the kind of dash are slips too, and no others. */
function normalise(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(substituted, previous[j] + 1, current[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, older[j - 2] + 1);
      }
      current.push(least);
    }
    older = previous;
    previous = current;
  }
  return previous[b.length];
}
