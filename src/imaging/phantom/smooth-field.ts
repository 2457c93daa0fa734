import { cos } from '../../core/pinned-math.ts';
import type { Random } from '../../core/random.ts';

/** A smooth random function of a place in millimetres, about −1.5 … 1.5, root mean square 1/√2 or so. */
export type SmoothField = (x: number, y: number, z: number) => number;

const TABLE_LENGTH = 4096;
/** One turn of the cosine and one entry more; read millions of times a slice, so not computed there. */
const COSINE = Float64Array.from({ length: TABLE_LENGTH + 1 }, (_, index) =>
  cos((2 * Math.PI * index) / TABLE_LENGTH),
);

/**
 * A sum of plane waves in random directions. Its zero set is a network of folds, half a wavelength
 * apart: what sulci look like in a slice.
 * @param wavelengthMm of every wave, ± 25 %.
 */
export function createSmoothField(random: Random, wavelengthMm: number, waves: number): SmoothField {
  // Four numbers a wave: turns per millimetre along x, y, z, and the phase in turns.
  const terms = new Float64Array(4 * waves);
  for (let wave = 0; wave < waves; wave++) {
    const direction = [random.normal(), random.normal(), random.normal()];
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    const turns = 1 / (length * wavelengthMm * (0.75 + 0.5 * random.next()));
    terms.set([...direction.map((value) => value * turns), random.next()], 4 * wave);
  }
  const amplitude = 1 / Math.sqrt(waves);
  return (x, y, z) => {
    let sum = 0;
    for (let at = 0; at < terms.length; at += 4) {
      sum += cosineOfTurns(terms[at] * x + terms[at + 1] * y + terms[at + 2] * z + terms[at + 3]);
    }
    return sum * amplitude;
  };
}

function cosineOfTurns(turns: number): number {
  const place = (turns - Math.floor(turns)) * TABLE_LENGTH;
  const below = Math.floor(place);
  return COSINE[below] + (place - below) * (COSINE[below + 1] - COSINE[below]);
}
