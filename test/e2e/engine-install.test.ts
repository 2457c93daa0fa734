import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clade, temporaryFolder } from '../support/clade.ts';
import { buildFakeBinding, makeFakeCompiler, makeFakePython } from '../support/engine/fake-tensorflow.ts';

const binaries = temporaryFolder();
const binding = buildFakeBinding(binaries.path, '2.21.0');
let place: ReturnType<typeof temporaryFolder>;
let python: string;
let compiler: string;
const at = (...names: string[]) => join(place.path, ...names);
const engines = () => at('cache/clade/engines', `tensorflow-${process.platform}-${process.arch}`);
const call = (args: string[], env: Record<string, string> = {}) =>
  clade(args, { cwd: place.path, env: { XDG_CACHE_HOME: at('cache'), CXX: compiler, ...env } });
const install = (env: Record<string, string> = {}, more: string[] = []) =>
  call(['engine', 'install', 'tensorflow', '--python', python, ...more], env);
const tensorflowOf = async () => {
  const { stdout } = await call(['engine', 'ls', '--json']);
  const { engines: probes } = JSON.parse(stdout) as { engines: { name: string; available: boolean }[] };
  return probes.find(({ name }) => name === 'tensorflow');
};
const compilations = () => readFileSync(at('calls.txt'), 'utf8').trim().split('\n').length;

beforeAll(() => () => binaries.remove());
beforeEach(() => {
  place = temporaryFolder();
  python = makeFakePython(at('env'), { version: '2.21.0' });
  compiler = makeFakeCompiler(place.path, { binding: binding ?? '' });
});
afterEach(() => place.remove());

describe('clade engine', () => {
  it('lists every engine with why and cure, as lines and as JSON', async () => {
    const { stdout } = await call(['engine', 'ls']);
    expect(stdout).toMatch(/^- tensorflow: no TensorFlow .*Install it: clade engine install tensorflow/m);
    expect(stdout).toMatch(/^\+ wasm: /m);
    expect(await tensorflowOf()).toMatchObject({ available: false, identity: null });
  });

  it('refuses a name that cannot be installed, and options that say nothing', async () => {
    const wasm = await call(['engine', 'install', 'wasm']);
    expect(wasm).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/'wasm' comes with clade/) });
    const abacus = await call(['engine', 'remove', 'abacus']);
    expect(abacus).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/no engine 'abacus'.*tensorflow/),
    });
    const foreign = await call(['engine', 'install', 'webgpu', '--python', python]);
    expect(foreign).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/--python is not for webgpu/),
    });
    const alone = await install({}, ['--package', 'tensorflow']);
    expect(alone).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/--package .*give --venv/) });
  });

  it('fails by name, and leaves nothing in use, where Python has no TensorFlow', async () => {
    python = makeFakePython(at('bare'), { version: null });
    const called = await install();
    expect(called).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/has no TensorFlow: .*pip install/),
    });
    expect(readdirSync(engines())).toEqual([]);
  });

  it('takes the Python of the active environment where none is named', async () => {
    const called = await call(['engine', 'install', 'tensorflow'], { VIRTUAL_ENV: at('gone') });
    expect(called).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/VIRTUAL_ENV says .*gone/) });
  });
});

describe('clade engine install webgpu', () => {
  it('names a file that is not there, and has nothing to remove', async () => {
    const called = await call(['engine', 'install', 'webgpu', '--from', 'nowhere.tgz']);
    expect(called).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/no file .*nowhere\.tgz/) });
    expect((await call(['engine', 'remove', 'webgpu', '--json'])).exitCode).toBe(0);
  });
});

