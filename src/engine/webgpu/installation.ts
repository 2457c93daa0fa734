// Where Dawn lies: `engines/webgpu-<platform>-<arch>/<version>` in the user's cache folder holds the npm
// package webgpu, of all its binaries this platform's alone.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../cache-folder.ts';

/** The version that clade installs and is tested with. */
export const DAWN_VERSION = '0.6.2';

export interface DawnInstallation {
  /** The package's folder, absolute. */
  readonly folder: string;
  readonly version: string;
}

export function webgpuFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(env), 'engines', `webgpu-${process.platform}-${process.arch}`);
}

/** The folder of a platform's binary inside the package. */
export function binaryFolder(platform: NodeJS.Platform = process.platform, arch = process.arch): string {
  return `${platform}-${platform === 'darwin' ? 'universal' : arch}`;
}

/** Null where it is not there, or not whole. */
export function findDawn(env: NodeJS.ProcessEnv = process.env): DawnInstallation | null {
  return readDawn(join(webgpuFolder(env), DAWN_VERSION));
}

export function readDawn(folder: string): DawnInstallation | null {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return existsSync(join(folder, 'dist', binaryFolder(), 'dawn.node')) ? { folder, version } : null;
  } catch {
    return null; // absent or damaged: either way not to be used
  }
}
