// Adam (Kingma and Ba 2015, section 2, last paragraph: the efficient order of computation, as Keras
// and TensorFlow have it), where ε stands outside the root and is not corrected for bias:
// w −= lr·√(1−β₂ᵗ)/(1−β₁ᵗ) · m/(√v + ε).
import { pow } from '../core/pinned-math.ts';
import type { AdamSettings, FurtherParameter } from '../core/trainable.ts';

/** The step's length with both corrections, for step t = 1, 2, …; float32. */
export function stepLength(adam: AdamSettings, step: number): number {
  const correction = Math.sqrt(1 - pow(adam.beta2, step)) / (1 - pow(adam.beta1, step));
  return Math.fround(adam.learningRate * correction);
}

export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** One step on a parameter that lives on the host, in float32 like the engine's own. */
export function updateOnHost(
  parameter: FurtherParameter,
  moments: Moments,
  adam: AdamSettings,
  length: number,
): void {
  const { values, gradient } = parameter;
  const { first, second } = moments;
  const { fround } = Math;
  const beta1 = fround(adam.beta1);
  const beta2 = fround(adam.beta2);
  const rest1 = fround(1 - adam.beta1);
  const rest2 = fround(1 - adam.beta2);
  const epsilon = fround(adam.epsilon);
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i];
    const m = fround(fround(beta1 * first[i]) + fround(rest1 * g));
    const v = fround(fround(beta2 * second[i]) + fround(rest2 * fround(g * g)));
    first[i] = m;
    second[i] = v;
    values[i] = fround(values[i] - fround(fround(length * m) / fround(fround(Math.sqrt(v)) + epsilon)));
  }
}

/** Moments of the further parameters, by name; a parameter seen for the first time starts at zero. */
export class FurtherMoments {
  private readonly moments = new Map<string, Moments>();

  update(parameters: readonly FurtherParameter[], adam: AdamSettings, length: number): void {
    for (const parameter of parameters) {
      const size = parameter.values.length;
      if (parameter.gradient.length !== size) {
        throw new RangeError(
          `${parameter.name} has ${size} values and a gradient of ${parameter.gradient.length}`,
        );
      }
      let moments = this.moments.get(parameter.name);
      if (!moments) {
        moments = { first: new Float32Array(size), second: new Float32Array(size) };
        this.moments.set(parameter.name, moments);
      }
      updateOnHost(parameter, moments, adam, length);
    }
  }

  /** Copies of all moments. */
  entries(): [string, Moments][] {
    return [...this.moments].map(([name, { first, second }]) => [
      name,
      { first: first.slice(), second: second.slice() },
    ]);
  }

  restore(entries: Iterable<[string, Moments]>): void {
    this.moments.clear();
    for (const [name, { first, second }] of entries) {
      this.moments.set(name, { first: first.slice(), second: second.slice() });
    }
  }
}
