import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import { openDatabase } from '../../../src/store/open-database.ts';
import { fieldsOf, publishWork, temporaryStore } from './fixtures.ts';

const TEXT = readFileSync(resolve(import.meta.dirname, '../../../docs/lineage-schema.md'), 'utf8');
const EXAMPLES = TEXT.split('```sql')[1]
  .split('```')[0]
  .split(';')
  .map((sql) => sql.trim())
  .filter((sql) => sql !== '');

/** A store with `copy` and `next`, which read what `copy` made, and one run of both. */
async function askExample(title: RegExp, values: { [name: string]: string } = {}) {
  const store = temporaryStore();
  const made = await publishWork(store, { fields: fieldsOf(), files: { 'out.txt': 'hello' } });
  const inputs = { from: { 'out.txt': digestBytes('hello') } };
  const metrics = [{ name: 'acc', split: 'test', value: 0.75, better: 'higher' as const }];
  const next = await publishWork(store, {
    fields: fieldsOf({ stage: 'next', inputs }),
    files: { 'b.txt': 'b' },
    stepId: 'next',
    metrics,
  });
  store.reindex(); // which finds out what `next` was read from
  const run = store.startRun({
    pipeline: 'thesis',
    file: 't.yaml',
    text: '',
    points: [{}],
    engine: 'wasm',
    versions: {},
  });
  const settled = { verdict: 'executed', attempt: null, reasons: [], failure: null, durationMs: 12 } as const;
  const step = (id: string) => ({ id, key: id, uses: id, point: {}, params: {} });
  run.settled({ ...settled, step: step('copy'), fingerprint: made.fingerprint });
  run.settled({ ...settled, step: step('next'), fingerprint: next.fingerprint });
  run.finish({
    status: 'succeeded',
    steps: { total: 2, executed: 2, reused: 0, failed: 0, skipped: 0 },
    durationMs: 24,
  });
  const db = openDatabase(join(store.folder, 'lineage.db'), { readonly: true });
  const sql = EXAMPLES.find((example) => title.test(example))!;
  const bound = { digest: digestBytes('hello'), fingerprint: made.fingerprint, ...values };
  const needed = Object.fromEntries(Object.entries(bound).filter(([name]) => sql.includes(`:${name}`)));
  const rows = db.prepare(sql).all(needed);
  db.close();
  return { rows, made, next };
}

describe('the examples of docs/lineage-schema.md', () => {
  test('are four, each tried here', () => expect(EXAMPLES).toHaveLength(4));

  test('list accuracies', async () => {
    expect((await askExample(/Test accuracy/)).rows).toMatchObject([{ step_id: 'next', value: 0.75 }]);
  });

  test('say what made a file', async () => {
    const { rows, made } = await askExample(/What made this file/);
    expect(rows).toMatchObject([{ fingerprint: made.fingerprint, step_id: 'copy', path: 'out.txt' }]);
  });

  test('say what was computed from an object', async () => {
    const { rows } = await askExample(/What was computed from/);
    expect(rows).toMatchObject([{ stage: 'copy' }, { stage: 'next' }]);
  });

  test('say where the time went', async () => {
    const { rows } = await askExample(/Where did the time go/);
    // fixtures' records last 12 ms each
    expect(rows).toMatchObject([
      { executions: 1, seconds: 0 },
      { executions: 1, seconds: 0 },
    ]);
  });
});
