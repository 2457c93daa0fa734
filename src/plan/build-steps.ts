import { digestOf } from '../core/digest.ts';
import type { Json } from '../core/json.ts';
import type { StageSpec } from '../core/pipeline.ts';
import type { Point } from '../core/plan.ts';
import { walkGraph } from '../spec/find-cycles.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import type { Points } from './enumerate-points.ts';
import { type EvaluatedStages, type PlacedValues, projectPoint } from './evaluate-points.ts';

/** A step before it has an id. */
export interface Node {
  readonly key: string;
  readonly uses: string;
  readonly values: PlacedValues;
  readonly inputs: { readonly [name: string]: NodeInput };
  readonly structuralKey: string;
  /** The axes it depends on, with its values there; in the order of the file. */
  readonly point: Point;
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
    const made = new Map<string, Node>();
    const keep = (node: Node): Node => {
      const equal = made.get(node.structuralKey);
      if (equal) return equal;
      made.set(node.structuralKey, node);
      nodes.push(node);
      return node;
    };
    const build = { key, stage, pipeline, points, values, atPoint, keep };
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
  /** The node itself, or the one made before that equals it. */
  readonly keep: (node: Node) => Node;
}

/** A step is its own values and the steps it takes its inputs from: equal ones are found by these alone. */
function buildOrdinary({ key, stage, pipeline, points, values, atPoint, keep }: Build): Node[] {
  const serials = new Map<PlacedValues | Node, number>();
  const serialOf = (thing: PlacedValues | Node): number => {
    const serial = serials.get(thing) ?? serials.size;
    serials.set(thing, serial);
    return serial;
  };
  const known = new Map<string, Node>();
  // The inputs that apply are decided by the values: each has its columns looked up once.
  const columnsOf = new Map<PlacedValues, readonly (readonly Node[])[]>();
  return points.points.map((point, index) => {
    const own = values[index];
    let columns = columnsOf.get(own);
    if (!columns) {
      columns = own.inputs.map((name) => atPoint.get(stage.needs[name])!);
      columnsOf.set(own, columns);
    }
    let id = String(serialOf(own));
    for (const column of columns) id += `,${serialOf(column[index])}`;
    let node = known.get(id);
    if (!node) {
      const sources = columns.map((column) => column[index]);
      const inputs = own.inputs.map((name, input): [string, NodeInput] => [
        name,
        { kind: 'one', node: sources[input] },
      ]);
      const axes = new Set(own.axes);
      for (const source of sources) for (const axis in source.point) axes.add(axis);
      node = keep(
        createNode({ key, stage, values: own, inputs, point: restrict(point, pipeline.axes, axes) }),
      );
      known.set(id, node);
    }
    return node;
  });
}

/** One step for all points that agree on the axes it does not collect over; each distinct artifact is an input once. */
function buildCollecting(
  { key, stage, pipeline, points, values, atPoint, keep }: Build,
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
  for (const [group, indices] of groups) {
    const own = values[indices[0]];
    const inputs = own.inputs.map((name): [string, NodeInput & { kind: 'collected' }] => {
      const there = atPoint.get(stage.needs[name])!;
      const nodes = [...new Set(indices.map((index) => there[index]))];
      return [name, { kind: 'collected', nodes, missing: stage.missing }];
    });
    const dependent = new Set(own.axes);
    for (const [, { nodes }] of inputs) {
      for (const { point } of nodes)
        for (const axis of Object.keys(point)) if (axes.has(axis)) dependent.add(axis);
    }
    const point = restrict(points.points[indices[0]], pipeline.axes, dependent);
    nodeOf.set(group, keep(createNode({ key, stage, values: own, inputs, point })));
  }
  return groupAt.map((group) => nodeOf.get(group)!);
}

interface NodeParts {
  readonly key: string;
  readonly stage: StageSpec;
  readonly values: PlacedValues;
  readonly inputs: readonly [string, NodeInput][];
  readonly point: Point;
}

function createNode({ key, stage, values, inputs, point }: NodeParts): Node {
  const structure = inputs.map(([name, input]): [string, Json] => [
    name,
    input.kind === 'one'
      ? input.node.structuralKey
      : input.nodes.map((node) => ({ point: node.point, key: node.structuralKey })),
  ]);
  return {
    key,
    uses: stage.uses,
    values,
    inputs: Object.fromEntries(inputs),
    structuralKey: digestOf('step', { values: values.digest, inputs: Object.fromEntries(structure) }),
    point,
  };
}

function restrict(point: Point, order: readonly string[], axes: ReadonlySet<string>): Point {
  const part: { [axis: string]: Json } = {};
  for (const axis of order) if (axes.has(axis)) part[axis] = point[axis];
  return part;
}
