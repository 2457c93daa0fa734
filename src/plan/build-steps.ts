import { type Digest, digestOf } from '../core/digest.ts';
import type { Json } from '../core/json.ts';
import type { StageSpec } from '../core/pipeline.ts';
import type { Point } from '../core/plan.ts';
import { walkGraph } from '../spec/find-cycles.ts';
import { type AxisSet, AxisSets } from './axis-sets.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import type { Points } from './enumerate-points.ts';
import { type EvaluatedStages, type PlacedValues, projectPoint } from './evaluate-points.ts';
import { NumberSequences } from './number-sequences.ts';

/** A step before it has an id. */
export class Node {
  /** Its place among all nodes. */
  readonly number: number;
  readonly key: string;
  readonly uses: string;
  readonly placed: PlacedValues;
  /** In the order of `placed.values.inputs`, which names them. */
  readonly inputs: readonly NodeInput[];
  /** The axes it depends on, with its values there. */
  readonly axes: AxisSet;
  readonly point: Point;
  private ownKey: Digest | null = null;

  constructor(number: number, { key, stage, placed, inputs, axes }: NodeParts, point: Point) {
    this.number = number;
    this.key = key;
    this.uses = stage.uses;
    this.placed = placed;
    this.inputs = inputs;
    this.axes = axes;
    this.point = point;
  }

  /** Counted when asked for: equal steps are found without. */
  get structuralKey(): Digest {
    this.ownKey ??= structuralKeyOf(this);
    return this.ownKey;
  }
}

/** One step's artifact, or those of several. */
export type NodeInput = Node | { readonly nodes: readonly Node[]; readonly missing: 'fail' | 'allow' };

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
  const sets = new AxisSets(pipeline.axes);
  const create = (parts: NodeParts, whole: Point): Node => {
    const node = new Node(nodes.length, parts, sets.restrict(whole, parts.axes));
    nodes.push(node);
    return node;
  };
  for (const key of order) {
    const stage = stages[key];
    const values = evaluated.values.get(key)!;
    const axes = new Set(evaluated.axes.get(key));
    for (const from of Object.values(stage.needs)) for (const axis of possibleAxes.get(from)!) axes.add(axis);
    for (const axis of stage.over ?? []) axes.delete(axis);
    possibleAxes.set(key, axes);
    const build = { key, stage, pipeline, points, values, atPoint, nodes, sets, create };
    atPoint.set(key, stage.over ? buildCollecting(build, axes) : buildOrdinary(build));
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
  /** All so far. */
  readonly nodes: readonly Node[];
  readonly sets: AxisSets;
  readonly create: (parts: NodeParts, whole: Point) => Node;
}

/** A step is its own values and the steps it takes its inputs from: equal ones are found by these alone. */
function buildOrdinary({ key, stage, points, values, atPoint, nodes, sets, create }: Build): Node[] {
  // The inputs that apply are decided by the values: each has its columns looked up once.
  const columnsOf: (readonly (readonly Node[])[])[] = [];
  const axesOf: AxisSet[] = [];
  for (const { number, values: own } of new Set(values)) {
    columnsOf[number] = own.inputs.map((name) => atPoint.get(stage.needs[name])!);
    axesOf[number] = sets.of(own.axes);
  }
  const make = (point: Point, index: number): Node => {
    const own = values[index];
    let axes = axesOf[own.number];
    const inputs = columnsOf[own.number].map((column) => column[index]);
    for (const source of inputs) axes = sets.union(axes, source.axes);
    return create({ key, stage, placed: own, inputs, axes }, point);
  };

  const sequences = new NumberSequences(Math.max(nodes.length, values.length));
  const known: Node[] = [];
  return points.points.map((point, index) => {
    const own = values[index];
    let id = sequences.next(NumberSequences.START, own.number);
    for (const column of columnsOf[own.number]) id = sequences.next(id, column[index].number);
    known[id] ??= make(point, index);
    return known[id];
  });
}

/** One step for all points that agree on the axes it does not collect over; each distinct artifact is an input once. */
function buildCollecting(
  { key, stage, pipeline, points, values, atPoint, sets, create }: Build,
  possible: ReadonlySet<string>,
): Node[] {
  const groupOf = projectPoint(points, pipeline.axes, possible);
  const groups = new Map<number, number[]>();
  const groupAt = points.numbers.map((numbers, index) => {
    const group = groupOf(numbers);
    const members = groups.get(group);
    if (members) members.push(index);
    else groups.set(group, [index]);
    return group;
  });
  const nodeOf = new Map<number, Node>();
  const known = new Map<string, Node>();
  for (const [group, indices] of groups) {
    const own = values[indices[0]];
    const inputs = own.values.inputs.map((name) => {
      const there = atPoint.get(stage.needs[name])!;
      return { nodes: [...new Set(indices.map((index) => there[index]))], missing: stage.missing };
    });
    const id = [[own], ...inputs.map(({ nodes }) => nodes)]
      .map((some) => some.map(({ number }) => number).join())
      .join(';');
    let node = known.get(id);
    if (!node) {
      const dependent = new Set(own.values.axes);
      for (const { nodes } of inputs)
        for (const { axes } of nodes)
          for (const axis of axes.names) if (possible.has(axis)) dependent.add(axis);
      const parts = { key, stage, placed: own, inputs, axes: sets.of(dependent) };
      node = create(parts, points.points[indices[0]]);
      known.set(id, node);
    }
    nodeOf.set(group, node);
  }
  return groupAt.map((group) => nodeOf.get(group)!);
}

interface NodeParts {
  readonly key: string;
  readonly stage: StageSpec;
  readonly placed: PlacedValues;
  readonly inputs: Node['inputs'];
  readonly axes: AxisSet;
}

/** Hash of stage, identity, seed and the inputs' structural keys. */
function structuralKeyOf({ placed, inputs }: Node): Digest {
  const structure = inputs.map((input, at): [string, Json] => [
    placed.values.inputs[at],
    input instanceof Node
      ? input.structuralKey
      : input.nodes.map((node) => ({ point: node.point, key: node.structuralKey })),
  ]);
  return digestOf('step', { values: placed.values.digest, inputs: Object.fromEntries(structure) });
}
