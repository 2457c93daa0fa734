// Makes ready, in a cache folder, what running under another Node needs: the Nodes (they come as npm
// packages), a copy of this tree, and better-sqlite3's binding for each. The tree itself is not touched.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const call = promisify(execFile);
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const cache = join(process.env.XDG_CACHE_HOME ?? tmpdir(), 'clade-test-nodes');

/** Where the copy of the tree lies that the Nodes run. */
export const tree = join(cache, 'tree');

/**
 * @param {string[]} majors
 * @param {(text: string) => void} tell
 * @returns {Promise<{ name: string, path: string, env: NodeJS.ProcessEnv }[]>} each Node: its version, its
 *   executable, and an environment in which `node` is this one
 */
export async function prepareNodes(majors, tell) {
  await mkdir(cache, { recursive: true });
  await copyPackages(tell);
  const nodes = [];
  for (const major of majors) {
    const node = await installNode(major, tell);
    await buildBinding(node, tell);
    nodes.push(node);
  }
  await copyTree(tell);
  return nodes;
}

/** The package that holds Node's executable and headers for this platform. */
export async function installNode(major, tell) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = join(cache, 'nodes', major);
  const home = join(folder, 'node_modules', name);
  if (!existsSync(home)) {
    tell(`installing ${name}@${major}`);
    await mkdir(folder, { recursive: true });
    const options = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'];
    await npm(['install', ...options, `${name}@${major}`]);
  }
  const path = join(home, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const { stdout } = await call(path, ['-p', 'process.versions.node']);
  const env = { ...process.env, PATH: `${dirname(path)}${delimiter}${process.env.PATH}` };
  return { name: stdout.trim(), path, home, env };
}

/**
 * Compiles better-sqlite3 against a Node's headers, and puts it where `bindings` looks for one made for
 * that very version: so one folder of packages serves all Nodes. Needs Python and a C++ compiler.
 */
async function buildBinding({ name, path, home }, tell) {
  const source = join(root, 'node_modules/better-sqlite3');
  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  const kept = join(cache, 'bindings', `${version}-node-${name}.node`);
  if (!existsSync(kept)) {
    tell(`compiling better-sqlite3 ${version} for Node ${name} (about a minute)`);
    const project = join(cache, 'bindings', `node-${name}`);
    const copy = join(project, 'node_modules/better-sqlite3');
    await rm(project, { recursive: true, force: true });
    await cp(source, copy, { recursive: true, filter: (path) => path !== join(source, 'build') });
    await writeFile(join(project, 'package.json'), '{ "private": true }');
    // npm brings its own node-gyp along and puts it on the path of `explore`. Headers are named in the
    // environment: a `nodedir` in a user's .npmrc gets there too, and would win over an argument.
    const command = ['node-gyp', 'rebuild', '--release'];
    await npm(['explore', 'better-sqlite3', '--prefix', project, '--', ...command], {
      npm_config_nodedir: home,
    });
    const built = join(copy, 'build/Release/better_sqlite3.node');
    await call(path, ['-e', 'require(process.argv[1])', built]); // throws where it is another Node's
    // Compiled elsewhere and renamed: a build that was cut off leaves nothing that looks finished.
    await rename(built, kept);
    await rm(project, { recursive: true, force: true });
  }
  const place = join(tree, 'node_modules/better-sqlite3/compiled', name, process.platform, process.arch);
  await mkdir(place, { recursive: true });
  await copyFile(kept, join(place, 'better_sqlite3.node'));
}

/** A copy of the installed packages, made again when the lock file is another. */
async function copyPackages(tell) {
  const lock = await readFile(join(root, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex');
  const stamp = join(cache, 'packages.digest');
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === digest) return;
  tell('copying node_modules');
  await rm(stamp, { force: true });
  await rm(join(tree, 'node_modules'), { recursive: true, force: true });
  // Bindings built for the Node at hand would be found first; TensorFlow, hundreds of MB, is not asked for here.
  const leftOut = ['better-sqlite3/build', '@tensorflow/tfjs-node-gpu', '.vite', '.cache'].map((path) =>
    join(root, 'node_modules', path),
  );
  await cp(join(root, 'node_modules'), join(tree, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !leftOut.includes(path),
  });
  await writeFile(stamp, digest);
}

/** Every file that git knows or would take, as it is now, built by the Node that runs this script. */
async function copyTree(tell) {
  tell('copying and building the tree');
  for (const name of await readdir(tree)) {
    if (name !== 'node_modules') await rm(join(tree, name), { recursive: true, force: true });
  }
  const { stdout } = await call('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root });
  for (const path of stdout.split('\0')) {
    if (path === '' || !existsSync(join(root, path))) continue;
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await copyFile(join(root, path), join(tree, path));
  }
  await call(process.execPath, ['scripts/build.mjs'], { cwd: tree });
}

async function npm(args, env = {}) {
  const options = { cwd: cache, env: { ...process.env, ...env }, shell: process.platform === 'win32' };
  try {
    await call('npm', args, { ...options, maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`npm ${args.join(' ')} failed:\n${error.stderr.slice(-4000)}`);
  }
}
