// What every thread of a compiled network does with a job: takes the next unit of it until none is left.
// These functions travel to the threads as text (crew.ts), so they use nothing from outside themselves.
import type { Kernels } from '../wasm/operations.ts';
import type { Program } from './compile-network.ts';

/**
 * Words of the control block, at its beginning in memory. `generation` wakes parked threads; `pending`
 * counts those still at work; `next` is the unit to be taken next.
 */
export const CONTROL = {
  generation: 0,
  pending: 1,
  next: 2,
  failed: 3,
  stop: 4,
  kind: 5,
  count: 6,
  decodes: 7,
  prepared: 8,
  inputs: 9,
  results: 10,
  errors: 11,
} as const;
export const CONTROL_BYTES = 64;

/** Kinds of jobs. `prepare` embeds a batch into its batch-wide places; units of `gradients` are partial sums. */
export const JOB = { prepare: 0, gradients: 1, embed: 2, reconstruct: 3, errors: 4 } as const;

/** Where one thread finds its programs and buffers, and how samples are grouped: plain data. */
export interface Post {
  readonly control: number;
  readonly encode: Program;
  readonly decode: Program;
  readonly compare: Program;
  readonly decodeBackward: Program;
  readonly join: Program;
  readonly encodeBackward: Program;
  /** Address of the word that says where `encode` takes images from, and the thread's own staging place. */
  readonly imagesFromAt: number;
  readonly staging: number;
  /** First batch-wide place of the batch, and the first of those that are this thread's own. */
  readonly batchAt: number;
  readonly firstSlot: number;
  readonly sampleBytes: number;
  readonly partialBytes: number;
  readonly partialSums: number;
  readonly group: number;
  readonly imageBytes: number;
  readonly embeddingBytes: number;
  /** Within a batch-wide place. */
  readonly embeddingAt: number;
  readonly errorAt: number;
  readonly outputAt: number;
}

/** Puts images first … first + count − 1 into the thread's staging place. Absent: they wait at `inputs`. */
export type FillStaging = (first: number, count: number) => void;

/** Takes units until none is left. Which thread takes which decides nothing: each unit has places of its own. */
export function work(post: Post, kernels: Kernels, memory: ArrayBuffer, fill?: FillStaging): void {
  const control = new Int32Array(memory, post.control, 16);
  const words = new Int32Array(memory);
  const [kind, count, decodes, prepared] = [control[5], control[6], control[7], control[8]];
  const [inputs, results, errors] = [control[9], control[10], control[11]];
  const run = ({ at, end }: Program, slot: number, samples: number, partial: number) =>
    kernels.run(at, end, post.batchAt + slot * post.sampleBytes, samples, partial * post.partialBytes);
  const encode = (first: number, samples: number, slot: number) => {
    words[post.imagesFromAt / 4] = fill ? post.staging : inputs + first * post.imageBytes;
    fill?.(first, samples);
    run(post.encode, slot, samples, 0);
  };
  const placeOf = (slot: number) => post.batchAt + slot * post.sampleBytes;
  const copy = (from: number, to: number, bytes: number) => kernels.copyRows(from, 0, to, 0, 1, bytes);
  const keepErrors = (first: number, samples: number, slot: number) => {
    for (let i = 0; i < samples; i++) copy(placeOf(slot + i) + post.errorAt, errors + (first + i) * 8, 8);
  };

  const differentiate = (partial: number) => {
    // Parts as equal as they can be, in the batch's order.
    const end = Math.floor(((partial + 1) * count) / post.partialSums);
    for (let first = Math.floor((partial * count) / post.partialSums); first < end; first += post.group) {
      const samples = Math.min(post.group, end - first);
      const slot = prepared ? first : post.firstSlot;
      if (!prepared) encode(first, samples, slot);
      if (decodes) {
        run(post.decode, slot, samples, partial);
        run(post.compare, slot, samples, partial);
        keepErrors(first, samples, slot);
        run(post.decodeBackward, slot, samples, partial);
      }
      run(post.join, slot, samples, partial);
      run(post.encodeBackward, slot, samples, partial);
    }
  };
  const infer = (group: number) => {
    const first = group * post.group;
    const samples = Math.min(post.group, count - first);
    const slot = kind === 0 ? first : post.firstSlot;
    encode(first, samples, slot);
    if (kind === 2) {
      for (let i = 0; i < samples; i++) {
        const to = results + (first + i) * post.embeddingBytes;
        copy(placeOf(slot + i) + post.embeddingAt, to, post.embeddingBytes);
      }
    }
    if (kind >= 3) run(post.decode, slot, samples, 0);
    // The output is nobody's input, so it has no halo.
    if (kind === 3) copy(post.outputAt, results + first * post.imageBytes, samples * post.imageBytes);
    if (kind === 4) {
      run(post.compare, slot, samples, 0);
      keepErrors(first, samples, slot);
    }
  };

  const units = kind === 1 ? post.partialSums : Math.ceil(count / post.group);
  for (let unit = Atomics.add(control, 2, 1); unit < units; unit = Atomics.add(control, 2, 1)) {
    if (kind === 1) differentiate(unit);
    else infer(unit);
  }
}
