import { type Digest, digestOf } from '../core/digest.ts';
import type { Json } from '../core/json.ts';
import type { StageSpec } from '../core/pipeline.ts';
import type { Point } from '../core/plan.ts';
import { walkGraph } from '../spec/find-cycles.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import type { Points } from './enumerate-points.ts';
import { type EvaluatedStages, type PlacedValues, projectPoint } from './evaluate-points.ts';

/** A step before it has an id. */
export class Node {
  readonly key: string;
  readonly uses: string;
  readonly placed: PlacedValues;
  readonly inputs: { readonly [name: string]: NodeInput };
  /** The axes it depends on, with its values there; in the order of the file. */
  readonly point: Point;
  #structuralKey: Digest | null = null;

  constructor({ key, stage, placed, inputs, point }: NodeParts) {
    this.key = key;
    this.uses = stage.uses;
    this.placed = placed;
    this.inputs = inputs;
    this.point = point;
  }

  /** Counted when asked for: equal steps are found without. */
  get structuralKey(): Digest {
    this.#structuralKey ??= structuralKeyOf(this);
    return this.#structuralKey;
  }
}

export type NodeInput =
  | { readonly kind: 'one'; readonly node: Node }
  | { readonly kind: 'collected'; readonly nodes: readonly Node[]; readonly missing: 'fail' | 'allow' };

export interface BuiltNodes {
  /** Inputs before what needs them; nodes of one key in the order of points. */
  readonly nodes: readonly Node[];
  /** By key, for each point the node that stands there. */
  readonly atPoint: ReadonlyMap<string, readonly Node[]>;
}

/**
 * Makes the steps of all points, one for all points at which nothing that it depends on differs.
 * Two keys of the file never share a step, equal as they may be: each has its name and its metrics.
 */
export function buildNodes(
  pipeline: EffectivePipeline,
  points: Points,
  evaluated: EvaluatedStages,
): BuiltNodes {
  const { stages } = pipeline.spec;
  const order = walkGraph(Object.keys(stages), (key) => Object.values(stages[key].needs)).order;
  const atPoint = new Map<string, readonly Node[]>();
  /** The axes that a step may depend on, its inputs' included. */
  const possibleAxes = new Map<string, ReadonlySet<string>>();
  const nodes: Node[] = [];
  for (const key of order) {
    const stage = stages[key];
    const values = evaluated.values.get(key)!;
    const axes = new Set(evaluated.axes.get(key));
    for (const from of Object.values(stage.needs)) for (const axis of possibleAxes.get(from)!) axes.add(axis);
    for (const axis of stage.over ?? []) axes.delete(axis);
    possibleAxes.set(key, axes);
    const build = { key, stage, pipeline, points, values, atPoint };
    const there = stage.over ? buildCollecting(build, axes) : buildOrdinary(build);
    for (const node of new Set(there)) nodes.push(node);
    atPoint.set(key, there);
  }
  return { nodes, atPoint };
}

interface Build {
  readonly key: string;
  readonly stage: StageSpec;
  readonly pipeline: EffectivePipeline;
  readonly points: Points;
  readonly values: readonly PlacedValues[];
  readonly atPoint: ReadonlyMap<string, readonly Node[]>;
}

/** A number for each thing, the same for the same. */
function createSerials(): (thing: PlacedValues | Node) => number {
  const serials = new Map<PlacedValues | Node, number>();
  return (thing) => {
    const serial = serials.get(thing) ?? serials.size;
    serials.set(thing, serial);
    return serial;
  };
}

/** A step is its own values and the steps it takes its inputs from: equal ones are found by these alone. */
function buildOrdinary({ key, stage, pipeline, points, values, atPoint }: Build): Node[] {
  const serialOf = createSerials();
  const known = new Map<string, Node>();
  // The inputs that apply are decided by the values: each has its columns looked up once.
  const columnsOf = new Map<PlacedValues, readonly (readonly Node[])[]>();
  return points.points.map((point, index) => {
    const own = values[index];
    let columns = columnsOf.get(own);
    if (!columns) {
      columns = own.values.inputs.map((name) => atPoint.get(stage.needs[name])!);
      columnsOf.set(own, columns);
    }
    let id = String(serialOf(own));
    for (const column of columns) id += `,${serialOf(column[index])}`;
    let node = known.get(id);
    if (!node) {
      const sources = columns.map((column) => column[index]);
      const inputs: { [name: string]: NodeInput } = {};
      for (const [input, name] of own.values.inputs.entries())
        inputs[name] = { kind: 'one', node: sources[input] };
      const axes = new Set(own.values.axes);
      for (const source of sources) for (const axis in source.point) axes.add(axis);
      node = new Node({ key, stage, placed: own, inputs, point: restrict(point, pipeline.axes, axes) });
      known.set(id, node);
    }
    return node;
  });
}

/** One step for all points that agree on the axes it does not collect over; each distinct artifact is an input once. */
function buildCollecting(
  { key, stage, pipeline, points, values, atPoint }: Build,
  axes: ReadonlySet<string>,
): Node[] {
  const groupOf = projectPoint(pipeline.axes, axes);
  const groups = new Map<string, number[]>();
  const groupAt = points.numbers.map((numbers, index) => {
    const group = groupOf(numbers);
    const members = groups.get(group);
    if (members) members.push(index);
    else groups.set(group, [index]);
    return group;
  });
  const nodeOf = new Map<string, Node>();
  const serialOf = createSerials();
  const known = new Map<string, Node>();
  for (const [group, indices] of groups) {
    const own = values[indices[0]];
    const inputs = own.values.inputs.map((name): [string, NodeInput & { kind: 'collected' }] => {
      const there = atPoint.get(stage.needs[name])!;
      const nodes = [...new Set(indices.map((index) => there[index]))];
      return [name, { kind: 'collected', nodes, missing: stage.missing }];
    });
    const id = [[own], ...inputs.map(([, { nodes }]) => nodes)]
      .map((some) => some.map(serialOf).join())
      .join(';');
    const dependent = new Set(own.values.axes);
    for (const [, { nodes }] of inputs) {
      for (const { point } of nodes)
        for (const axis of Object.keys(point)) if (axes.has(axis)) dependent.add(axis);
    }
    const point = restrict(points.points[indices[0]], pipeline.axes, dependent);
    const node =
      known.get(id) ?? new Node({ key, stage, placed: own, inputs: Object.fromEntries(inputs), point });
    known.set(id, node);
    nodeOf.set(group, node);
  }
  return groupAt.map((group) => nodeOf.get(group)!);
}

interface NodeParts {
  readonly key: string;
  readonly stage: StageSpec;
  readonly placed: PlacedValues;
  readonly inputs: Node['inputs'];
  readonly point: Point;
}

/** Hash of stage, identity, seed and the inputs' structural keys. */
function structuralKeyOf({ placed, inputs }: Node): Digest {
  const structure = Object.entries(inputs).map(([name, input]): [string, Json] => [
    name,
    input.kind === 'one'
      ? input.node.structuralKey
      : input.nodes.map((node) => ({ point: node.point, key: node.structuralKey })),
  ]);
  return digestOf('step', { values: placed.values.digest, inputs: Object.fromEntries(structure) });
}

function restrict(point: Point, order: readonly string[], axes: ReadonlySet<string>): Point {
  const part: { [axis: string]: Json } = {};
  for (const axis of order) if (axes.has(axis)) part[axis] = point[axis];
  return part;
}
