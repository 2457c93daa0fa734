import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { version } from '@itk-wasm/elastix';
import type { Raster } from '../raster.ts';

export interface ElastixRequest {
  /** elastix's parameter file as data. */
  readonly parameters: { readonly [name: string]: readonly string[] };
  readonly fixed: Raster;
  readonly moving: Raster;
  /** Millimetres from row to row and from column to column, of both. */
  readonly spacing: readonly [number, number];
}

export interface ElastixTransform {
  readonly TransformParameters: readonly string[];
  readonly CenterOfRotationPoint: readonly string[];
}

export type ElastixOutcome =
  | { readonly transform: ElastixTransform }
  /** What it said when it gave up. */
  | { readonly problem: string };

/**
 * Runs elastix. The package's own `elastixNode` unpacks and compiles 13 MB at every call, prints to the
 * console where elastix gives up, and throws the address of a C++ exception then. Here the program is
 * compiled once a process, each call has a fresh instance of it (its results depend on nothing earlier),
 * and giving up is a value.
 */
export async function runElastix(request: ElastixRequest): Promise<ElastixOutcome> {
  const { parameters, fixed, moving, spacing } = request;
  let said = '';
  const program = await startElastix((text) => {
    said += text;
  });
  giveText(program, 0, JSON.stringify([parameters]));
  giveImage(program, 1, toItk(fixed, spacing));
  giveImage(program, 2, toItk(moving, spacing));
  try {
    const status = program.callMain([...OUTPUTS, '--memory-io', '--fixed', '1', '--moving', '2']);
    if (status !== 0) return { problem: lastLine(said) };
  } catch (thrown) {
    return { problem: thrown instanceof Error ? thrown.message : lastLine(said) };
  }
  const [transform] = takeJson(program, 2) as ElastixTransform[];
  return { transform };
}

/** Parameters come in as 0; picture, transformation and parameters found go out as 0, 1 and 2. */
const OUTPUTS = ['0', '0', '1', '2'];

/** What was tried; the program's interface is the package's own, and another release may change it. */
const KNOWN_VERSION = '1.0.1';

/** An Emscripten program with ITK-Wasm's memory interface: what of it is used here. */
interface Program {
  readonly HEAPU8: Uint8Array;
  ccall(name: string, result: 'number', types: readonly 'number'[], values: readonly number[]): number;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, address: number, sizeBytes: number): void;
  callMain(args: string[]): number;
}

interface ProgramOptions {
  instantiateWasm(imports: object, receive: (instance: object, module: object) => void): object;
  stdout(byte: number | null): void;
  stderr(byte: number | null): void;
}

// TypeScript has the types of WebAssembly only together with those of a browser.
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  Instance: new (module: object, imports: object) => { exports: object };
};

interface Compiled {
  readonly module: object;
  readonly start: (options: ProgramOptions) => Promise<Program>;
}

let compiled: Promise<Compiled> | null = null;

async function startElastix(hear: (text: string) => void): Promise<Program> {
  compiled ??= compileElastix();
  const { module, start } = await compiled;
  return start({
    instantiateWasm(imports, receive) {
      const instance = new WebAssembly.Instance(module, imports);
      receive(instance, module);
      return instance.exports;
    },
    stdout: () => {},
    stderr: (byte) => {
      if (byte !== null) hear(String.fromCharCode(byte));
    },
  });
}

async function compileElastix(): Promise<Compiled> {
  if (version !== KNOWN_VERSION) throw new Error(`@itk-wasm/elastix ${version}, known is ${KNOWN_VERSION}`);
  const ownRequire = createRequire(import.meta.url);
  const entry = ownRequire.resolve('@itk-wasm/elastix');
  const itkRequire = createRequire(createRequire(entry).resolve('itk-wasm'));
  const { ZSTDDecoder } = itkRequire('@thewtex/zstddec') as { ZSTDDecoder: new () => Decoder };
  const decoder = new ZSTDDecoder();
  await decoder.init();
  const program = join(dirname(entry), 'pipelines', 'elastix');
  const packed = await readFile(`${program}.wasm.zst`);
  const module = await WebAssembly.compile(decoder.decode(new Uint8Array(packed)));
  const { default: start } = (await import(pathToFileURL(`${program}.js`).href)) as {
    default: Compiled['start'];
  };
  return { module, start };
}

interface Decoder {
  init(): Promise<void>;
  decode(packed: Uint8Array): Uint8Array;
}

function toItk({ pixels, height, width }: Raster, [down, across]: readonly [number, number]) {
  return {
    imageType: { dimension: 2, componentType: 'float32', pixelType: 'Scalar', components: 1 },
    name: '',
    origin: [0, 0],
    spacing: [across, down],
    direction: Float64Array.of(1, 0, 0, 1),
    size: [width, height],
    metadata: [],
    data: pixels,
  };
}

function giveImage(program: Program, input: number, image: ReturnType<typeof toItk>): void {
  const data = putArray(program, { input, part: 0, bytes: bytesOf(image.data) });
  const direction = putArray(program, { input, part: 1, bytes: bytesOf(image.direction) });
  giveJson(program, input, { ...image, data, direction });
}

function giveText(program: Program, input: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  giveJson(program, input, { size: bytes.length, data: putArray(program, { input, part: 0, bytes }) });
}

/** Returns where it lies, as the program wants to be told. */
function putArray(
  program: Program,
  { input, part, bytes }: { input: number; part: number; bytes: Uint8Array },
): string {
  const address = call(program, 'itk_wasm_input_array_alloc', [0, input, part, bytes.length]);
  program.HEAPU8.set(bytes, address);
  return `data:application/vnd.itk.address,0:${address}`;
}

function giveJson(program: Program, input: number, value: object): void {
  const text = JSON.stringify(value);
  const sizeBytes = program.lengthBytesUTF8(text) + 1;
  program.stringToUTF8(text, call(program, 'itk_wasm_input_json_alloc', [0, input, sizeBytes]), sizeBytes);
}

function takeJson(program: Program, output: number): unknown {
  const address = call(program, 'itk_wasm_output_array_address', [0, output, 0]);
  const sizeBytes = call(program, 'itk_wasm_output_array_size', [0, output, 0]);
  return JSON.parse(new TextDecoder().decode(program.HEAPU8.slice(address, address + sizeBytes)));
}

/** All these functions take and give 32-bit numbers; addresses have no sign. */
function call(program: Program, name: string, values: readonly number[]): number {
  const types = values.map(() => 'number' as const);
  return program.ccall(name, 'number', types, values) >>> 0;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'gave up, as it does where too little of the pictures overlaps';
}
