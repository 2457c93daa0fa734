// `npm run test:tensorflow`: the tensorflow engine's tests, on TensorFlow from PyPI.
//   npm run test:tensorflow -- [--tensorflow 2.21.0] [--nodes 22,26] [vitest's own arguments]
// TensorFlow is installed by the command that users have (`clade engine install tensorflow --venv`), into
// an environment and a cache folder of its own, outside the tree, and kept there for the next time. --nodes
// runs the conformance suite under other Nodes too, on the same binding. Where PyPI refuses, this fails.
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installNode } from './test-nodes/prepare.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(process.env.XDG_CACHE_HOME ?? tmpdir(), 'clade-test-tensorflow');

const args = process.argv.slice(2);
const version = takeOption('--tensorflow') ?? '2.21.0';
const nodes = takeOption('--nodes')?.split(',') ?? [];
const env = { ...process.env, XDG_CACHE_HOME: join(cache, 'user') };
// A Python of the one who calls is not meant, only the one on the path.
delete env.VIRTUAL_ENV;
delete env.CONDA_PREFIX;
delete env.CLADE_TENSORFLOW_DEVICE;

install();
process.exitCode = test(process.execPath, args) ? 0 : 1;
for (const major of nodes) {
  const node = await installNode(major, tell);
  tell(`conformance under Node ${node.name}`);
  if (!test(node.path, ['test/tensorflow/conformance.test.ts'])) process.exitCode = 1;
}

/** By the built command; says how long it took and what came out. */
function install() {
  // No tensorflow-cpu on PyPI for other platforms than this.
  const name = process.platform === 'linux' && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
  const venv = join(cache, `venv-${version}`);
  const command = ['engine', 'install', 'tensorflow', '--venv', venv, '--package', `${name}==${version}`];
  const startedMs = performance.now();
  const installed = spawnSync(process.execPath, [join(root, 'bin/clade.js'), ...command, '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (installed.status !== 0) {
    tell('THE TENSORFLOW ENGINE COULD NOT BE INSTALLED, so nothing of it has been tested.');
    process.exit(1);
  }
  const { tensorflow, compiled, compiler } = JSON.parse(installed.stdout);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  tell(
    `TensorFlow ${tensorflow.version} of ${tensorflow.python}, ${compiled ? `compiled by ${compiler}` : 'compiled before'}, ${seconds} s; Node ${process.version}`,
  );
}

function test(node, more) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const command = [vitest, 'run', '--config', 'vitest.tensorflow.config.ts', ...more];
  const path = { PATH: `${dirname(node)}${delimiter}${env.PATH}` };
  return spawnSync(node, command, { cwd: root, env: { ...env, ...path }, stdio: 'inherit' }).status === 0;
}

function takeOption(name) {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
}

function tell(text) {
  process.stderr.write(`${text}\n`);
}
