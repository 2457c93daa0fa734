import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { clade, eventsOf, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

it('runs the same pipeline as wasm, beside its artifacts, with losses that agree to four digits', async () => {
  makePictureFolder(join(place.path, 'data'));
  writeFileSync(
    join(place.path, 'small.yaml'),
    SMALL_PIPELINE.replace('maxIterations: 60', 'maxIterations: 10'),
  );
  const run = (engine: string) =>
    clade(['run', 'small.yaml', '--json', '--set', 'epochs=2', '-j', '1'], {
      cwd: place.path,
      env: { CLADE_ENGINE: engine },
    });
  const losses: number[][] = [];
  for (const engine of ['wasm', 'webgpu']) {
    const { exitCode, stdout, stderr } = await run(engine);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    // What computes no tensors is shared.
    const fresh = eventsOf(stdout).filter(({ event }) => event === 'step-finished');
    const ids = fresh.map((event) => (event as { stepId: string }).stepId);
    expect(ids.includes('ingest')).toBe(engine === 'wasm');
    expect(ids).toContain('pretrain');
    losses.push(historyOf('pretrain'));
  }
  losses[1].forEach((loss, at) => {
    expect(Math.abs(loss / losses[0][at] - 1)).toBeLessThan(1e-4);
  });
  const again = await run('webgpu');
  expect(eventsOf(again.stdout).at(-1)).toMatchObject({ steps: { executed: 0 } });
});

it('is kept to by auto, which moves on and says so where it cannot run any more', async () => {
  const auto = async (env: Record<string, string>) => {
    const { exitCode, stdout } = await clade(['run', 'small.yaml', '--json', '--set', 'epochs=2'], {
      cwd: place.path,
      env: { CLADE_ENGINE: 'auto', ...env },
    });
    expect(exitCode).toBe(0);
    return eventsOf(stdout)[0];
  };
  expect(await auto({})).toMatchObject({
    engine: 'webgpu',
    notes: expect.arrayContaining([
      "engine webgpu: this pipeline's artifacts are of it; --engine NAME takes another",
    ]),
  });
  const notes = await auto({ XDG_CACHE_HOME: join(place.path, 'no-engines') });
  expect(notes).toMatchObject({
    engine: 'wasm',
    notes: expect.arrayContaining([
      expect.stringMatching(/^engine wasm: .*artifacts are of webgpu, which cannot run here: Dawn/),
    ]),
  });
});

/** All numbers of the step's history. */
function historyOf(step: string): number[] {
  const text = readFileSync(join(place.path, 'artifacts/runs/latest/steps', step, 'history.csv'), 'utf8');
  return text
    .trim()
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(',').map(Number))
    .filter((value) => value > 0);
}
