import { existsSync } from 'node:fs';

export type Device = 'cpu' | 'gpu';

export interface DeviceFacts {
  /** What kind of GPU TensorFlow was built for. */
  readonly gpu: 'cuda' | 'rocm' | null;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether a file of the driver's is there. */
  readonly exists?: (path: string) => boolean;
}

/** NVIDIA's driver; the same under WSL; AMD's. */
const DRIVER_FILES = { cuda: ['/dev/nvidiactl', '/dev/dxg'], rocm: ['/dev/kfd'] };

/**
 * What TensorFlow is going to compute on: a GPU where it was built for one and the driver is there. It is
 * decided before TensorFlow is loaded, because fingerprints hold it; the engine proves it when it is
 * opened, so that nothing is ever computed on another device than is written down.
 * `CLADE_TENSORFLOW_DEVICE` decides where a run is planned on another machine than it is computed on.
 */
export function chooseDevice({ gpu, env = process.env, exists = existsSync }: DeviceFacts): Device {
  const told = env['CLADE_TENSORFLOW_DEVICE'];
  if (told === 'cpu' || told === 'gpu') return told;
  const hidden = env['CUDA_VISIBLE_DEVICES'];
  if (gpu === null || hidden === '' || hidden === '-1') return 'cpu';
  return DRIVER_FILES[gpu].some(exists) ? 'gpu' : 'cpu';
}
