// What `clade engine install tensorflow` leaves in the user's cache folder, and how it is read again:
//   engines/tensorflow-<platform>-<arch>/<key>/tfjs_binding.node, installation.json
//   engines/tensorflow-<platform>-<arch>/active.json       which of them is in use
// A folder <key> is renamed into place when all of it is there.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../core/digest.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { PythonTensorflow } from './inspect-python.ts';

/** tfjs-node's binding speaks Node-API alone, whose versions only grow: one binary serves Node 20 to 26. */
export const NODE_API_VERSION = 8;

export interface FileStamp {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface Installation {
  readonly format: 1;
  readonly tensorflow: PythonTensorflow;
  /** Of TensorFlow's library when the binding was linked to it: tells an upgraded environment. */
  readonly stamp: FileStamp;
  /** Version of tfjs-node-gpu, whose sources were compiled. */
  readonly tfjsNode: string;
  readonly compiler: string;
  readonly madeAt: string;
}

export interface InstalledBinding {
  readonly key: string;
  readonly folder: string;
  readonly binding: string;
  readonly installation: Installation;
}

export function enginesFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(env), 'engines', `tensorflow-${process.platform}-${process.arch}`);
}

/** Readable at its front; the rest is all that a binding depends on. */
export function installationKey(
  installation: Pick<Installation, 'tensorflow' | 'stamp' | 'tfjsNode'>,
): string {
  const { tensorflow, stamp, tfjsNode } = installation;
  const digest = digestOf('tensorflow-installation', {
    library: tensorflow.library,
    framework: tensorflow.framework,
    version: tensorflow.version,
    sizeBytes: stamp.sizeBytes,
    modifiedMs: stamp.modifiedMs,
    tfjsNode,
    nodeApi: NODE_API_VERSION,
  });
  return `${tensorflow.version}-${digest.slice(0, 12)}`;
}

export function stampOf(path: string): FileStamp {
  const { size, mtimeMs } = statSync(path);
  return { sizeBytes: size, modifiedMs: Math.floor(mtimeMs) };
}

/** All complete installations, and which one is in use. */
export function listInstallations(folder: string): {
  readonly all: readonly InstalledBinding[];
  readonly active: InstalledBinding | null;
} {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const all = names.flatMap((key) => readInstallation(folder, key) ?? []);
  const active = readJson<{ key: string }>(join(folder, 'active.json'));
  return { all, active: all.find(({ key }) => key === active?.key) ?? null };
}

/** Null where it is not whole. */
export function readInstallation(folder: string, key: string): InstalledBinding | null {
  const binding = join(folder, key, 'tfjs_binding.node');
  const installation = readJson<Installation>(join(folder, key, 'installation.json'));
  if (installation?.format !== 1 || !existsSync(binding)) return null;
  return { key, folder: join(folder, key), binding, installation };
}

/** What is wrong with the Python environment that it was made for; null where nothing is. */
export function findChange({ tensorflow, stamp }: Installation): string | null {
  const { library, framework, python, version } = tensorflow;
  for (const path of [library, framework]) {
    if (!existsSync(path)) {
      return existsSync(python)
        ? `TensorFlow ${version} is gone from ${python} (there is no ${path} any more).`
        : `the Python environment of TensorFlow ${version} has been moved or deleted (there is no ${python} any more).`;
    }
  }
  const now = stampOf(library);
  return now.sizeBytes === stamp.sizeBytes && now.modifiedMs === stamp.modifiedMs
    ? null
    : `TensorFlow in ${python} is no longer the ${version} that the binding was compiled against.`;
}

function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return null; // absent or damaged: either way not to be used
  }
}
