// Our kernels on the memory of tfjs's wasm backend: addresses of tensors, records and scratch.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { instantiateKernels, type WasmMemory, type WasmModule } from './load-kernels.ts';
import type { Kernels } from './operations.ts';

/** What tfjs-backend-wasm 4.22 hands to kernels of its own, and declares private. */
interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
  asm: { memory: WasmMemory };
}

/** Lasts as long as the backend; what it holds is bounded by the number of different shapes computed. */
export class Workspace {
  readonly kernels: Kernels;
  private readonly heap: Heap;
  private readonly kept = new Map<string, unknown>();

  constructor(
    private readonly backend: BackendWasm,
    module: WasmModule,
  ) {
    this.heap = (backend as unknown as { wasm: Heap }).wasm;
    this.kernels = instantiateKernels(module, this.heap.asm.memory);
  }

  /** Address of a tensor's numbers. Memory may grow, but what lies in it stays where it is. */
  addressOf(tensor: TensorInfo): number {
    return (this.backend as unknown as { getMemoryOffset(id: object): number }).getMemoryOffset(
      tensor.dataId,
    );
  }

  makeOutput(shape: number[]): TensorInfo {
    return this.backend.makeOutput(shape, 'float32');
  }

  /** Uninitialised memory. @throws where the wasm memory cannot grow. */
  allocate(bytes: number): number {
    const address = this.heap._malloc(Math.max(bytes, 16)) >>> 0;
    if (address === 0) throw new Error(`tfjs's wasm memory has no ${bytes} bytes left`);
    return address;
  }

  release(address: number): void {
    this.heap._free(address);
  }

  /** Copies words into new memory; returns where they are. */
  place(words: ArrayLike<number>): number {
    const address = this.allocate(words.length * 4);
    this.setWords(address, words);
    return address;
  }

  setWords(address: number, words: ArrayLike<number>): void {
    new Int32Array(this.heap.asm.memory.buffer, address, words.length).set(words);
  }

  /** What was made for this key, or makes it. */
  keep<T>(key: string, make: () => T): T {
    if (!this.kept.has(key)) this.kept.set(key, make());
    return this.kept.get(key) as T;
  }
}
