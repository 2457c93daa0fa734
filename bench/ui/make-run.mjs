import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A finished run of made-up points below `artifacts`, as clade would have written its folder: gamma × seed,
 * with an ingest that all share, and a pretrain and an evaluation each. accuracy = 0.5 + point / (2 · points).
 */
export function makeRun(artifacts, { points, id = '20260101-000000-abcd' }) {
  const folder = join(artifacts, 'runs', id);
  mkdirSync(folder, { recursive: true });
  const at = '2026-01-01T00:00:00.000Z';
  const seeds = 5;
  const all = Array.from({ length: points }, (_, index) => ({
    gamma: Number((0.001 * (1 + Math.floor(index / seeds))).toPrecision(6)),
    seed: index % seeds,
  }));
  const lines = [];
  const event = (name, facts) => lines.push(JSON.stringify({ event: name, at, runId: id, ...facts }));
  const counts = { total: 1 + 2 * points, executed: 1 + 2 * points, reused: 0, failed: 0, skipped: 0 };
  const of = (index) => `@gamma=${all[index].gamma},seed=${all[index].seed}`;
  event('run-started', {
    pipeline: 'synthetic',
    file: 'synthetic.yaml',
    engine: 'wasm',
    workers: 2,
    steps: counts.total,
    points,
    notes: [],
  });
  event('step-planned', { stepId: 'ingest', uses: 'ingest', point: {}, dependsOn: [] });
  all.forEach((point, index) => {
    const pretrain = `pretrain${of(index)}`;
    event('step-planned', { stepId: pretrain, uses: 'pretrain', point, dependsOn: ['ingest'] });
    event('step-planned', { stepId: `evaluate${of(index)}`, uses: 'evaluate', point, dependsOn: [pretrain] });
  });
  const made = (stepId, metrics) => {
    const facts = { stepId, attempt: `${id}-1-0000000000000000`, fingerprint: '0'.repeat(64) };
    event('step-started', { ...facts, reasons: [{ code: 'never-made', field: '' }], resumedFrom: null });
    event('step-finished', { ...facts, durationMs: 1000, metrics, notes: [] });
  };
  made('ingest', []);
  for (let index = 0; index < points; index++) {
    made(`pretrain${of(index)}`, []);
    const metric = (name, value, better) => ({ name, split: 'test', value, better });
    made(`evaluate${of(index)}`, [
      metric('acc', 0.5 + index / (2 * points), 'higher'),
      metric('mse', 0.1 - index / (20 * points), 'lower'),
    ]);
  }
  event('run-finished', { status: 'succeeded', steps: counts, durationMs: 60_000 });
  writeFileSync(join(folder, 'events.jsonl'), `${lines.join('\n')}\n`);
  const run = {
    format: 1,
    id,
    pipeline: 'synthetic',
    file: 'synthetic.yaml',
    points: all,
    engine: 'wasm',
    versions: {},
    textDigest: '0'.repeat(64),
    startedAt: at,
    process: { pid: 1, startedAt: null, boot: null, host: '', machine: '', space: null },
  };
  writeFileSync(join(folder, 'run.json'), `${JSON.stringify(run)}\n`);
}
