import { readFile } from 'node:fs/promises';
import type { Kernels } from './operations.ts';

// TypeScript has the types of WebAssembly only together with those of a browser.
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}
export interface WasmMemory {
  /** Another one after the memory has grown. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  Memory: new (limits: { initial: number; maximum?: number }) => WasmMemory;
  Instance: new (module: WasmModule, imports: { env: { memory: WasmMemory } }) => { exports: object };
};

const PAGE_BYTES = 65_536;
const compiled = new Map<string, Promise<WasmModule>>();

/** Compiles `kernels.wasm` once a process; `source` is its path or its bytes. */
export function compileKernels(source: string | Uint8Array): Promise<WasmModule> {
  if (typeof source !== 'string') return WebAssembly.compile(source);
  let module = compiled.get(source);
  if (!module) {
    module = readFile(source).then((bytes) => WebAssembly.compile(bytes));
    compiled.set(source, module);
  }
  return module;
}

/** The kernels on a memory: tfjs's, or one of the caller's own. */
export function instantiateKernels(module: WasmModule, memory: WasmMemory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels;
}

/** Grows a memory to at least `bytes`, never shrinks it. @throws RangeError where there is no more. */
export function growMemory(memory: WasmMemory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing > 0) memory.grow(missing);
}

/** Zeros, at least `bytes` of them. */
export function createMemory(bytes: number): WasmMemory {
  return new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE_BYTES)) });
}
