import { type Network, networkShapes, type ParameterShape, type Weights } from '../core/network.ts';
import type { TrainableState } from '../core/trainable.ts';
import type { Moments } from './adam.ts';

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

export function parametersOf(network: Network): ParameterShape[] {
  return networkShapes(network).flatMap((layer) => layer.parameters);
}

/** @throws RangeError naming the first parameter that is missing or has another size. */
export function checkWeights(parameters: readonly ParameterShape[], weights: Weights): void {
  for (const { name, shape } of parameters) {
    const values = weights.get(name);
    if (!values) throw new RangeError(`the weights lack ${name}`);
    if (values.length !== sizeOf(shape)) {
      throw new RangeError(`${name} has ${values.length} values where ${shape.join('×')} are expected`);
    }
  }
}

/** Splits a state's moments into the network's own and those of further parameters. */
export function splitMoments(parameters: readonly ParameterShape[], state: TrainableState) {
  const own = new Map<string, Moments>();
  const further: [string, Moments][] = [];
  const names = new Set(parameters.map(({ name }) => name));
  for (const [name, first] of state.firstMoments) {
    const second = state.secondMoments.get(name);
    if (!second || second.length !== first.length) {
      throw new RangeError(`the state's moments of ${name} do not belong together`);
    }
    if (names.has(name)) own.set(name, { first, second });
    else further.push([name, { first, second }]);
  }
  checkWeights(parameters, new Map([...own].map(([name, { first }]) => [name, first])));
  return { own, further };
}

export function joinState(
  step: number,
  weights: Weights,
  moments: Iterable<[string, Moments]>,
): TrainableState {
  const firstMoments = new Map<string, Float32Array>();
  const secondMoments = new Map<string, Float32Array>();
  for (const [name, { first, second }] of moments) {
    firstMoments.set(name, first);
    secondMoments.set(name, second);
  }
  return { step, weights, firstMoments, secondMoments };
}
