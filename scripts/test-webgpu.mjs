// `npm run test:webgpu`: the webgpu engine's tests on this machine's GPU.
//   npm run test:webgpu -- [--software] [--short] [vitest's own arguments]
// --software takes SwiftShader, which computes Vulkan on the processor, from Debian's chromium-common:
// the installed one, or a downloaded package unpacked in the cache folder. --short leaves out what
// takes long there. Dawn is installed by the code that users have, into a cache folder of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(process.env.XDG_CACHE_HOME ?? tmpdir(), 'clade-test-webgpu');
const args = process.argv.slice(2).filter((argument) => !['--software', '--short'].includes(argument));
const has = (option) => process.argv.includes(option);

const env = { ...process.env, XDG_CACHE_HOME: join(cache, 'user') };
if (has('--short')) env.CLADE_TEST_SHORT = '1';
if (has('--software')) {
  const folder = swiftShader();
  env.VK_DRIVER_FILES = join(folder, 'vk_swiftshader_icd.json');
  // The loader beside it, where the system has none.
  env.LD_LIBRARY_PATH = [process.env.LD_LIBRARY_PATH, folder].filter(Boolean).join(':');
}

const { installDawn } = await loadInstaller();
await installDawn({ env });
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const tested = spawnSync(process.execPath, [vitest, 'run', '--config', 'vitest.webgpu.config.ts', ...args], {
  cwd: root,
  env,
  stdio: 'inherit',
});
process.exit(tested.status ?? 1);

function swiftShader() {
  const places = ['/usr/lib/chromium', join(cache, 'chromium-common/usr/lib/chromium')];
  const found = places.find((folder) => existsSync(join(folder, 'libvk_swiftshader.so')));
  if (found) return found;
  const unfinished = join(cache, `unfinished-${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  try {
    const download = () =>
      spawnSync('apt-get', ['download', '-qq', 'chromium-common'], { cwd: unfinished, stdio: 'inherit' });
    if (download().status !== 0) {
      execFileSync('apt-get', ['update', '-qq']); // a fresh machine has no lists
      download();
    }
    const [file] = readdirSync(unfinished);
    execFileSync('dpkg-deb', ['-x', file, '.'], { cwd: unfinished });
    renameSync(unfinished, join(cache, 'chromium-common'));
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    process.stderr.write(
      `SwiftShader could not be had (${error.message}). On Debian: apt-get update && apt-get install chromium-common; elsewhere set VK_DRIVER_FILES yourself and leave --software out.\n`,
    );
    process.exit(1);
  }
  return places[1];
}

async function loadInstaller() {
  const outfile = join(cache, `install-dawn-${process.pid}.mjs`);
  await build({
    entryPoints: [join(root, 'src/engine/webgpu/install-dawn.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile);
  }
}
