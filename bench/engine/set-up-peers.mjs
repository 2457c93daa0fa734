import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TORCH = ['torch==2.15.0', 'numpy', 'scikit-learn'];
const TENSORFLOWS = { 2.12: '2.12.1', 2.21: '2.21.0' };

/**
 * The peers, installed below `home` unless they are there: environments of Python, and for tfjs-node its
 * binding to TensorFlow, by clade's own command, in a cache folder of each version.
 * @returns what is there, and of the others why they are not
 */
export function setUpPeers(home, root) {
  const peers = [];
  const absent = [];
  const attempt = (name, make) => {
    try {
      peers.push({ name, ...make() });
    } catch (error) {
      absent.push({ name, why: lastLine(error.message) });
    }
  };
  attempt('PyTorch', () => {
    const python = environment(join(home, 'torch'), TORCH);
    return { kind: 'torch', python, version: ask(python, 'import torch; print(torch.__version__)') };
  });
  for (const [short, version] of Object.entries(TENSORFLOWS)) {
    attempt(`tfjs-node on TensorFlow ${short}`, () => {
      const folder = join(home, `tensorflow-${short}`);
      // No tensorflow-cpu on PyPI for other platforms than this.
      const name = process.platform === 'linux' && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
      const python = environment(folder, [`${name}==${version}`]);
      const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), CLADE_TENSORFLOW_DEVICE: 'cpu' };
      const install = ['engine', 'install', 'tensorflow', '--python', python, '--json'];
      const said = run(process.execPath, [join(root, 'bin/clade.js'), ...install], env);
      return { kind: 'tensorflow', env, version: JSON.parse(said).tensorflow.version };
    });
  }
  return { peers, absent };
}

/** The Python of a virtual environment with these packages. */
function environment(folder, packages) {
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  if (!existsSync(join(folder, 'ready'))) {
    process.stderr.write(`installing ${packages.join(', ')} in ${folder}\n`);
    mkdirSync(folder, { recursive: true });
    run('python3', ['-m', 'venv', folder]);
    run(join(bin, 'python'), ['-m', 'pip', 'install', '--quiet', ...packages]);
    writeFileSync(join(folder, 'ready'), '');
  }
  return join(bin, 'python');
}

function ask(python, code) {
  return run(python, ['-c', code]).trim();
}

function run(program, args, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env });
  if (error) throw new Error(`${program}: ${error.message}`);
  if (status !== 0) throw new Error(stderr || stdout || `${program} ended with ${status}`);
  return stdout;
}

function lastLine(text) {
  return text.trim().split('\n').at(-1);
}
