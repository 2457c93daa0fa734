import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseArtifactRecord } from '../../../src/store/artifact-record.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { endRun, fieldsOf, publishWork, query, temporaryStore } from './fixtures.ts';

const FIELDS = fieldsOf({ parameters: { size: 3 } });

function look(store: Store) {
  const reading = openStore({ folder: store.folder, readOnly: true });
  try {
    return reading.verify();
  } finally {
    reading.close();
  }
}

function overwrite(path: string, change: (bytes: Buffer) => Buffer): void {
  const bytes = readFileSync(path);
  chmodSync(path, 0o644);
  writeFileSync(path, change(bytes));
}

const flip =
  (at: number, bit = 0) =>
  (bytes: Buffer) => {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1 << bit;
    return changed;
  };

describe('verify', () => {
  test('finds nothing in a store that is as it was written, and counts what it read', async () => {
    const store = temporaryStore();
    await publishWork(store, { fields: FIELDS });
    await publishWork(store, { fields: fieldsOf({ parameters: { size: 4 } }) });
    // two objects of out.txt (5 bytes: 'hello') and artifact.json each
    expect(look(store)).toMatchObject({ objects: 2, files: 4, sizeBytes: 10, findings: [] });
  });

  test('names a changed file, leaves it when only looking, quarantines it when repairing', async () => {
    const store = temporaryStore();
    const { folder, fingerprint } = await publishWork(store, { fields: FIELDS });
    overwrite(join(folder, 'out.txt'), flip(2));
    const finding = {
      kind: 'object',
      name: fingerprint,
      stepId: 'copy',
      path: 'out.txt',
      problem: 'changed',
    };
    expect(look(store).findings).toEqual([expect.objectContaining(finding)]);
    expect(look(store).findings).toHaveLength(1); // still there
    expect(store.verify().findings).toEqual([expect.objectContaining(finding)]);
    expect(look(store).findings).toEqual([]);
    expect(store.findObject(fingerprint).status).toBe('absent');
  });

  test('names files that are missing, cut, or listed nowhere', async () => {
    const store = temporaryStore();
    const { folder } = await publishWork(store, { fields: FIELDS, files: { a: 'aa', b: 'bb', c: 'cc' } });
    rmSync(join(folder, 'a'));
    overwrite(join(folder, 'b'), (bytes) => bytes.subarray(0, 1));
    expect(look(store).findings.map(({ path, problem }) => [path, problem])).toEqual([
      ['a', 'missing'],
      ['b', 'has 1 bytes instead of 2'],
    ]);
    const other = await publishWork(store, { fields: fieldsOf({ parameters: { size: 4 } }) });
    writeFileSync(join(other.folder, 'stranger'), '');
    expect(look(store).findings.map(({ path }) => path)).toContain('stranger');
  });

  test('names an object that is gone, and one that the index does not describe as it is', async () => {
    const store = temporaryStore();
    const gone = await publishWork(store, { fields: FIELDS });
    await publishWork(store, { fields: fieldsOf({ parameters: { size: 4 } }) });
    query(store, `UPDATE outputs SET digest = replace(digest, 'a', 'b')`);
    rmSync(gone.folder, { recursive: true });
    const findings = look(store).findings;
    expect(findings.map(({ kind }) => kind).sort()).toEqual(['index', 'object', 'object']);
    store.verify();
    expect(look(store).findings).toEqual([]);
  });

  test('names a link that leads to another object', async () => {
    const store = temporaryStore();
    const { fingerprint } = await publishWork(store, { fields: FIELDS });
    const run = store.startRun({
      pipeline: 'p',
      file: 'p.yaml',
      text: '',
      points: [{}],
      engine: 'wasm',
      versions: {},
    });
    const step = { id: 'copy', key: 'copy', uses: 'copy', point: {}, params: {} };
    run.settled({
      step,
      verdict: 'executed',
      fingerprint,
      attempt: 'a',
      reasons: [],
      failure: null,
      durationMs: 1,
    });
    endRun(run, {
      status: 'succeeded',
      steps: { total: 1, executed: 1, reused: 0, failed: 0, skipped: 0 },
      durationMs: 1,
    });
    expect(look(store)).toMatchObject({ links: 1, findings: [] });
    const link = join(store.folder, 'runs', run.id, 'steps/copy');
    unlinkSync(link);
    symlinkSync('../../../objects/00/elsewhere', link);
    expect(look(store).findings).toEqual([
      expect.objectContaining({ kind: 'link', name: run.id, stepId: 'copy' }),
    ]);
  });

  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['run.json', (bytes) => bytes.subarray(0, 20), 'is not whole JSON'],
    ['run.json', () => Buffer.from('{"id":"other"}'), 'is of another run'],
    ['pipeline.yaml', flip(3), 'changed'],
    ['events.jsonl', (bytes) => bytes.subarray(0, -1), 'is cut'],
    ['events.jsonl', () => Buffer.alloc(0), 'is cut'],
    ['events.jsonl', (bytes) => bytes.subarray(0, bytes.indexOf('\n') + 1), 'is cut'],
    ['events.jsonl', flip(0), 'line 1 is not whole JSON'],
  ])('names a damaged %s of a run that ended (%#)', (file, change, problem) => {
    const store = temporaryStore();
    const of = { pipeline: 'p', file: 'p.yaml', points: [{}], engine: 'wasm', versions: {} };
    const run = store.startRun({ ...of, text: 'stages: {}\n' });
    const planned = { stepId: 'a', uses: 'copy', point: {}, dependsOn: [] };
    run.append({ event: 'step-planned', at: '2026-11-23T05:12:00.000Z', runId: run.id, ...planned });
    const steps = { total: 0, executed: 0, reused: 0, failed: 0, skipped: 0 };
    endRun(run, { status: 'succeeded', steps, durationMs: 1 });
    store.startRun({ ...of, text: '' }); // still on: no word about its events
    expect(look(store).findings).toEqual([]);
    overwrite(join(store.folder, 'runs', run.id, file), change);
    const path = `runs/${run.id}/${file}`;
    expect(look(store).findings).toEqual([
      expect.objectContaining({ kind: 'run', name: run.id, path, problem }),
    ]);
    rmSync(join(store.folder, path));
    expect(look(store).findings).toMatchObject([{ kind: 'run', path, problem: 'missing' }]);
  });

  test('names a damaged checkpoint and a damaged index', async () => {
    const store = temporaryStore();
    await publishWork(store, { fields: FIELDS });
    const checkpoint = join(store.folder, 'attempts/r1-1-0123456789abcdef/checkpoint/000001');
    mkdirSync(checkpoint, { recursive: true });
    writeFileSync(join(checkpoint, 'manifest.json'), '{"format": 1');
    expect(look(store).findings).toEqual([
      expect.objectContaining({ kind: 'checkpoint', path: 'checkpoint/000001' }),
    ]);
    store.close();
    const index = join(store.folder, 'lineage.db');
    overwrite(index, (bytes) => bytes.subarray(0, 6000));
    appendFileSync(index, Buffer.alloc(4000));
    expect(look(store).findings.map(({ kind }) => kind)).toContain('index');
  });
});

