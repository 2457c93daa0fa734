// A virtual environment with TensorFlow from PyPI, by Python's own venv and pip.
import { existsSync, mkdirSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../core/failure.ts';
import { interpretersOf } from './inspect-python.ts';
import { lastLines, type ProgramOutcome, runProgram } from './run-program.ts';

const VENV_MS = 300_000;
/** CUDA's libraries are gigabytes: an hour is a slow line, not a hang. */
const PIP_MS = 3600_000;
/** tensorflow-cpu 2.21 with what it needs takes 1.6 GB. */
const NEEDED_BYTES = 2e9;

export interface EnvironmentRequest {
  /** The interpreter to make it with. */
  readonly python: string;
  readonly folder: string;
  /** What pip installs: `tensorflow-cpu`, `tensorflow[and-cuda]`, `tensorflow-cpu==2.15.1`. */
  readonly requirement: string;
  readonly tell: (line: string) => void;
}

/** PyPI has no tensorflow-cpu for macOS and for 64-bit ARM, where tensorflow is that. */
export function defaultRequirement(): string {
  return process.platform === 'linux' && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
}

/**
 * Makes the environment, or completes one that is there: pip goes on where it was cut off.
 *
 * @returns the environment's interpreter
 * @throws ExpectedFailure 'engine-unavailable', 'out-of-space'
 */
export async function makeEnvironment(request: EnvironmentRequest): Promise<string> {
  const { python, folder, requirement, tell } = request;
  refuseForeignFolder(folder);
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  const there = interpreterOf(folder);
  if (!there && bavail * bsize < NEEDED_BYTES) {
    fail(
      'out-of-space',
      `TensorFlow needs ${NEEDED_BYTES / 1e9} GB, and ${folder} has ${((bavail * bsize) / 1e9).toFixed(1)} GB free: make space, or give another folder by --venv DIR`,
    );
  }
  if (!there) {
    tell(`making a virtual environment in ${folder}`);
    const made = await runProgram(python, ['-m', 'venv', '--clear', folder], { timeoutMs: VENV_MS });
    if (made.status !== 'ended' || made.code !== 0) failVenv(python, folder, outputOf(made));
  }
  const interpreter = interpreterOf(folder);
  if (!interpreter) return fail('engine-unavailable', `${python} -m venv left no interpreter in ${folder}`);
  tell(`pip install ${requirement} (a few hundred megabytes; more with CUDA)`);
  const installed = await runProgram(
    interpreter,
    ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', requirement],
    {
      timeoutMs: PIP_MS,
      onLine: (line) => /^(Downloading .*\d MB|Installing)/.test(line.trim()) && tell(line.trim()),
    },
  );
  if (installed.status !== 'ended' || installed.code !== 0)
    failPip(request, interpreter, outputOf(installed));
  return interpreter;
}

/** An environment is made in a new folder or completed; nothing else is ever written into. */
function refuseForeignFolder(folder: string): void {
  if (!existsSync(folder) || existsSync(join(folder, 'pyvenv.cfg')) || readdirSync(folder).length === 0)
    return;
  fail(
    'engine-unavailable',
    `${folder} is not empty and no virtual environment: give a new folder by --venv DIR, or a Python by --python PATH`,
  );
}

/** Null also where making it was cut off before pip was in it. */
function interpreterOf(folder: string): string | null {
  const interpreter = interpretersOf(folder).find((path) => existsSync(path));
  if (!interpreter) return null;
  const pip = process.platform === 'win32' ? join(folder, 'Scripts', 'pip.exe') : join(folder, 'bin', 'pip');
  return existsSync(pip) ? interpreter : null;
}

function failVenv(python: string, folder: string, output: string): never {
  if (/no space left|disk quota/i.test(output)) return failFull(folder, output);
  const cure = /ensurepip|No module named '?venv/.test(output)
    ? 'this Python comes without venv: apt install python3-venv, or give another by --python'
    : 'give another interpreter by --python, or an environment of your own that has TensorFlow';
  return fail(
    'engine-unavailable',
    `${python} cannot make a virtual environment in ${folder}: ${cure}\n${lastLines(output, 6)}`,
  );
}

function failPip({ requirement, folder }: EnvironmentRequest, interpreter: string, output: string): never {
  if (/no space left|disk quota/i.test(output)) return failFull(folder, output);
  const refused =
    /ConnectionError|NewConnectionError|Max retries|ProxyError|name resolution|Network is unreachable|timed out|403|SSLError|CERTIFICATE/i;
  const cure = refused.test(output)
    ? `pip does not reach its index. Where there is a network: ${interpreter} -m pip download -d wheels ${requirement}; then here: PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels clade engine install tensorflow --venv. Or give a Python that has TensorFlow by --python PATH`
    : /No matching distribution|Could not find a version/i.test(output)
      ? `there is no such package for this Python: TensorFlow 2.21 is made for Python 3.10 to 3.13; give another by --python, or another version by --package tensorflow-cpu==2.15.1`
      : `call it yourself to see more: ${interpreter} -m pip install "${requirement}"; then clade engine install tensorflow --python ${interpreter}`;
  return fail('engine-unavailable', `pip could not install ${requirement}: ${cure}\n${lastLines(output, 8)}`);
}

function failFull(folder: string, output: string): never {
  return fail(
    'out-of-space',
    `the disk is full (${folder}, or pip's cache and temporary folders): make space, or give another folder by --venv DIR, PIP_CACHE_DIR and TMPDIR\n${lastLines(output, 3)}`,
  );
}

function outputOf(outcome: ProgramOutcome): string {
  if (outcome.status === 'not-started') return `it could not be started: ${outcome.code}`;
  return outcome.status === 'timed-out'
    ? `${outcome.output}\nit did not end in the time allowed`
    : outcome.output;
}
