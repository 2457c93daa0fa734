// Which engines can run here: file checks only, no numerics loaded, cheap enough for every start.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { digestBytes } from '../core/digest.ts';
import type { Failure } from '../core/failure.ts';
import type { EngineIdentity } from '../core/trainable.ts';
import { type EnginePlaces, findPlaces } from './places.ts';

export type EngineName = 'wasm' | 'tensorflow';

export interface EngineProbe {
  readonly name: EngineName;
  readonly available: boolean;
  /** One sentence: what was found, or what is missing. */
  readonly why: string;
  /** What would make it available; null where it is. */
  readonly cure: string | null;
  /** Null where it is not available. */
  readonly identity: EngineIdentity | null;
}

/** Every engine that clade knows, the preferred one first. */
export function probeEngines(places: EnginePlaces = findPlaces()): EngineProbe[] {
  return [probeTensorflow(places), probeWasm(places)];
}

/**
 * The engine that a run will use: `auto` is the first available one. Asking for one that is not there
 * is a failure that says what would bring it, never another engine.
 */
export function resolveEngine(
  asked: string,
  probes: readonly EngineProbe[] = probeEngines(),
): EngineIdentity | Failure {
  const known = probes.map(({ name }) => name).sort();
  if (asked === 'auto') {
    const first = probes.find(({ available }) => available);
    if (first) return first.identity!;
    const reasons = probes.map(({ name, why, cure }) => `  ${name}: ${why} ${cure}`);
    return { reason: 'engine-unavailable', message: ['no engine can run here', ...reasons].join('\n') };
  }
  const probe = probes.find(({ name }) => name === asked);
  if (!probe) {
    return {
      reason: 'engine-unavailable',
      message: `there is no engine '${asked}'; expected auto, ${known.join(', ')}`,
    };
  }
  if (probe.available) return probe.identity!;
  const others = probes.filter(({ available }) => available).map(({ name }) => name);
  const instead = others.length > 0 ? ` Available here: ${others.join(', ')}.` : '';
  return {
    reason: 'engine-unavailable',
    message: `the engine '${asked}' cannot run here: ${probe.why} ${probe.cure}${instead}`,
  };
}

function probeWasm({ kernels, tfjsVersion }: EnginePlaces): EngineProbe {
  if (!kernels) {
    return {
      name: 'wasm',
      available: false,
      why: 'kernels.wasm has not been built.',
      cure: 'Build it: npm run build.',
      identity: null,
    };
  }
  return {
    name: 'wasm',
    available: true,
    why: 'WebAssembly runs everywhere; exact to the bit.',
    cure: null,
    identity: { name: 'wasm', version: tfjsVersion, kernels: digestBytes(readFileSync(kernels)) },
  };
}

function probeTensorflow({ kernels, tensorflow, tfjsVersion }: EnginePlaces): EngineProbe {
  const missing = (why: string, cure: string): EngineProbe => ({
    name: 'tensorflow',
    available: false,
    why,
    cure,
    identity: null,
  });
  if (!tensorflow.package) {
    return missing(
      '@tensorflow/tfjs-node-gpu is not installed.',
      'Install it: npm install @tensorflow/tfjs-node-gpu@4.22.0.',
    );
  }
  if (!tensorflow.library) {
    return missing(
      "@tensorflow/tfjs-node-gpu is installed without TensorFlow's library (libtensorflow), which its install script downloads.",
      'Where downloads are allowed: npm rebuild @tensorflow/tfjs-node-gpu.',
    );
  }
  if (!tensorflow.binding) {
    return missing(
      "TensorFlow's library is there, but the binding to it (tfjs_binding.node) is not.",
      'Build it: npm rebuild @tensorflow/tfjs-node-gpu --build-addon-from-source.',
    );
  }
  const version = libraryVersion(tensorflow.library) ?? `with tfjs-node ${tfjsVersion}`;
  return {
    name: 'tensorflow',
    available: true,
    why: `TensorFlow ${version} is installed; results differ between machines in the last digits.`,
    cure: null,
    // Our own part of the computation is in the kernels' digest, see scripts/build-kernels.mjs.
    identity: { name: 'tensorflow', version, kernels: kernels ? digestBytes(readFileSync(kernels)) : '' },
  };
}

/** From `libtensorflow.so.2.9.1`, from the header beside it, or from the Python package that it belongs to. */
function libraryVersion(library: string): string | null {
  const real = realpathSync(library);
  const inName = /(\d+\.\d+\.\d+)/.exec(basename(real));
  if (inName) return inName[1];
  const headerPath = join(dirname(library), '../include/tensorflow/core/public/version.h');
  const header = existsSync(headerPath) ? readFileSync(headerPath, 'utf8') : '';
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
    (name) => new RegExp(`#define TF_${name}_VERSION (\\d+)`).exec(header)?.[1],
  );
  return parts.includes(undefined) ? wheelVersion(dirname(dirname(real))) : parts.join('.');
}

/** pip leaves `tensorflow-2.21.0.dist-info`, or `tensorflow_cpu-…`, beside the package's folder. */
function wheelVersion(sitePackages: string): string | null {
  for (const name of readdirSync(sitePackages).sort()) {
    const version = /^tensorflow(?:_cpu|_intel|_macos|_rocm)?-(\d+\.\d+\.\d+\S*)\.dist-info$/.exec(name);
    if (version) return version[1];
  }
  return null;
}
