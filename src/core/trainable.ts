import type { Network, Weights } from './network.ts';

/** Images chosen from one array. The engine may keep an array it has seen on its device; do not write to it. */
export interface Batch {
  /** [count, height, width, channels], row-major. */
  readonly images: Float32Array;
  /** Which images, in this order; absent: all. */
  readonly rows?: Uint32Array;
}

/**
 * A loss on the embedding: given z [n, d] it returns its gradient dL/dz [n, d]. It keeps value and
 * further gradients (centres) to itself, which is what a closure in `ml` is for.
 */
export type EmbeddingGradient = (embedding: Float32Array) => Float32Array;

export interface GradientRequest {
  readonly batch: Batch;
  /** Weight of the reconstruction error (mean over pixels and images); 0 leaves the decoder out. */
  readonly reconstructionWeight: number;
  readonly embeddingGradient?: EmbeddingGradient;
}

/** A parameter that lives outside the network and shares its Adam: centres, for one. */
export interface FurtherParameter {
  readonly name: string;
  /** Updated in place. */
  readonly values: Float32Array;
  readonly gradient: Float32Array;
}

export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}
/** METHODS: Adam 1e-3, β .9 and .999, ε 1e-7 (added outside the root, as Keras does). */
export const ADAM: AdamSettings = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** All that decides the next step: weights, both moments of every parameter, further ones included, the step count. */
export interface TrainableState {
  readonly step: number;
  /** By parameter name. */
  readonly weights: Weights;
  readonly firstMoments: ReadonlyMap<string, Float32Array>;
  readonly secondMoments: ReadonlyMap<string, Float32Array>;
}

/**
 * What an engine makes of a network. Training loops know this alone. One image's result does not
 * depend on its batch (where the engine is not exact: but for its last digits). Every method may read
 * back from a device, so all are asynchronous.
 */
export interface Trainable {
  readonly network: Network;
  /** Embedding [n, d] of the batch. */
  embed(batch: Batch): Promise<Float32Array>;
  /** Reconstruction [n, height, width, channels]. @throws where the network has no decoder. */
  reconstruct(batch: Batch): Promise<Float32Array>;
  /** Mean squared error of every image over its pixels, [n]. @throws where the network has no decoder. */
  reconstructionErrors(batch: Batch): Promise<Float64Array>;
  /** One pass forward and backward; the gradients wait for `update`. */
  gradients(request: GradientRequest): Promise<void>;
  /** Mean reconstruction error of the images of all `gradients` calls since the last reading; NaN if there was none. */
  readReconstructionError(): Promise<number>;
  /** The waiting gradients by parameter name: for tests and for the curious. */
  readGradients(): Promise<Weights>;
  /** One Adam step with the waiting gradients, and with those of `further`. */
  update(further?: readonly FurtherParameter[]): Promise<void>;
  weights(): Promise<Weights>;
  /** Replaces the weights and nothing else. */
  setWeights(weights: Weights): Promise<void>;
  state(): Promise<TrainableState>;
  restore(state: TrainableState): Promise<void>;
  dispose(): void;
}

export interface EngineIdentity {
  /** `wasm`, `tensorflow`, … */
  readonly name: string;
  /** Version of what computes: tfjs's, or TensorFlow's own. */
  readonly version: string;
  /** Digest of the kernels that are ours; empty where none are. */
  readonly kernels: string;
  /** What it computes on, where that can differ: `cpu`, `gpu`. */
  readonly device?: string;
}

/** `tensorflow 2.21.0 on cpu (kernels 0123abcd)`. */
export function describeEngine({ name, version, device, kernels }: EngineIdentity): string {
  return `${name} ${version}${device ? ` on ${device}` : ''}${kernels ? ` (kernels ${kernels.slice(0, 8)})` : ''}`;
}

export interface Engine {
  readonly identity: EngineIdentity;
  /** The same bytes for the same input on every machine. */
  readonly exact: boolean;
  createTrainable(network: Network, options: { weights: Weights; adam?: AdamSettings }): Promise<Trainable>;
  dispose(): void;
}
