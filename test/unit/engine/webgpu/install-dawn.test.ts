import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { webgpu } from '../../../../src/engine/kinds/webgpu.ts';
import { installDawn, removeDawn } from '../../../../src/engine/webgpu/install-dawn.ts';
import {
  binaryFolder,
  DAWN_VERSION,
  findDawn,
  webgpuFolder,
} from '../../../../src/engine/webgpu/installation.ts';
import { temporaryFolder } from '../../../support/clade.ts';

let place = temporaryFolder();
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());

/** A file as `npm pack` makes it, with these platforms' binaries. */
function packed(platforms: readonly string[], version = DAWN_VERSION): string {
  const folder = join(place.path, 'package');
  rmSync(folder, { recursive: true, force: true });
  for (const name of platforms) {
    mkdirSync(join(folder, 'dist', name), { recursive: true });
    writeFileSync(join(folder, 'dist', name, 'dawn.node'), name);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'webgpu', version }));
  execFileSync('tar', ['-czf', 'webgpu.tgz', 'package'], { cwd: place.path });
  return join(place.path, 'webgpu.tgz');
}
const environment = () => ({ ...process.env, XDG_CACHE_HOME: join(place.path, 'cache') });

describe('installDawn', () => {
  it('keeps this platform’s binary alone, is found afterwards, and does nothing when called again', async () => {
    const env = environment();
    const from = packed([binaryFolder(), 'plan9-mips']);
    const installed = await installDawn({ env, from });
    expect(installed).toEqual({ folder: join(webgpuFolder(env), DAWN_VERSION), version: DAWN_VERSION });
    expect(readdirSync(join(installed.folder, 'dist'))).toEqual([binaryFolder()]);
    expect(readdirSync(webgpuFolder(env))).toEqual([DAWN_VERSION]);
    expect(findDawn(env)).toEqual(installed);
    expect(await installDawn({ env, from: '/nowhere.tgz' })).toEqual(installed);
    expect(removeDawn(env)).toBe(true);
    expect(findDawn(env)).toBeNull();
    expect(removeDawn(env)).toBe(false);
  });

  it('replaces one that lost its binary, and clears what a killed one left the day before', async () => {
    const env = environment();
    const { folder } = await installDawn({ env, from: packed([binaryFolder()]) });
    rmSync(join(folder, 'dist'), { recursive: true });
    const old = join(webgpuFolder(env), '.new-old');
    const young = join(webgpuFolder(env), '.new-young');
    mkdirSync(old);
    mkdirSync(young);
    utimesSync(old, new Date(0), new Date(0));
    expect(findDawn(env)).toBeNull();
    await installDawn({ env, from: packed([binaryFolder()]) });
    expect(findDawn(env)).not.toBeNull();
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });

  it.each([
    ['another version', () => packed([binaryFolder()], '0.1.0'), /version 0\.1\.0 of webgpu was given/],
    ['no binary for this platform', () => packed(['plan9-mips']), /has no binary .*plan9-mips/],
    ['no file', () => '/nowhere.tgz', /no file/],
    [
      'a file cut off',
      () => {
        writeFileSync(join(place.path, 'half.tgz'), 'half');
        return join(place.path, 'half.tgz');
      },
      /could not be unpacked/,
    ],
  ])('refuses %s by name and leaves nothing', async (_, from, message) => {
    const env = environment();
    await expect(installDawn({ env, from: from() })).rejects.toThrow(message);
    expect(readdirSync(webgpuFolder(env))).toEqual([]);
  });

  it('says how to go on without network where npm does not get it', async () => {
    const env = {
      ...environment(),
      npm_config_registry: 'http://127.0.0.1:9/', // nothing listens there
      npm_config_cache: join(place.path, 'npm'),
    };
    await expect(installDawn({ env })).rejects.toMatchObject({
      failure: {
        reason: 'engine-unavailable',
        message: expect.stringMatching(/npm could not fetch.*--from FILE\.tgz/s),
      },
    });
  }, 60_000);
});

describe('the webgpu engine’s probe', () => {
  it('says the cure where Dawn is missing, and else a version made of Dawn’s and tfjs’s', async () => {
    const env = environment();
    vi.stubEnv('XDG_CACHE_HOME', env.XDG_CACHE_HOME);
    const places = { kernels: null, tfjsVersion: '4.22.0', sources: { webgpu: '5ca1e' } };
    expect(webgpu.probe(places)).toMatchObject({
      available: false,
      cure: expect.stringContaining('clade engine install webgpu'),
    });
    await installDawn({ env, from: packed([binaryFolder()]) });
    expect(webgpu.probe(places).identity).toEqual({
      name: 'webgpu',
      version: '0.6.2 with tfjs 4.22.0',
      kernels: '5ca1e',
    });
    vi.unstubAllEnvs();
  });
});
