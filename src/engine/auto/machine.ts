import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';

/** What a measured speed belongs to besides engine and workload. */
export interface MachineFacts {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  /** Its V8 compiles wasm. */
  readonly node: string;
  /** Drivers and devices as the system's files name them; what else chooses a GPU. */
  readonly gpus: readonly string[];
}

/** Variables by which users choose a driver or a device. */
const CHOOSING = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'CUDA_VISIBLE_DEVICES'];

/** Found in files alone: asked before every run with `--engine auto`. */
export function describeMachine(env: NodeJS.ProcessEnv = process.env): MachineFacts {
  return {
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.versions.node,
    gpus: [
      ...nvidia(),
      ...drmCards(),
      // Other systems keep drivers with themselves: their release stands for them.
      ...(process.platform === 'linux' ? [] : [release()]),
      ...CHOOSING.flatMap((name) => (env[name] === undefined ? [] : [`${name}=${env[name]}`])),
    ],
  };
}

function nvidia(): string[] {
  const version = read('/proc/driver/nvidia/version')?.split('\n')[0];
  const models = list('/proc/driver/nvidia/gpus').map(
    (name) => /^Model:\s*(.*)$/m.exec(read(`/proc/driver/nvidia/gpus/${name}/information`) ?? '')?.[1],
  );
  return [version, ...models].filter((text) => text !== undefined);
}

/** PCI's vendor and device, and the kernel's driver. */
function drmCards(): string[] {
  return list('/sys/class/drm')
    .filter((name) => /^card\d+$/.test(name))
    .map((name) => {
      const of = (file: string) => read(`/sys/class/drm/${name}/device/${file}`)?.trim();
      return `${of('vendor')}:${of('device')} ${/^DRIVER=(.*)$/m.exec(of('uevent') ?? '')?.[1]}`;
    });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // another system, or no such device
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
