import { type Network, networkShapes, type ParameterShape, type Weights } from '../core/network.ts';
import type { Random } from '../core/random.ts';

/**
 * Weights to start from: kernels uniform in ±√(6 / (fanIn + fanOut)) (Glorot and Bengio 2010), biases
 * zero. Every parameter has a generator of its own by its name, so that a layer's weights do not depend
 * on the layers before it.
 */
export function initialWeights(network: Network, random: Random): Weights {
  const parameters = networkShapes(network).flatMap((layer) => layer.parameters);
  return new Map(
    parameters.map((parameter) => [parameter.name, initialValues(parameter, random.fork(parameter.name))]),
  );
}

function initialValues({ role, shape, fanIn, fanOut }: ParameterShape, random: Random): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (role === 'bias') return values;
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return values.map(() => (2 * random.next() - 1) * limit);
}
