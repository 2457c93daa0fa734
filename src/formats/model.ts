import { fail } from '../core/failure.ts';
import type { Json } from '../core/json.ts';
import { type Layer, type Network, NetworkShapeError, networkShapes, type Weights } from '../core/network.ts';
import { readArtifactFile, readJsonFile, writeArtifactFile, writeJsonFile } from './artifact-file.ts';
import { readNpyAs, writeNpy } from './npy.ts';
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';

export interface Model {
  readonly network: Network;
  readonly weights: Weights;
}

/** Centres of clusters, [count, size], row-major. */
export interface Centres {
  readonly values: Float32Array;
  readonly count: number;
  /** Length of the embedding. */
  readonly size: number;
}

const NETWORK_FILE = 'network.json';
const WEIGHTS_FILE = 'weights.safetensors';
const CENTRES_FILE = 'centres.npy';

/** Writes `network.json` and `weights.safetensors`. @throws RangeError where the weights are not the network's. */
export async function writeModel(folder: string, { network, weights }: Model): Promise<void> {
  const { input, encoder, decoder } = network;
  await writeJsonFile(folder, NETWORK_FILE, { format: 1, input, encoder, decoder } as unknown as Json);
  const tensors = new Map<string, Tensor>();
  for (const { name, shape } of parametersOf(network)) {
    const data = weights.get(name);
    if (!data) throw new RangeError(`no weights for ${name}`);
    tensors.set(name, { data, shape });
  }
  await writeArtifactFile(folder, WEIGHTS_FILE, writeSafetensors({ tensors, metadata: {} }));
}

/** @throws ExpectedFailure bad-input where the files are damaged or the weights are not the network's. */
export async function readModel(folder: string): Promise<Model> {
  const network = await readNetwork(folder);
  const { tensors } = readSafetensors(await readArtifactFile(folder, WEIGHTS_FILE), WEIGHTS_FILE);
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of parametersOf(network)) {
    const tensor = tensors.get(name);
    if (!tensor) fail('bad-input', `${WEIGHTS_FILE}: no weights for ${name}`);
    if (!(tensor.data instanceof Float32Array) || tensor.shape.join() !== shape.join()) {
      fail(
        'bad-input',
        `${WEIGHTS_FILE}: ${name} has shape ${tensor.shape.join('×')}; expected float32 ${shape.join('×')}`,
      );
    }
    weights.set(name, tensor.data);
  }
  const surplus = [...tensors.keys()].filter((name) => !weights.has(name));
  if (surplus.length > 0) fail('bad-input', `${WEIGHTS_FILE}: the network has no ${surplus.join(', ')}`);
  return { network, weights };
}

/** Writes `centres.npy`, float32 [count, size]. */
export async function writeCentres(folder: string, { values, count, size }: Centres): Promise<void> {
  await writeArtifactFile(folder, CENTRES_FILE, writeNpy({ data: values, shape: [count, size] }));
}

/** @throws ExpectedFailure bad-input where the file is missing or no float32 matrix. */
export async function readCentres(folder: string): Promise<Centres> {
  const bytes = await readArtifactFile(folder, CENTRES_FILE);
  const { data, shape } = readNpyAs(bytes, { type: Float32Array, dimensions: 2, what: CENTRES_FILE });
  return { values: data, count: shape[0], size: shape[1] };
}

async function readNetwork(folder: string): Promise<Network> {
  const { input, encoder, decoder } = await readJsonFile(folder, NETWORK_FILE);
  if (!isInput(input) || !isLayers(encoder) || !isLayers(decoder))
    fail('bad-input', `${NETWORK_FILE}: expected input [height, width, channels], encoder and decoder`);
  const network = { input, encoder, decoder };
  try {
    networkShapes(network);
  } catch (error) {
    if (!(error instanceof NetworkShapeError)) throw error;
    fail('bad-input', `${NETWORK_FILE}: ${error.message}`);
  }
  return network;
}

function parametersOf(network: Network): { name: string; shape: readonly number[] }[] {
  return networkShapes(network).flatMap(({ parameters }) => parameters);
}

function isInput(value: unknown): value is Network['input'] {
  return Array.isArray(value) && value.length === 3 && value.every(isSize);
}

function isLayers(value: unknown): value is Layer[] {
  return Array.isArray(value) && value.every(isLayer);
}

/** The fields that shapes are made from; a file of ours has them, one from elsewhere may not. */
function isLayer(value: unknown): value is Layer {
  const layer = (value ?? {}) as { [key: string]: unknown };
  const sizes = (array: unknown, length: number) =>
    Array.isArray(array) && array.length === length && array.every(isSize);
  const isConvolution =
    [layer.filters, layer.kernel, layer.stride].every(isSize) &&
    (layer.padding === 'same' || layer.padding === 'valid');
  switch (layer.kind) {
    case 'conv':
      return isConvolution;
    case 'deconv':
      return isConvolution && sizes(layer.output, 2);
    case 'dense':
      return isSize(layer.units);
    case 'reshape':
      return sizes(layer.shape, 3);
    default:
      return layer.kind === 'flatten';
  }
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
