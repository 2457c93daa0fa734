export interface Walk {
  /** Each circle found, from its first node in the given order and back to it: `[a, b, a]`. */
  readonly cycles: readonly (readonly string[])[];
  /** What a node leads to comes before it; nodes on circles included. */
  readonly order: readonly string[];
  /** Nodes on the longest way from each node, itself included. */
  readonly depths: ReadonlyMap<string, number>;
}

/**
 * Depth first over a graph, without recursion, since a file decides how deep it is. Every circle that
 * a search meets is told once; the result depends on the order given and nothing else.
 */
export function walkGraph(nodes: readonly string[], nextOf: (node: string) => readonly string[]): Walk {
  const cycles: string[][] = [];
  const order: string[] = [];
  const depths = new Map<string, number>();
  const rank = new Map(nodes.map((node, index) => [node, index]));
  const trail: { node: string; next: readonly string[]; visited: number }[] = [];
  const onTrail = new Map<string, number>();
  const enter = (node: string) => {
    onTrail.set(node, trail.length);
    trail.push({ node, next: nextOf(node), visited: 0 });
  };
  for (const root of nodes) {
    if (depths.has(root)) continue;
    enter(root);
    while (trail.length > 0) {
      const top = trail[trail.length - 1];
      if (top.visited < top.next.length) {
        const next = top.next[top.visited++];
        const from = onTrail.get(next);
        if (from !== undefined)
          cycles.push(
            rotate(
              trail.slice(from).map(({ node }) => node),
              rank,
            ),
          );
        else if (!depths.has(next)) enter(next);
        continue;
      }
      trail.pop();
      onTrail.delete(top.node);
      depths.set(top.node, 1 + Math.max(0, ...top.next.map((next) => depths.get(next) ?? 0)));
      order.push(top.node);
    }
  }
  return { cycles, order, depths };
}

/** Begins at the node that comes first, so that the same circle reads the same wherever it was entered. */
function rotate(cycle: readonly string[], rank: ReadonlyMap<string, number>): string[] {
  const ranks = cycle.map((node) => rank.get(node) ?? 0);
  const first = ranks.indexOf(Math.min(...ranks));
  return [...cycle.slice(first), ...cycle.slice(0, first), cycle[first]];
}
