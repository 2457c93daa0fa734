import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { arrayDigests, clade, eventsOf, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE, writeManifest } from '../support/picture-folder.ts';

/** One finished run that every test starts from a copy of. */
const finished = temporaryFolder();
let place = temporaryFolder();
const rows = makePictureFolder(join(finished.path, 'data'));

beforeAll(async () => {
  writeFileSync(join(finished.path, 'small.yaml'), SMALL_PIPELINE);
  const { exitCode, stderr } = await clade(['run', 'small.yaml'], { cwd: finished.path });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return () => finished.remove();
}, 120_000);

beforeEach(() => {
  place = temporaryFolder();
  cpSync(finished.path, place.path, { recursive: true, verbatimSymlinks: true });
});
afterEach(() => place.remove());

const run = (...more: string[]) => clade(['run', 'small.yaml', '--json', ...more], { cwd: place.path });

function executed(stdout: string): string[] {
  return eventsOf(stdout)
    .filter(({ event }) => event === 'step-finished')
    .map((event) => (event as { stepId: string }).stepId)
    .sort();
}

describe('a second run', () => {
  it('executes nothing, and loads no stage, no worker and no numerics', async () => {
    const coverage = join(place.path, 'loaded');
    const { exitCode, stdout } = await clade(['run', 'small.yaml', '--json'], {
      cwd: place.path,
      env: { NODE_V8_COVERAGE: coverage },
    });
    expect(exitCode).toBe(0);
    expect(eventsOf(stdout).at(-1)).toMatchObject({
      event: 'run-finished',
      status: 'succeeded',
      steps: { total: 10, executed: 0, reused: 10, failed: 0, skipped: 0 },
    });
    const loaded = readdirSync(coverage).flatMap((name) =>
      (JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] }).result.map(
        ({ url }) => url,
      ),
    );
    expect(loaded.some((url) => url.includes('/dist/cli.js'))).toBe(true);
    expect(loaded.filter((url) => /\/dist\/(stages|worker)|@tensorflow|resvg|umap/.test(url))).toEqual([]);
  });

  it('gives the same digests in a fresh artifacts folder', async () => {
    const { exitCode, stdout } = await run('--artifacts', 'fresh', '-j', '1');
    expect(exitCode).toBe(0);
    expect(executed(stdout)).toHaveLength(10);
    const first = arrayDigests(join(place.path, 'artifacts'));
    expect(Object.keys(first)).toContain('pretrain/weights.safetensors');
    expect(arrayDigests(join(place.path, 'fresh'))).toEqual(first);
  });

  it('moves with its folder: another place, the same artifacts', async () => {
    const { stdout } = await clade(
      ['run', 'small.yaml', '--json', '--set', `data=${join(finished.path, 'data')}`],
      { cwd: place.path },
    );
    expect(executed(stdout)).toEqual([]);
  });
});

describe('a changed input', () => {
  it('with shuffled labels reruns ingest, evaluate and drawings alone', async () => {
    const kinds = rows.map(({ kind }) => kind);
    writeManifest(
      join(place.path, 'data'),
      rows.map((row, at) => ({ ...row, kind: kinds[(at + 1) % kinds.length] })),
    );
    const images = (folder: string) =>
      Object.entries(arrayDigests(folder)).filter(([path]) => path.startsWith('ingest/images'));
    const before = images(join(place.path, 'artifacts'));
    const { exitCode, stdout } = await run();
    expect(exitCode).toBe(0);
    expect(executed(stdout)).toEqual(['evaluate', 'figures', 'ingest', 'table']);
    expect(images(join(place.path, 'artifacts'))).toEqual(before);
  });

  it('with another gamma reruns from finetune on', async () => {
    const { stdout } = await run('--set', 'gamma=0.2');
    expect(executed(stdout)).toEqual(['evaluate', 'figures', 'finetune', 'project', 'table']);
    const started = eventsOf(stdout).find((event) => event.event === 'step-started');
    expect(started).toMatchObject({
      reasons: [{ code: 'parameter-changed', field: 'gamma', from: '0.1', to: '0.2' }],
    });
  });

  it('comes back to what is kept', async () => {
    await run('--set', 'gamma=0.2');
    const { stdout } = await run('--set', 'gamma=0.1');
    expect(executed(stdout)).toEqual([]);
  });

  it('with a comment in the file reruns nothing', async () => {
    writeFileSync(join(place.path, 'small.yaml'), `# a comment\n${SMALL_PIPELINE}`);
    expect(executed((await run()).stdout)).toEqual([]);
  });
});

