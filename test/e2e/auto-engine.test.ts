import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { binaryFolder, DAWN_VERSION, webgpuFolder } from '../../src/engine/webgpu/installation.ts';
import { clade, eventsOf, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

let place = temporaryFolder();
beforeEach(() => {
  place = temporaryFolder();
  makePictureFolder(join(place.path, 'data'));
  write('');
});
afterEach(() => place.remove());

const write = (head: string) => writeFileSync(join(place.path, 'small.yaml'), head + SMALL_PIPELINE);
const cache = () => join(place.path, 'cache');

/** `clade … ` with a cache folder of its own and no engine in the environment but this. */
const call = (args: readonly string[], engine = '') =>
  clade(args, { cwd: place.path, env: { XDG_CACHE_HOME: cache(), CLADE_ENGINE: engine } });

async function run(args: readonly string[] = [], engine = '') {
  const called = await call(
    ['run', 'small.yaml', '--json', '--only', 'pretrain', '--set', 'epochs=2', ...args],
    engine,
  );
  const [started] = eventsOf(called.stdout);
  if (started?.event !== 'run-started') return { ...called, engine: null, why: [] };
  return {
    ...called,
    engine: started.engine,
    why: started.notes.filter((note) => note.startsWith('engine ')),
  };
}

/** A Dawn that is whole as far as files tell, and does this when it is loaded. */
function installFakeDawn(whenLoaded: string): void {
  const folder = join(webgpuFolder({ XDG_CACHE_HOME: cache() }), DAWN_VERSION);
  mkdirSync(join(folder, 'dist', binaryFolder()), { recursive: true });
  writeFileSync(join(folder, 'dist', binaryFolder(), 'dawn.node'), '');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', version: DAWN_VERSION }));
  writeFileSync(join(folder, 'index.js'), whenLoaded);
}

function speedFiles(): string[] {
  return readdirSync(join(cache(), 'clade/engine-speeds')).map((name) =>
    join(cache(), 'clade/engine-speeds', name),
  );
}

it('takes wasm where nobody says anything, and what the file says where it does', async () => {
  expect(await run()).toMatchObject({ exitCode: 0, engine: 'wasm', why: [] });
  write('engine: abacus\n');
  const { exitCode, stderr } = await run();
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    "there is no engine 'abacus'; expected auto, tensorflow, wasm, webgpu (small.yaml says engine: abacus)",
  );
  expect(await run([], 'wasm')).toMatchObject({ exitCode: 0, engine: 'wasm' });
});

it('measures for auto in a process that may crash, says so, stores it, and keeps to what it took', async () => {
  installFakeDawn('process.abort();');
  write('engine: auto\n');
  const first = await run();
  expect(first).toMatchObject({ exitCode: 0, engine: 'wasm' });
  expect(first.stderr).toMatch(/measuring wasm on pretrain of 16×16, batch 12.*\n.*measuring webgpu/);
  expect(first.why).toEqual([
    expect.stringMatching(
      /^engine wasm: the only one that works here \(a step of pretrain of 16×16, batch 12: wasm [\d.]+ ms\); webgpu does not work here: its process ended by SIGABRT/,
    ),
  ]);
  expect(speedFiles()).toHaveLength(2);

  // The artifacts decide from now on, whatever the cache says.
  for (const path of speedFiles()) writeFileSync(path, readFileSync(path, 'utf8').slice(0, 50));
  const second = await run();
  expect(second).toMatchObject({
    exitCode: 0,
    stderr: '',
    why: ["engine wasm: this pipeline's artifacts are of it; --engine NAME takes another"],
  });
  expect(eventsOf(second.stdout).at(-1)).toMatchObject({ steps: { executed: 0 } });

  // Elsewhere a damaged cache is measured anew, and a dry run measures nothing.
  const dry = await call(['run', 'small.yaml', '--artifacts', 'other', '--dry-run']);
  expect(dry).toMatchObject({ exitCode: 0, stderr: '' });
  const third = await run(['--artifacts', 'other']);
  expect(third.stderr).toContain('measuring wasm');
  expect(third.engine).toBe('wasm');
  const doctor = await call(['doctor', '--engine', 'auto']);
  expect(doctor.stdout).toMatch(/measured: wasm on pretrain of 16×16, batch 12: [\d.]+ ms a step/);
  expect(doctor.stdout).toMatch(
    /measured: webgpu on pretrain of 16×16, batch 12: its process ended by SIGABRT/,
  );
});
