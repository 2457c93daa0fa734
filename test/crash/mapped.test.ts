import { spawn } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { writePng } from '../../src/formats/png.ts';
import { arrayDigests, BIN, clade, eventsOf, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, type PictureRow, writeManifest } from '../support/picture-folder.ts';

const PIPELINE = `name: mapped
stages:
  ingest:
    uses: ingest
    with: { source: images, path: ./data, manifest: manifest.csv, label: kind, subject: subject }
  coregister:
    uses: coregister
    needs: { images: ingest }
    with: { to: atlas, atlas: ./atlas.png, by: image, iterations: 8, minLikeness: 0, tolerance: 1 }
`;

const template = temporaryFolder();
let rows: PictureRow[];
let undisturbed: { [path: string]: string };
let place = temporaryFolder();

beforeAll(async () => {
  rows = makePictureFolder(join(template.path, 'data'), 24);
  const pixels = Uint8Array.from({ length: 32 * 32 }, (_, at) => (at % 32 > 8 && at % 32 < 24 ? 200 : 0));
  writeFileSync(join(template.path, 'atlas.png'), writePng({ pixels, height: 32, width: 32 }));
  writeFileSync(join(template.path, 'mapped.yaml'), PIPELINE);
  const { exitCode, stderr } = await run(template.path, '--artifacts', 'undisturbed');
  expect(exitCode, stderr).toBe(0);
  undisturbed = arrayDigests(join(template.path, 'undisturbed'));
  return () => template.remove();
}, 120_000);

beforeEach(() => {
  place = temporaryFolder();
  for (const name of ['data', 'atlas.png', 'mapped.yaml'])
    cpSync(join(template.path, name), join(place.path, name), { recursive: true });
});
afterEach(() => place.remove());

function run(cwd: string, ...options: string[]) {
  return clade(['run', 'mapped.yaml', '--json', ...options], { cwd });
}

function itemsOf(stdout: string) {
  const finished = eventsOf(stdout).find(
    (event) => event.event === 'step-finished' && event.stepId === 'coregister',
  );
  return finished?.event === 'step-finished' ? finished.items! : null;
}

/** Runs until so many subjects are done, and kills the runner, or it and its workers. */
async function killAfter(done: number, whom: 'runner' | 'all'): Promise<void> {
  const child = spawn('node', [BIN, 'run', 'mapped.yaml', '--json'], {
    cwd: place.path,
    env: { ...process.env, CLADE_ENGINE: 'wasm' },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    const reached = eventsOf(text.slice(0, text.lastIndexOf('\n') + 1)).some(
      (event) => event.event === 'step-progressed' && event.stepId === 'coregister' && event.done >= done,
    );
    if (!reached || child.killed) return;
    if (whom === 'all') process.kill(-child.pid!, 'SIGKILL');
    child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.on('close', resolve));
}

it.each([
  'runner',
  'all',
] as const)('goes on with the subjects that are left when it is killed among them (%s), and ends in the same bytes', async (whom) => {
  await killAfter(2, whom);
  const { exitCode, stdout, stderr } = await run(place.path);
  expect(exitCode, stderr).toBe(0);
  expect(itemsOf(stdout)!.reused).toBeGreaterThanOrEqual(2);
  expect(arrayDigests(join(place.path, 'artifacts'))).toEqual(undisturbed);
}, 120_000);

it('computes one subject where one is added, and tells its items in lineage', async () => {
  const [first] = rows;
  const others = rows.filter(({ subject }) => subject !== first.subject);
  writeManifest(join(place.path, 'data'), others);
  const before = itemsOf((await run(place.path)).stdout)!;
  writeManifest(join(place.path, 'data'), rows);
  const after = itemsOf((await run(place.path)).stdout)!;
  expect(before.reused).toBe(0);
  expect(after).toEqual({ total: before.total + 1, reused: before.total });
  expect(arrayDigests(join(place.path, 'artifacts'))).toEqual(undisturbed);
  const step = join(place.path, 'artifacts/runs/latest/steps/coregister');
  const { stdout } = await clade(['lineage', step], { cwd: place.path });
  expect(stdout).toMatch(/items\n {2}s[0-9a-f]{8} \([0-9a-f]{12}\)/);
}, 120_000);

it('is made by one of two runs at once', async () => {
  const both = await Promise.all([run(place.path), run(place.path)]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(both.filter(({ stdout }) => itemsOf(stdout) !== null)).toHaveLength(1);
  expect(arrayDigests(join(place.path, 'artifacts'))).toEqual(undisturbed);
}, 120_000);
