// Where weights, moments, gradients and their partial sums lie.
import type { ParameterShape } from '../../core/network.ts';
import { sizeOf } from '../parameters.ts';
import { align, type MemoryPlan } from './memory-plan.ts';

/**
 * A batch's gradient is this many sums over consecutive parts of the batch, added in a fixed order: so
 * its bytes do not depend on how many threads compute the parts.
 */
export const PARTIAL_SUMS = 4;

export interface PlacedParameter {
  readonly shape: ParameterShape;
  readonly half: 'encoder' | 'decoder';
  /** Floats from the beginning of every array of parameters. */
  readonly offset: number;
  readonly count: number;
  /** As a matrix [rows, columns], columns along the last axis. */
  readonly rows: number;
  readonly columns: number;
  /** Address of the first partial sum, in panels [⌈columns/8⌉][rows][8]. */
  readonly sum: number;
}

/** A half of the network: its parameters lie one behind the other. */
export interface Range {
  readonly offset: number;
  /** A multiple of 4, which is what Adam takes at a time; what fills it up stays zero. */
  readonly count: number;
}

export interface ParameterPlaces {
  readonly parameters: readonly PlacedParameter[];
  readonly byName: ReadonlyMap<string, PlacedParameter>;
  readonly ranges: Readonly<Record<'encoder' | 'decoder', Range>>;
  readonly weights: number;
  readonly gradients: number;
  readonly first: number;
  readonly second: number;
  readonly sums: number;
  readonly partialBytes: number;
}

export function placeParameters(shapes: readonly ParameterShape[], memory: MemoryPlan): ParameterPlaces {
  let floats = 0;
  let partialBytes = 0;
  const ranges = { encoder: { offset: 0, count: 0 }, decoder: { offset: 0, count: 0 } };
  const relative: PlacedParameter[] = [];
  for (const half of ['encoder', 'decoder'] as const) {
    const offset = floats;
    for (const shape of shapes.filter(({ name }) => name.startsWith(`${half}.`))) {
      const count = sizeOf(shape.shape);
      const columns = shape.shape.at(-1)!;
      const rows = count / columns;
      relative.push({ shape, half, offset: floats, count, rows, columns, sum: partialBytes });
      floats += count;
      partialBytes = align(partialBytes + Math.ceil(columns / 8) * rows * 32);
    }
    floats = Math.ceil(floats / 4) * 4;
    ranges[half] = { offset, count: floats - offset };
  }
  const array = () => memory.reserve(floats * 4);
  const [weights, gradients, first, second] = [array(), array(), array(), array()];
  const sums = memory.reserve(partialBytes * PARTIAL_SUMS);
  const parameters = relative.map((parameter) => ({ ...parameter, sum: sums + parameter.sum }));
  return {
    parameters,
    byName: new Map(parameters.map((parameter) => [parameter.shape.name, parameter])),
    ranges,
    weights,
    gradients,
    first,
    second,
    sums,
    partialBytes,
  };
}
