// tfjs-node's binding is two C++ files that speak Node-API and TensorFlow's C interface: one call of a
// compiler, with Node-API's headers from npm. So neither node-gyp nor Node's headers are needed, no
// setting of npm's (`nodedir`) can mislead it, and nothing is downloaded.
import { join } from 'node:path';
import { type Failure, fail } from '../../core/failure.ts';
import type { PythonTensorflow } from './inspect-python.ts';
import { NODE_API_VERSION } from './installation.ts';
import { lastLines, type ProgramOutcome, runProgram } from './run-program.ts';

const COMPILE_MS = 600_000;
const TRY_MS = 120_000;
const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc'];

export interface CompileRequest {
  readonly tensorflow: PythonTensorflow;
  /** Folder of @tensorflow/tfjs-node-gpu. */
  readonly tfjsNode: string;
  /** Folder of Node-API's headers. */
  readonly headers: string;
  readonly outFile: string;
  /** For the compiler's temporary files: on the same disk as `outFile`, so that one message about space is true of both. */
  readonly temporary: string;
}

export interface Compiler {
  readonly command: readonly string[];
  /** First line of what it says of its version. */
  readonly version: string;
}

/** `$CXX`, or the first of the usual names that answers. @throws ExpectedFailure 'engine-unavailable' */
export async function findCompiler(env: NodeJS.ProcessEnv = process.env): Promise<Compiler> {
  const told = env['CXX']?.trim();
  const candidates = told ? [told.split(/\s+/)] : [['c++'], ['g++'], ['clang++']];
  const answers: string[] = [];
  for (const command of candidates) {
    const [file, ...args] = command;
    const outcome = await runProgram(file, [...args, '--version'], { timeoutMs: 60_000, env });
    if (outcome.status === 'ended' && outcome.code === 0) {
      return { command, version: outcome.stdout.split(/\r?\n/)[0] };
    }
    if (outcome.status !== 'not-started' || outcome.code !== 'ENOENT') {
      answers.push(`${command.join(' ')} --version ${describe(outcome)}`);
    }
  }
  const tried = candidates.map((command) => command.join(' ')).join(', ');
  const said = answers.length > 0 ? `\n${answers.join('\n')}` : '';
  const cure =
    process.platform === 'darwin'
      ? 'xcode-select --install'
      : 'apt install g++, dnf install gcc-c++, apk add g++, module load gcc, or conda install -c conda-forge cxx-compiler';
  return fail(
    'engine-unavailable',
    told
      ? `the C++ compiler that CXX names does not work (${tried}): unset CXX, or let it name one that does${said}`
      : `there is no C++ compiler here (tried ${tried}): ${cure}; or name one by CXX${said}`,
  );
}

/** @throws ExpectedFailure 'engine-unavailable', 'out-of-space' */
export async function compileBinding(compiler: Compiler, request: CompileRequest): Promise<void> {
  const { tensorflow, tfjsNode, headers, outFile, temporary } = request;
  const shared =
    process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-fPIC'];
  const [file, ...args] = compiler.command;
  const outcome = await runProgram(
    file,
    [
      ...args,
      '-std=c++17',
      '-O2',
      '-w', // warnings of sources that are not ours
      ...shared,
      `-DNAPI_VERSION=${NODE_API_VERSION}`,
      '-DBUILDING_NODE_EXTENSION',
      '-I',
      headers,
      '-I',
      tfjsNode,
      '-I',
      tensorflow.include,
      ...SOURCES.map((name) => join(tfjsNode, 'binding', name)),
      '-o',
      outFile,
      tensorflow.library,
      tensorflow.framework,
      // The wheel's real folder: the library finds CUDA's relative to the place that it is loaded from.
      ...folderOf(tensorflow).flatMap((folder) => ['-Xlinker', '-rpath', '-Xlinker', folder]),
    ],
    { timeoutMs: COMPILE_MS, env: { ...process.env, TMPDIR: temporary, LC_ALL: 'C' } },
  );
  if (outcome.status === 'ended' && outcome.code === 0) return;
  const output = outcome.status === 'not-started' ? '' : outcome.output;
  if (/no space left on device|disk quota exceeded/i.test(output)) throwFull(outFile, output);
  fail(
    'engine-unavailable',
    `tfjs-node's binding does not compile against TensorFlow ${tensorflow.version} with ${compiler.version} (${compiler.command.join(' ')} ${describe(outcome)}). It needs a C++17 compiler (GCC 8, clang 7 or newer; CXX names another) and TensorFlow's whole package (${tensorflow.include}); TensorFlow 2.12, 2.15 and 2.21 are known to work.\n${lastLines(firstErrors(output), 12)}`,
  );
}

/**
 * Loads the binding in a process of its own, since a library for another processor ends the process.
 * @returns TensorFlow's version as the library tells it
 * @throws ExpectedFailure 'engine-unavailable'
 */
export async function tryBinding(binding: string, tensorflow: PythonTensorflow): Promise<string> {
  const outcome = await runProgram(
    process.execPath,
    ['-e', 'process.stdout.write(`\\nversion:${require(process.argv[1]).TF_Version}\\n`)', binding],
    { timeoutMs: TRY_MS, env: { ...process.env, NODE_OPTIONS: '', TF_CPP_MIN_LOG_LEVEL: '3' } },
  );
  if (outcome.status === 'ended' && outcome.code === 0) {
    const version = /^version:(.+)$/m.exec(outcome.stdout)?.[1];
    if (version) return version;
  }
  const illegal = outcome.status === 'killed' && outcome.signal === 'SIGILL';
  const why = illegal
    ? "this processor lacks instructions that TensorFlow's packages need (AVX): the wasm engine runs here"
    : `is the package whole, and made for ${process.platform}-${process.arch}? ${tensorflow.python} -c "import tensorflow" must work; then clade engine install tensorflow --reinstall`;
  const output = outcome.status === 'not-started' ? '' : outcome.output;
  return fail(
    'engine-unavailable',
    `TensorFlow ${tensorflow.version} of ${tensorflow.python} does not load (${describe(outcome)}): ${why}\n${lastLines(firstErrors(output), 8)}`,
  );
}

function throwFull(outFile: string, output: string): never {
  const failure: Failure = {
    reason: 'out-of-space',
    message: `no space left where the engine is to be put (${outFile}): make space, or name another folder by XDG_CACHE_HOME\n${lastLines(output, 3)}`,
  };
  return fail(failure.reason, failure.message);
}

function folderOf({ library, framework }: PythonTensorflow): string[] {
  return [...new Set([library, framework].map((path) => join(path, '..')))];
}

/** What the compiler complained of first; what follows is mostly the consequence. */
function firstErrors(output: string): string {
  const lines = output.split(/\r?\n/);
  const at = lines.findIndex((line) => /error/i.test(line));
  return at < 0 ? output : lines.slice(at, at + 12).join('\n');
}

function describe(outcome: ProgramOutcome): string {
  switch (outcome.status) {
    case 'ended':
      return `ended with status ${outcome.code}`;
    case 'killed':
      return `was ended by ${outcome.signal}`;
    case 'timed-out':
      return 'did not end in the time allowed';
    case 'not-started':
      return `could not be started: ${outcome.code}`;
  }
}
