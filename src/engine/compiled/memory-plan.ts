import { SLACK_BYTES } from '../wasm/operations.ts';

const ALIGNMENT_BYTES = 64; // a cache line

export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

/** Hands out addresses of a memory that does not exist yet, and remembers what must stand where. */
export class MemoryPlan {
  private end: number;
  readonly contents: { readonly at: number; readonly words: readonly number[] | Int32Array }[] = [];

  /** @param start first address to hand out; 0 stays free: in a record it means "none" */
  constructor(start = ALIGNMENT_BYTES) {
    this.end = align(start);
  }

  get bytes(): number {
    return this.end;
  }

  /** Zeros, cache line by cache line, with room behind for the unused lanes of a last panel. */
  reserve(bytes: number): number {
    const at = this.end;
    this.end = align(at + bytes + SLACK_BYTES);
    return at;
  }

  place(words: readonly number[] | Int32Array): number {
    const at = this.reserve(words.length * 4);
    this.contents.push({ at, words });
    return at;
  }
}
