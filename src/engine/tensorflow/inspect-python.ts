// Which Python, and what TensorFlow it has; TensorFlow itself is not loaded for that.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail } from '../../core/failure.ts';
import { lastLines, runProgram } from './run-program.ts';

export interface PythonTensorflow {
  /** The interpreter, absolute. */
  readonly python: string;
  readonly version: string;
  /** Real paths: CUDA's libraries are found relative to them. */
  readonly library: string;
  readonly framework: string;
  readonly include: string;
  /** What kind of GPU the wheel was built for. */
  readonly gpu: 'cuda' | 'rocm' | null;
}

/** The first whose wheel holds libtensorflow_cc and its C headers. */
const OLDEST = [2, 12] as const;
const TIMEOUT_MS = 60_000;
const INSTALL_IT = 'pip install tensorflow-cpu (for an NVIDIA GPU: "tensorflow[and-cuda]")';

/**
 * The interpreter that was asked for, or the active one: of the virtual environment, of conda, on the
 * path. @throws ExpectedFailure 'engine-unavailable' where there is none
 */
export function findPython(asked: string | null, env: NodeJS.ProcessEnv = process.env): string {
  if (asked !== null) {
    const found = asked.includes('/') || asked.includes('\\') ? existing([asked]) : onPath([asked], env);
    if (found) return found;
    return fail(
      'engine-unavailable',
      `there is no Python at ${asked}: give an interpreter's path by --python`,
    );
  }
  for (const variable of ['VIRTUAL_ENV', 'CONDA_PREFIX']) {
    const prefix = env[variable];
    if (!prefix) continue;
    const found = existing(interpretersOf(prefix));
    if (found) return found;
    fail(
      'engine-unavailable',
      `${variable} says ${prefix}, and no Python is there: deactivate that environment, or give an interpreter by --python`,
    );
  }
  const found = onPath(['python3', 'python'], env);
  if (found) return found;
  return fail(
    'engine-unavailable',
    'there is no Python here: install Python 3.10 to 3.13 (apt install python3 python3-venv, dnf install python3, brew install python), or give an interpreter by --python PATH',
  );
}

export function interpretersOf(prefix: string): string[] {
  return process.platform === 'win32'
    ? [join(prefix, 'Scripts', 'python.exe'), join(prefix, 'python.exe')]
    : [join(prefix, 'bin', 'python3'), join(prefix, 'bin', 'python')];
}

/** @throws ExpectedFailure 'engine-unavailable' where that Python has no TensorFlow that can be used */
export async function inspectPython(python: string): Promise<PythonTensorflow> {
  const found = await ask(python);
  if (found.version === null) {
    const cure = `${python} -m ${INSTALL_IT}, or let clade make an environment of its own: clade engine install tensorflow --venv`;
    return fail('engine-unavailable', `${python} (Python ${found.pythonVersion}) has no TensorFlow: ${cure}`);
  }
  const { version, library, framework, include } = found;
  const [major, minor] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    fail(
      'engine-unavailable',
      `${python} has TensorFlow ${version}; clade needs ${OLDEST.join('.')} or newer, whose package holds the C library: ${python} -m pip install --upgrade tensorflow-cpu`,
    );
  }
  if (!library || !framework || !include) {
    const missing = !include ? 'its C headers (tensorflow/c/c_api.h)' : 'its C library (libtensorflow_cc)';
    return fail(
      'engine-unavailable',
      `${python} has TensorFlow ${version} without ${missing}, which PyPI's packages hold: install one of those (${INSTALL_IT}), or use clade engine install tensorflow --venv`,
    );
  }
  return { python: found.executable, version, library, framework, include, gpu: found.gpu };
}

interface Answer {
  /** What a shim or a link stands for. */
  readonly executable: string;
  readonly pythonVersion: string;
  readonly version: string | null;
  readonly library: string | null;
  readonly framework: string | null;
  readonly include: string | null;
  readonly gpu: 'cuda' | 'rocm' | null;
}

const MARK = 'clade-tensorflow:';

async function ask(python: string): Promise<Answer> {
  const outcome = await runProgram(python, ['-c', QUESTION], { timeoutMs: TIMEOUT_MS });
  if (outcome.status === 'not-started') {
    return fail(
      'engine-unavailable',
      `${python} cannot be started (${outcome.code}): give another interpreter by --python`,
    );
  }
  if (outcome.status === 'timed-out') {
    return fail(
      'engine-unavailable',
      `${python} did not answer within ${TIMEOUT_MS / 1000} s: is its folder on a network that does not answer? Give another interpreter by --python`,
    );
  }
  const line = outcome.output.split(/\r?\n/).findLast((text) => text.startsWith(MARK));
  if (line !== undefined) return JSON.parse(line.slice(MARK.length)) as Answer;
  return fail(
    'engine-unavailable',
    `${python} does not work: it said nothing of what it was asked. Is it Python 3.8 or newer?\n${lastLines(outcome.output, 8)}`,
  );
}

// conda's packages put library and headers below the prefix, PyPI's into the package's own folder.
const QUESTION = `
import importlib.metadata, importlib.util, json, os, re, sys

def first(paths):
    return next((os.path.realpath(path) for path in paths if os.path.exists(path)), None)

answer = dict(executable=sys.executable, pythonVersion="%d.%d.%d" % sys.version_info[:3], version=None, library=None, framework=None, include=None, gpu=None)
spec = importlib.util.find_spec("tensorflow")
if spec is not None and spec.origin:
    folder = os.path.dirname(spec.origin)
    for name in ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-macos", "tensorflow-rocm", "tf-nightly", "tf-nightly-cpu", "intel-tensorflow", "tensorflow-cpu-aws"):
        try:
            answer["version"] = importlib.metadata.version(name)
            break
        except importlib.metadata.PackageNotFoundError:
            pass
    places = [folder, os.path.join(sys.prefix, "lib")]
    def library(stem):
        return first(os.path.join(place, stem + end) for place in places for end in (".so.2", ".2.dylib", ".so", ".dylib"))
    answer["library"] = library("libtensorflow_cc")
    answer["framework"] = library("libtensorflow_framework")
    answer["include"] = first(place for place in (os.path.join(folder, "include"), os.path.join(sys.prefix, "include")) if os.path.exists(os.path.join(place, "tensorflow", "c", "c_api.h")))
    def text_of(*names):
        try:
            with open(os.path.join(*names)) as file:
                return file.read()
        except OSError:
            return ""
    for kind in ("cuda", "rocm"):
        if re.search("['\\"]is_%s_build['\\"], True" % kind, text_of(folder, "python", "platform", "build_info.py")):
            answer["gpu"] = kind
    if answer["version"] is None and answer["include"]:
        header = text_of(answer["include"], "tensorflow", "core", "public", "release_version.h") or text_of(answer["include"], "tensorflow", "core", "public", "version.h")
        parts = [re.search("define TF_%s_VERSION (\\d+)" % name, header) for name in ("MAJOR", "MINOR", "PATCH")]
        if all(parts):
            answer["version"] = ".".join(part.group(1) for part in parts)
print("${MARK}" + json.dumps(answer))
`;

function existing(paths: readonly string[]): string | null {
  return paths.find((path) => existsSync(path)) ?? null;
}

function onPath(names: readonly string[], env: NodeJS.ProcessEnv): string | null {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const endings = process.platform === 'win32' ? ['.exe', ''] : [''];
  return existing(
    names.flatMap((name) => folders.flatMap((folder) => endings.map((end) => join(folder, name + end)))),
  );
}
