import type { Json } from '../core/json.ts';
import type { Point } from '../core/plan.ts';

/** Some of a sweep's axes, in the order of the file. There is one object for each set: compare by identity. */
export interface AxisSet {
  readonly names: readonly string[];
}

/** The sets of axes that steps depend on: many steps, few sets. */
export class AxisSets {
  private readonly sets = new Map<string, AxisSet>();
  private readonly unions = new Map<AxisSet, Map<AxisSet, AxisSet>>();

  constructor(private readonly order: readonly string[]) {}

  of(axes: Iterable<string>): AxisSet {
    const wanted = new Set(axes);
    const names = this.order.filter((axis) => wanted.has(axis));
    const id = JSON.stringify(names);
    let set = this.sets.get(id);
    if (!set) {
      set = { names };
      this.sets.set(id, set);
    }
    return set;
  }

  union(a: AxisSet, b: AxisSet): AxisSet {
    if (a === b || b.names.length === 0) return a;
    let known = this.unions.get(a);
    if (!known) {
      known = new Map();
      this.unions.set(a, known);
    }
    let union = known.get(b);
    if (!union) {
      union = this.of([...a.names, ...b.names]);
      known.set(b, union);
    }
    return union;
  }

  /** The part of a point that lies on these axes: the point itself, where these are all. */
  restrict(point: Point, { names }: AxisSet): Point {
    if (names.length === this.order.length) return point;
    const part: { [axis: string]: Json } = {};
    for (const axis of names) part[axis] = point[axis];
    return part;
  }
}