// A compiler of C makes an addon that stands for the binding; without one there is nothing to install.
describe.skipIf(binding === null)('clade engine install tensorflow', () => {
  it('compiles once, is in use, and is taken away again', async () => {
    const first = await install({}, ['--json']);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      compiled: true,
      tensorflow: { version: '2.21.0', python },
    });
    expect(await tensorflowOf()).toMatchObject({
      available: true,
      identity: { name: 'tensorflow', version: '2.21.0', device: 'cpu' },
    });
    expect(JSON.parse((await install({}, ['--json'])).stdout)).toMatchObject({ compiled: false });
    expect(compilations()).toBe(1);
    expect((await install({}, ['--reinstall'])).stdout).toMatch(/^tensorflow installed: TensorFlow 2\.21\.0/);
    expect(compilations()).toBe(2);
    expect(readdirSync(engines()).sort()).toEqual([expect.stringMatching(/^2\.21\.0-/), 'active.json']);
    expect(JSON.parse((await call(['engine', 'remove', 'tensorflow', '--json'])).stdout)).toEqual({
      engine: 'tensorflow',
      removed: engines(),
    });
    expect(existsSync(engines())).toBe(false);
    expect((await call(['engine', 'remove', 'tensorflow'])).stdout).toBe(
      'nothing of tensorflow is installed\n',
    );
  });

  it('keeps two environments apart, and goes back to the first without compiling', async () => {
    const first = python;
    await install();
    python = makeFakePython(at('other'), { version: '2.21.0' });
    expect((await install()).exitCode).toBe(0);
    expect(await tensorflowOf()).toMatchObject({ why: expect.stringContaining(at('other')) });
    python = first;
    expect((await install()).stdout).toContain('was installed already; now in use');
    expect(await tensorflowOf()).toMatchObject({ why: expect.stringContaining(first) });
    expect(compilations()).toBe(2);
  });

  it.each([
    'engine-compiled',
    'engine-before-rename',
    'engine-before-active',
  ])('killed at %s leaves nothing half-used, and the next install ends well', async (name) => {
    expect((await install({ CLADE_FAILPOINT: name })).exitCode).not.toBe(0);
    expect(await tensorflowOf()).toMatchObject({ available: false });
    const again = await install();
    expect(again.exitCode, again.stderr).toBe(0);
    expect(await tensorflowOf()).toMatchObject({ available: true });
    expect(readdirSync(engines()).sort()).toEqual([expect.stringMatching(/^2\.21\.0-/), 'active.json']);
  });

  it('killed while it compiles again leaves the one before in use', async () => {
    await install();
    await install({ CLADE_FAILPOINT: 'engine-before-rename' }, ['--reinstall']);
    expect(await tensorflowOf()).toMatchObject({ available: true });
  });

  it('on a full disk says so and leaves nothing', async () => {
    const called = await install({ CLADE_FAILPOINT: 'engine-before-rename=full' });
    expect(called).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/the disk is full/) });
    expect(readdirSync(engines())).toEqual([]);
  });

  it('says that the cache folder may not be written', async () => {
    writeFileSync(at('cache'), 'a file');
    const called = await install();
    expect(called).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^clade: the cache folder .* cannot be made .*XDG_CACHE_HOME/),
    });
  });

  it('refuses a library that says another version than its package', async () => {
    python = makeFakePython(at('mixed'), { version: '2.20.0' });
    const called = await install();
    expect(called).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/says that it is TensorFlow 2\.21\.0, its package says 2\.20\.0/),
    });
    expect(await tensorflowOf()).toMatchObject({ available: false });
  });

  it('is missed by doctor and by a run when its environment is gone, with the cure', async () => {
    await install();
    rmSync(at('env'), { recursive: true });
    const doctor = await call(['doctor', '--engine', 'tensorflow']);
    expect(doctor).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/moved or deleted .*--venv/) });
    writeFileSync(
      at('empty.yaml'),
      'name: empty\nseed: 1\nstages:\n  ingest: { uses: ingest, with: { source: phantom } }\n',
    );
    const run = await call(['run', 'empty.yaml', '--engine', 'tensorflow']);
    expect(run).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/cannot run here: .*moved or deleted/),
    });
    expect(existsSync(at('artifacts'))).toBe(false);
  });

  it('waits for nobody: another install at work is said', async () => {
    mkdirSync(engines(), { recursive: true });
    const { hostname } = await import('node:os');
    const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    writeFileSync(join(engines(), 'install.lock'), JSON.stringify(holder));
    expect(await install()).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/another install is at work/),
    });
    rmSync(join(engines(), 'install.lock'));
    expect((await install()).exitCode).toBe(0);
  });
});
