// Where activations and their gradients lie, and with how many zeros around them.
import {
  forwardHalo,
  type Halo,
  inputGradientHalo,
  NO_HALO,
  Picture,
  widestHalo,
} from '../wasm/convolution-plan.ts';
import { type Placed, SLACK_BYTES } from '../wasm/operations.ts';
import { align, type MemoryPlan } from './memory-plan.ts';
import { type Pass, size } from './pass-layers.ts';

/** Samples that go through the network together. More share more loads of weights; fewer stay in the cache. */
export const GROUP = 4;

export interface ValuePlaces {
  /** By boundary. Those up to the embedding have a place for every sample of the batch: they wait for its loss. */
  readonly activations: readonly Placed[];
  /** By boundary; none for the input. */
  readonly gradients: readonly (Placed | null)[];
  /** Images of a group as they come, without halo. */
  readonly staging: number;
  /** Within a sample's batch-wide place: the loss's gradient at the embedding, and the squared error (float64). */
  readonly outer: number;
  readonly error: number;
  /** Of a sample's batch-wide place. */
  readonly sampleBytes: number;
}

export function placeValues(pass: Pass, memory: MemoryPlan): ValuePlaces {
  const halos = halosOf(pass);
  const picturesOf = (kind: readonly Halo[]) =>
    pass.boundaries.map(({ extent }, index) => new Picture(...extent, kind[index]));
  const activationPictures = picturesOf(halos.activations);
  const gradientPictures = picturesOf(halos.gradients);

  let sampleBytes = 0;
  const withinSample = (bytes: number): number => {
    const at = sampleBytes;
    sampleBytes = align(at + bytes + SLACK_BYTES);
    return at;
  };
  const local = (picture: Picture): Placed => {
    const bytes = picture.sampleFloats * 4;
    return { at: memory.reserve(bytes * GROUP), sampleBytes: bytes, picture, batchWide: false };
  };

  const activations: Placed[] = [];
  activationPictures.forEach((picture, index) => {
    const before = activations[index - 1];
    const batchWide = index <= pass.embedding;
    if (before?.batchWide === batchWide && sharesMemory(pass, index, before.picture, picture)) {
      activations.push({ ...before, picture });
    } else if (batchWide) {
      activations.push({ at: withinSample(picture.sampleFloats * 4), sampleBytes: 0, picture, batchWide });
    } else activations.push(local(picture));
  });

  const gradients: (Placed | null)[] = [null];
  for (let index = 1; index < gradientPictures.length; index++) {
    const picture = gradientPictures[index];
    const before = gradients[index - 1];
    const shared = before && sharesMemory(pass, index, before.picture, picture);
    gradients.push(shared ? { ...before, picture } : local(picture));
  }

  const outer = withinSample(size(pass.boundaries[pass.embedding].extent) * 4);
  const error = withinSample(8);
  const staging = memory.reserve(size(pass.boundaries[0].extent) * 4 * GROUP);
  return {
    activations: activations.map((placed) => (placed.batchWide ? { ...placed, sampleBytes } : placed)),
    gradients,
    staging,
    outer,
    error,
    sampleBytes,
  };
}

/** Whether boundary `index` is the one before it under another shape. */
function sharesMemory(pass: Pass, index: number, before: Picture, picture: Picture): boolean {
  const bare = ({ halo }: Picture) => Object.values(halo).every((rows) => rows === 0);
  return pass.layers[index - 1].kind === 'rearranging' && bare(before) && bare(picture);
}

/** A halo must do for everyone who reads a window of the picture: the forward pass and both gradients. */
function halosOf(pass: Pass): { activations: Halo[]; gradients: Halo[] } {
  const activations = pass.boundaries.map(() => NO_HALO);
  const gradients = pass.boundaries.map(() => NO_HALO);
  pass.layers.forEach((layer, index) => {
    if (layer.kind === 'rearranging') return;
    const forward = forwardHalo(layer.shape);
    const backward = inputGradientHalo(layer.shape);
    activations[index] = widestHalo([activations[index], layer.transposed ? backward : forward]);
    gradients[index + 1] = widestHalo([gradients[index + 1], layer.transposed ? forward : backward]);
  });
  return { activations, gradients };
}
