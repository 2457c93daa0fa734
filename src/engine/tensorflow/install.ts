import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { failpoint } from '../../core/failpoint.ts';
import { fail } from '../../core/failure.ts';
import { packageFolder, packageVersion } from '../places.ts';
import { compileBinding, findCompiler, tryBinding } from './compile-binding.ts';
import { findPython, inspectPython } from './inspect-python.ts';
import { withInstallLock } from './install-lock.ts';
import {
  enginesFolder,
  type Installation,
  type InstalledBinding,
  installationKey,
  listInstallations,
  readInstallation,
  stampOf,
} from './installation.ts';
import { defaultRequirement, makeEnvironment } from './make-environment.ts';

export interface InstallRequest {
  /** The interpreter; null: the active one. */
  readonly python: string | null;
  /** An environment to be made: its folder, or true for one in the cache folder; null: none. */
  readonly environment: string | true | null;
  /** What pip puts into that environment; null: TensorFlow for this platform's processor. */
  readonly requirement: string | null;
  /** Compile although it is there. */
  readonly again: boolean;
  readonly tell: (line: string) => void;
}

export interface Installed {
  readonly binding: InstalledBinding;
  /** False where it had been compiled before. */
  readonly compiled: boolean;
}

/**
 * Compiles tfjs-node's binding against a Python environment's TensorFlow, into the user's cache folder,
 * and makes it the one in use. All is made in a temporary folder, tried, and renamed into place.
 *
 * @throws ExpectedFailure 'engine-unavailable', 'out-of-space', each with its cure
 */
export async function installTensorflow(request: InstallRequest): Promise<Installed> {
  refusePlatform();
  const packages = findPackages();
  const folder = enginesFolder();
  return withInstallLock(folder, async () => {
    removeTemporary(folder);
    const tensorflow = await inspectPython(await choosePython(request, folder));
    request.tell(`TensorFlow ${tensorflow.version} of ${tensorflow.python}`);
    const subject = { tensorflow, stamp: stampOf(tensorflow.library), tfjsNode: packages.tfjsNodeVersion };
    const key = installationKey(subject);
    const there = readInstallation(folder, key);
    const compiled = there === null || request.again;
    if (compiled) await compileInto(join(folder, key), { subject, packages, tell: request.tell });
    failpoint('engine-before-active');
    activate(folder, key);
    return { binding: readInstallation(folder, key)!, compiled };
  });
}

interface CompileOrder {
  readonly subject: Pick<Installation, 'tensorflow' | 'stamp' | 'tfjsNode'>;
  readonly packages: ReturnType<typeof findPackages>;
  readonly tell: (line: string) => void;
}

/** Compiles beside `place`, tries what came out, and renames it there. */
async function compileInto(place: string, { subject, packages, tell }: CompileOrder): Promise<void> {
  const { tensorflow } = subject;
  const compiler = await findCompiler();
  tell(`compiling the binding with ${compiler.version}`);
  const temporary = join(dirname(place), `tmp-${process.pid}`);
  mkdirSync(temporary);
  try {
    const outFile = join(temporary, 'tfjs_binding.node');
    await compileBinding(compiler, { ...packages, tensorflow, outFile, temporary });
    failpoint('engine-compiled');
    const version = await tryBinding(outFile, tensorflow);
    if (!sameRelease(version, tensorflow.version)) {
      fail(
        'engine-unavailable',
        `the library in ${tensorflow.python} says that it is TensorFlow ${version}, its package says ${tensorflow.version}: that environment is damaged; install TensorFlow in it anew`,
      );
    }
    const installation: Installation = {
      format: 1,
      ...subject,
      compiler: compiler.version,
      madeAt: new Date().toISOString(),
    };
    writeFileSync(join(temporary, 'installation.json'), `${JSON.stringify(installation, null, 1)}\n`);
    failpoint('engine-before-rename');
    putInPlace(temporary, place);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * Takes away all that `installTensorflow` left for this platform: bindings, and the environment that it
 * made in the cache folder. Python environments elsewhere are not touched.
 *
 * @returns the folder that was removed; null where there was none
 */
export async function removeTensorflow(): Promise<string | null> {
  const folder = enginesFolder();
  if (!existsSync(folder)) return null;
  await withInstallLock(folder, async () => {
    rmSync(join(folder, 'active.json'), { force: true }); // first: what is half removed is not in use
    for (const name of readdirSync(folder)) {
      if (name !== 'install.lock') rmSync(join(folder, name), { recursive: true, force: true });
    }
  });
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

function refusePlatform(): void {
  if (process.platform === 'win32') {
    fail(
      'engine-unavailable',
      'on Windows pip brings no TensorFlow library that a binding can be linked to: use WSL (TensorFlow and its GPUs run there); or, where downloads are allowed, tfjs-node’s own TensorFlow 2.9: npm rebuild @tensorflow/tfjs-node-gpu --allow-scripts; the wasm engine needs neither',
    );
  }
}

/**
 * What is compiled, and with which headers: both come with clade, unless npm was told to leave optional
 * packages out. @throws ExpectedFailure 'engine-unavailable'
 */
export function findPackages(folderOf: (name: string) => string | null = packageFolder) {
  const tfjsNode = folderOf('@tensorflow/tfjs-node-gpu');
  const api = folderOf('node-api-headers');
  if (!tfjsNode || !api) {
    const missing = tfjsNode ? 'node-api-headers' : '@tensorflow/tfjs-node-gpu';
    return fail(
      'engine-unavailable',
      `the optional package ${missing} is not installed (npm leaves it out with --omit=optional): in clade's folder, or where you installed clade, npm install --include=optional`,
    );
  }
  return { tfjsNode, headers: join(api, 'include'), tfjsNodeVersion: packageVersion(tfjsNode) };
}

async function choosePython(request: InstallRequest, folder: string): Promise<string> {
  const { environment, requirement, tell } = request;
  if (environment === null) return findPython(request.python);
  return makeEnvironment({
    python: findPython(request.python),
    folder: environment === true ? join(folder, 'venv') : resolve(environment),
    requirement: requirement ?? defaultRequirement(),
    tell,
  });
}

/** What installs that were cut off have left; none is at work, since we hold the lock. */
function removeTemporary(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('tmp-')) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Over one of the same key file by file, each whole at any time: both are compiled from the same. */
function putInPlace(temporary: string, place: string): void {
  if (!existsSync(place)) {
    renameSync(temporary, place);
    return;
  }
  for (const name of ['tfjs_binding.node', 'installation.json']) {
    renameSync(join(temporary, name), join(place, name));
  }
}

function activate(folder: string, key: string): void {
  if (listInstallations(folder).active?.key === key) return;
  const unfinished = join(folder, `tmp-active-${process.pid}`);
  writeFileSync(unfinished, `${JSON.stringify({ key })}\n`);
  renameSync(unfinished, join(folder, 'active.json'));
}

/** pip says `2.15.0.post1` of what the library calls `2.15.0`, and `2.16.0rc0` of `2.16.0-rc0`. */
function sameRelease(a: string, b: string): boolean {
  const release = (version: string) => /^\d+\.\d+\.\d+/.exec(version)?.[0];
  return release(a) === release(b);
}
