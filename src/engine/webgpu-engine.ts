// Dawn, Chromium's WebGPU, under Node: any GPU with Vulkan, Metal or D3D12, through tfjs's own backend.
// Not exact: sums depend on the GPU and its driver.
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { ExpectedFailure, type Failure, fail } from '../core/failure.ts';
import { ADAM, type Engine, type EngineIdentity, type Trainable } from '../core/trainable.ts';
import { TfjsTrainable } from './tfjs-trainable.ts';

/** What we need of WebGPU's own types (W3C, WebGPU, sections 4 and 22). */
interface GpuDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  addEventListener(type: 'uncapturederror', heard: (event: { error: Error }) => void): void;
  readonly queue: { onSubmittedWorkDone(): Promise<void> };
  destroy(): void;
}
interface GpuAdapter {
  readonly info: { readonly vendor: string; readonly device: string; readonly description: string };
  readonly features: ReadonlySet<string>;
  readonly limits: { readonly [name: string]: number };
  requestDevice(descriptor: object): Promise<GpuDevice>;
}
interface Dawn {
  readonly globals: object;
  create(options: readonly string[]): {
    requestAdapter(options: object): Promise<GpuAdapter | null>;
  };
}

/** tfjs computes with tensors of any size; a device offers only the smallest limits unless asked for its own. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

/** `dawn`: folder of the npm package webgpu. @throws ExpectedFailure where there is no GPU to use. */
export async function openWebgpuEngine(identity: EngineIdentity, dawn: string): Promise<Engine> {
  let open: OpenDevice | null = await openDevice(dawn);
  return {
    identity,
    exact: false,
    async createTrainable(network, { weights, adam }) {
      // A worker outlives a lost device: what comes next gets a new one.
      if (open?.failure) {
        open.close();
        open = null;
      }
      open ??= await openDevice(dawn);
      return guard(new TfjsTrainable(network, weights, adam ?? ADAM), open);
    },
    dispose() {
      open?.close();
      open = null;
    },
  };
}

/**
 * tfjs chooses among four programs for a product of matrices by its size. One adds by atomics in any order,
 * and another batch means other bytes for the same image; this one adds in order (MatMulProgramType, its
 * webgpu_util).
 */
const PACKED_PRODUCT = 3;

interface OpenDevice {
  readonly queue: GpuDevice['queue'];
  /** What the device said that makes its results worthless: it is lost, out of memory, refused a program. */
  readonly failure: Failure | null;
  /** Nothing of Dawn may be referred to afterwards, or the process does not end. */
  close(): void;
}

async function openDevice(folder: string): Promise<OpenDevice> {
  const { create, globals } = (await import(pathToFileURL(join(folder, 'index.js')).href)) as Dawn;
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) return fail('engine-unavailable', NO_ADAPTER);
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
  const name = adapter.info.description || adapter.info.device || adapter.info.vendor || 'unnamed';
  let failure: Failure | null = null;
  let closed = false;
  const failed = (what: string) => {
    failure ??= { reason: 'device-failed', message: `the GPU (${name}) ${what}. ${CURE}` };
  };
  void device.lost.then(({ reason, message }) => {
    if (!closed) failed(`was lost (${[reason, message].filter(Boolean).join(': ')})`);
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    failed(
      error.constructor.name === 'GPUOutOfMemoryError'
        ? 'ran out of memory'
        : `reported an error: ${error.message}`,
    );
  });

  const remove = setNavigator(gpu);
  tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', PACKED_PRODUCT);
  if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device as never, adapter.info as never), 3);
  if (!(await tf.setBackend('webgpu'))) throw new Error("tfjs's webgpu backend does not start");
  return {
    queue: device.queue,
    get failure() {
      return failure;
    },
    close() {
      closed = true;
      tf.removeBackend('webgpu');
      device.destroy();
      remove();
    },
  };
}

const NO_ADAPTER = [
  'no GPU was found that WebGPU can use.',
  {
    linux:
      'Install the Vulkan loader (libvulkan1 on Debian and Ubuntu) and the driver of the GPU: vulkaninfo --summary should list it.',
    darwin: 'It needs a Mac with Metal.',
    win32: 'Install the driver of the GPU, with Direct3D 12.',
  }[process.platform as string] ?? 'It needs a driver for Vulkan.',
  'Or take another engine: --engine wasm.',
].join(' ');

const CURE =
  'Run again: what is finished is kept, and training goes on from its checkpoint. If it happens again, take a smaller batch, or --engine wasm';

/** tfjs asks the browser's `navigator`; Node has none before 21, and one without `gpu` since. */
function setNavigator(gpu: object): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: `Node ${process.version}` },
    configurable: true,
    writable: true,
  });
  return () => {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else delete (globalThis as { navigator?: unknown }).navigator;
  };
}

/** Updates that may wait for the GPU: it shall not be idle, and what is queued shall not grow without end. */
const UPDATES_AHEAD = 8;

/** WebGPU reports errors beside the calls that made them: no result leaves before its device was asked. */
function guard(trainable: Trainable, device: OpenDevice): Trainable {
  let updates = 0;
  const guarded = async (name: string | symbol, call: () => Promise<unknown>) => {
    let result: unknown;
    try {
      result = await call();
      if (name === 'update' && ++updates % UPDATES_AHEAD === 0) await device.queue.onSubmittedWorkDone();
    } catch (error) {
      if (error instanceof ExpectedFailure) throw error;
      await setImmediate();
      if (!device.failure) throw error;
    }
    if (name !== 'gradients' && name !== 'update') await setImmediate(); // errors told with this result arrive
    if (device.failure) throw new ExpectedFailure(device.failure);
    return result;
  };
  return new Proxy(trainable, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name === 'dispose') {
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return (...given: unknown[]) => guarded(name, () => value.apply(target, given));
    },
  });
}
