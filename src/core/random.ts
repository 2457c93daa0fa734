import { createHash } from 'node:crypto';
import { cos, log } from './pinned-math.ts';

/** Everything a generator is; plain numbers, so that a checkpoint can hold it. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  /** The second value of the last Box–Muller pair, where one waits. */
  readonly spareNormal: number | null;
}

/** Seeded random numbers: the same seed gives the same sequence on every machine and Node. */
export interface Random {
  /** Uniform in [0, 1), 53 random bits. */
  next(): number;
  /** Uniform among 0 … bound − 1, without modulo bias. `bound` in 1 … 2³². */
  integer(bound: number): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** A permutation of 0 … count − 1 (Fisher–Yates). */
  permutation(count: number): Uint32Array;
  /** An independent generator, decided by this one's seed and the label alone, not by what was drawn. */
  fork(label: string): Random;
  state(): RandomState;
  restore(state: RandomState): void;
}

/** @param seed any text; a step's seed is 64 hexadecimal digits. */
export function createRandom(seed: string): Random {
  return new Xoshiro128(seed);
}

/** The seed of a step: decided by the pipeline's seed and the stage's kind, so that equal steps stay equal. */
export function deriveSeed(pipelineSeed: number | string, stageKind: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['clade-seed', pipelineSeed, stageKind]))
    .digest('hex');
}

/** xoshiro128** 1.1 (Blackman and Vigna 2018), seeded by SHA-256 of the seed's text. */
class Xoshiro128 implements Random {
  private s: [number, number, number, number];
  private spare: number | null = null;

  constructor(private readonly seed: string) {
    const hash = createHash('sha256').update('clade-random:').update(seed).digest();
    // All four words zero would be a fixed point; SHA-256 does not give that for any seed one can find.
    this.s = [hash.readUInt32LE(0), hash.readUInt32LE(4), hash.readUInt32LE(8), hash.readUInt32LE(12)];
  }

  private word(): number {
    const s = this.s;
    const scrambled = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 11);
    return scrambled;
  }

  next(): number {
    const high = this.word() >>> 5;
    const low = this.word() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  integer(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound);
    let word = this.word();
    while (word >= limit) word = this.word();
    return word % bound;
  }

  normal(): number {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * log(1 - this.next()));
    const turn = this.next();
    this.spare = radius * cos(2 * Math.PI * (turn - 0.25)); // sin(x) = cos(x − π/2)
    return radius * cos(2 * Math.PI * turn);
  }

  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, index) => index);
    for (let last = count - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = order[last];
      order[last] = order[other];
      order[other] = kept;
    }
    return order;
  }

  fork(label: string): Random {
    return new Xoshiro128(JSON.stringify([this.seed, label]));
  }

  state(): RandomState {
    const [a, b, c, d] = this.s;
    return { words: [a >>> 0, b >>> 0, c >>> 0, d >>> 0], spareNormal: this.spare };
  }

  restore(state: RandomState): void {
    this.s = [...state.words];
    this.spare = state.spareNormal;
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