describe('damage', () => {
  it('of a stored file is found, set aside and made again', async () => {
    const weights = join(place.path, 'artifacts/runs/latest/steps/pretrain/weights.safetensors');
    const bytes = readFileSync(weights);
    rmSync(weights);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(weights, bytes);
    const before = arrayDigests(join(finished.path, 'artifacts'));
    const { exitCode, stdout } = await run();
    expect(exitCode).toBe(0);
    expect(executed(stdout)).toEqual(['pretrain']);
    expect(arrayDigests(join(place.path, 'artifacts'))).toEqual(before);
    expect(readdirSync(join(place.path, 'artifacts/quarantine'))).not.toEqual([]);
  });

  it('of the index costs nothing: it is rebuilt from the files', async () => {
    for (const name of readdirSync(join(place.path, 'artifacts'))) {
      if (name.startsWith('lineage.db')) rmSync(join(place.path, 'artifacts', name));
    }
    expect(executed((await run()).stdout)).toEqual([]);
    const { stdout } = await clade(['compare', 'latest', '--json'], { cwd: place.path });
    expect(JSON.parse(stdout).rows[0].metrics).toHaveProperty(['evaluate.test.acc']);
  });

  it('of the index, then reindex: runs and metrics are back', async () => {
    const metrics = async () =>
      JSON.parse((await clade(['compare', 'latest', '--json'], { cwd: place.path })).stdout).rows;
    const before = await metrics();
    rmSync(join(place.path, 'artifacts/lineage.db'));
    const { stdout, exitCode } = await clade(['reindex'], { cwd: place.path });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^10 objects and 1 run indexed/);
    expect(await metrics()).toEqual(before);
  });
});

describe('what people look at', () => {
  it('finds pictures and tables by plain names', () => {
    const steps = join(place.path, 'artifacts/runs/latest/steps');
    for (const path of [
      'figures/loss.svg',
      'figures/loss.png',
      'evaluate/metrics.json',
      'table/table.csv',
      'split/items.csv',
    ]) {
      expect(existsSync(join(steps, path)), path).toBe(true);
    }
  });

  it('keeps names of sources out of every object, and readable by the owner alone', () => {
    const names = readdirSync(join(place.path, 'artifacts/names'));
    expect(names).toHaveLength(1);
    const seen: string[] = [];
    const visit = (folder: string) => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) visit(join(folder, entry.name));
        else if (entry.name !== 'artifact.json') seen.push(readFileSync(join(folder, entry.name), 'latin1'));
      }
    };
    visit(join(place.path, 'artifacts/objects'));
    expect(seen.filter((text) => /disc\/\d+\.png|disc-\d/.test(text))).toEqual([]);
  });

  it('lists, shows, explains, traces and exports', async () => {
    const call = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await clade(args, { cwd: place.path });
      expect(stderr, args.join(' ')).toBe('');
      expect(exitCode, args.join(' ')).toBe(0);
      return stdout;
    };
    expect(JSON.parse(await call('ls', '--json')).runs).toHaveLength(1);
    expect(await call('show')).toContain('finetune');
    expect(await call('status', 'small.yaml')).toBe('10 of 10 steps are up to date\n');
    expect(await call('why', 'small.yaml', 'finetune', '--set', 'gamma=0.5')).toMatch(
      /parameter gamma: 0\.1 → 0\.5/,
    );
    expect(await call('graph', 'small.yaml', '--format', 'dot')).toContain('"pretrain" -> "finetune"');
    await call('export', 'latest', 'table', '-o', 'out');
    const copy = join(place.path, 'copied.csv');
    cpSync(join(place.path, 'out/table/table.csv'), copy);
    expect(await call('lineage', copy)).toMatch(/^table /);
    expect(JSON.parse(await call('doctor', '--json'))).toMatchObject({ engine: 'wasm' });
    mkdirSync(join(place.path, 'new'));
    await call('init', 'new');
    expect(await call('graph', 'new/pipeline.yaml')).toContain('pretrain');
    const written = readFileSync(join(place.path, 'new/pipeline.yaml'), 'utf8');
    expect(written).toMatch(/^name: "new"$/m);
    expect(written).not.toMatch(/quickstart|\.\.\//);
  });
});
