import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { digestBytes } from '../../src/core/digest.ts';
import { openStore } from '../../src/store/open-store.ts';

const FIELDS = {
  stage: 'copy',
  code: digestBytes('code'),
  parameters: {},
  seed: null,
  engine: null,
  inputs: {},
  sources: {},
};

const bundles = mkdtempSync(join(tmpdir(), 'clade-collect-child-'));
const childFile = join(bundles, 'child.cjs');

beforeAll(async () => {
  await build({
    entryPoints: [resolve(import.meta.dirname, 'store-child.ts')],
    outfile: childFile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['better-sqlite3'],
  });
});
afterAll(() => rmSync(bundles, { recursive: true, force: true }));

function startChild(task: string, particulars: object, failpoint = '') {
  const env = {
    ...process.env,
    NODE_PATH: resolve(import.meta.dirname, '../../node_modules'),
    CLADE_FAILPOINT: failpoint,
  };
  const child = spawn(process.execPath, [childFile, task, JSON.stringify(particulars)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return new Promise<{ result: Record<string, unknown>; signal: string | null }>((done) => {
    child.on('close', (_, signal) =>
      done({ result: JSON.parse(output.trim().split('\n').at(-1) || '{}'), signal }),
    );
  });
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clade-collect-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'artifacts');
}

describe('a collection in a loop', () => {
  test('beside three processes that make and reuse the same artifacts takes nothing from them', async () => {
    const folder = temporaryFolder();
    const particulars = { folder, fields: FIELDS, computeMs: 4000 };
    const ended = await Promise.all([
      startChild('use', particulars),
      startChild('use', particulars),
      startChild('use', particulars),
      startChild('collect', particulars),
    ]);
    const [one, two, three, collector] = ended.map(({ result }) => result);
    expect([one.broken, two.broken, three.broken]).toEqual([[], [], []]);
    expect(Number(one.made) + Number(two.made) + Number(three.made)).toBeGreaterThan(8); // 8 exist: some were made again
    expect(Number(one.reused)).toBeGreaterThan(0);
    expect(Number(collector.removed)).toBeGreaterThan(0);
  }, 60_000);
});

describe('a collection killed', () => {
  const places = [
    'gc-after-condemn',
    'gc-after-generation',
    'gc-before-rename',
    'gc-after-rename',
    'gc-after-trash',
  ];
  test.each(places)('at %s harms nothing, and the next one goes on', async (place) => {
    const folder = temporaryFolder();
    await startChild('use', { folder, fields: FIELDS, computeMs: 1 });
    const { signal } = await startChild('collect', { folder, fields: FIELDS, computeMs: 1 }, place);
    expect(signal).toBe('SIGKILL');
    const store = openStore({ folder });
    expect(store.verify().findings).toEqual([]);
    store.close();
    const used = await startChild('use', { folder, fields: FIELDS, computeMs: 1 });
    expect(used.result.broken).toEqual([]);
    const { result } = await startChild('collect', { folder, fields: FIELDS, computeMs: 1 });
    expect(result.removed).toBe(8);
    for (const name of ['gc/trash', 'gc/condemned', 'gc/live', 'names', 'leases'])
      expect(readdirSync(join(folder, name)), name).toEqual([]);
  }, 60_000);
});