describe('artifact.json', () => {
  test('is refused with any one bit flipped, whether or not an index knows it', async () => {
    const store = temporaryStore();
    const { folder } = await publishWork(store, {
      fields: FIELDS,
      metrics: [{ name: 'acc', split: 'test', value: 0.5, better: 'higher' }],
    });
    const bytes = readFileSync(join(folder, 'artifact.json'));
    expect(parseArtifactRecord(bytes.toString('utf8'))).toHaveProperty('record');
    const accepted: string[] = [];
    for (let at = 0; at < bytes.length - 1; at++) {
      // the last byte is the line's end
      for (let bit = 0; bit < 8; bit++) {
        const text = flip(at, bit)(bytes).toString('utf8');
        if ('record' in parseArtifactRecord(text))
          accepted.push(`byte ${at} bit ${bit}: ${text.slice(at - 20, at + 20)}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  test('of format 1, which has no checksum, is read as before', async () => {
    const store = temporaryStore();
    const change = ({ ...record }) => ({ ...record, format: 1 as const });
    const { fingerprint, folder } = await publishWork(store, { fields: FIELDS, change: change as never });
    expect(JSON.parse(readFileSync(join(folder, 'artifact.json'), 'utf8'))).not.toHaveProperty('checksum');
    expect(store.verifyObject(fingerprint).status).toBe('sound');
  });
});
