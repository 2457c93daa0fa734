// Programs and folders that stand for Python, TensorFlow and a compiler, so that each way in which an
// install can go wrong is tested on a machine that has none of them.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Writes an executable shell script. */
export function writeScript(path: string, body: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

export interface FakePython {
  /** What its TensorFlow says of itself; null: it has none. */
  readonly version: string | null;
  readonly gpu?: 'cuda' | 'rocm' | null;
  readonly library?: boolean;
  readonly include?: boolean;
}

/** An environment with an interpreter that answers what it is asked about TensorFlow, and the library's files. */
export function makeFakePython(
  prefix: string,
  { version, gpu = null, library, include }: FakePython,
): string {
  const packages = join(prefix, 'lib', 'tensorflow');
  mkdirSync(join(packages, 'include'), { recursive: true });
  for (const stem of ['libtensorflow_cc', 'libtensorflow_framework']) {
    writeFileSync(join(packages, `${stem}.so.2`), `${stem} ${version}`);
  }
  const python = join(prefix, 'bin', 'python3');
  const answer = {
    executable: python,
    pythonVersion: '3.11.7',
    version,
    library: library === false ? null : join(packages, 'libtensorflow_cc.so.2'),
    framework: library === false ? null : join(packages, 'libtensorflow_framework.so.2'),
    include: include === false ? null : join(packages, 'include'),
    gpu,
  };
  return writeScript(
    python,
    `echo 'some noise of a sitecustomize'\necho 'clade-tensorflow:${JSON.stringify(answer)}'`,
  );
}

/** A real addon whose one property is the version of the TensorFlow that it pretends to be; null without a compiler or the optional headers. */
export function buildFakeBinding(folder: string, version: string): string | null {
  const source = join(folder, 'fake-binding.c');
  const binding = join(folder, `fake-binding-${version}.node`);
  writeFileSync(
    source,
    `#include <node_api.h>
NAPI_MODULE_INIT() {
  napi_value version;
  napi_create_string_utf8(env, "${version}", NAPI_AUTO_LENGTH, &version);
  napi_set_named_property(env, exports, "TF_Version", version);
  return exports;
}
`,
  );
  const shared =
    process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-fPIC'];
  try {
    const api = createRequire(import.meta.url).resolve('node-api-headers/package.json');
    const headers = join(dirname(api), 'include');
    execFileSync('cc', [...shared, '-I', headers, source, '-o', binding], { stdio: 'pipe' });
    return binding;
  } catch {
    return null;
  }
}

/**
 * A compiler that notes that it was called, and "compiles" by copying `binding`, or fails with `says`.
 * @returns its path; the calls are the lines of `calls.txt` beside it
 */
export function makeFakeCompiler(folder: string, how: { binding: string } | { says: string }): string {
  const work =
    'binding' in how
      ? `out=; while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done\ncp '${how.binding}' "$out"`
      : `echo '${how.says}' >&2; exit 1`;
  return writeScript(
    join(folder, 'fake-c++'),
    `[ "$1" = --version ] && { echo 'fake-c++ 1.0'; exit 0; }\necho "$*" >> '${join(folder, 'calls.txt')}'\n${work}`,
  );
}
