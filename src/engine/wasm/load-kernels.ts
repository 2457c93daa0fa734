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
  Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  Instance: new (module: WasmModule, imports: { env: { memory: WasmMemory } }) => { exports: object };
};

const PAGE_BYTES = 65_536;
const MAXIMUM_PAGES = 65_536;
const compiled = new Map<string, Promise<WasmModule>>();

/** Compiles `kernels.wasm` once a process; `source` is its path or URL, or its bytes. */
export function compileKernels(source: string | URL | Uint8Array): Promise<WasmModule> {
  if (source instanceof Uint8Array) return WebAssembly.compile(source);
  let module = compiled.get(String(source));
  if (!module) {
    module = readKernels(source).then((bytes) => WebAssembly.compile(bytes));
    compiled.set(String(source), module);
  }
  return module;
}

async function readKernels(source: string | URL): Promise<Buffer> {
  const { readFile } = await import('node:fs/promises'); // a browser, which has none, hands over bytes
  return readFile(source);
}

/** The same for memory that threads share; `source` is its path. */
export async function compileSharedKernels(source: string): Promise<WasmModule> {
  return WebAssembly.compile(importShared(await readKernels(source)));
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

/** Zeros, at least `bytes` of them; `shared` where threads are to work on it. */
export function createMemory(bytes: number, shared = false): WasmMemory {
  const initial = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
  return new WebAssembly.Memory(shared ? { initial, maximum: MAXIMUM_PAGES, shared } : { initial });
}

// `kernels.wasm` imports one memory of at least one page: kind 2, limits without a maximum. A shared memory
// needs another flag and a maximum there (WebAssembly threads proposal, "limits"), and nothing else.
const OWN_IMPORT = [1, 3, ...bytesOf('env'), 6, ...bytesOf('memory'), 2, 0, 1];
const SHARED_LIMITS = [3, 1, 0x80, 0x80, 0x04]; // at least 1, at most 65536 pages in LEB128

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The module with its memory import declared shared. @throws Error where that import is not as built. */
function importShared(module: Buffer): Buffer {
  const section = Buffer.from([2, OWN_IMPORT.length, ...OWN_IMPORT]);
  const at = module.indexOf(section);
  if (at < 0) throw new Error('the kernels do not import one memory as scripts/build-kernels.mjs has it');
  const content = [...OWN_IMPORT.slice(0, -2), ...SHARED_LIMITS];
  const end = at + section.length;
  return Buffer.concat([
    module.subarray(0, at),
    Buffer.from([2, content.length, ...content]),
    module.subarray(end),
  ]);
}
