import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { clade, eventsOf, ROOT, temporaryFolder } from '../support/clade.ts';

const place = temporaryFolder();
afterAll(() => place.remove());
const STEPS = join(place.path, 'artifacts/runs/latest/steps');

/** The quickstart with fewer heads, epochs and iterations; the study's stages stay. */
function shortPipeline(): string {
  const pipeline = parse(readFileSync(join(ROOT, 'pipelines/quickstart.yaml'), 'utf8'));
  const change = (step: string, parameters: object) => {
    pipeline.stages[step].with = { ...pipeline.stages[step].with, ...parameters };
  };
  change('ingest', { subjects: 8, slices: 4 });
  change('coregister', { iterations: 30 });
  change('pretrain', { epochs: 20 });
  change('finetune', { maxIterations: 40 });
  change('project', { methods: ['umap'], iterations: 250 });
  return stringify(pipeline);
}

/** With one thread: the last digits of TensorFlow's sums depend on how many there are (docs/engines.md). */
const run = (engine: string, ...more: string[]) =>
  clade(['run', 'short.yaml', '--json', ...more], {
    cwd: place.path,
    env: { CLADE_ENGINE: engine, TF_NUM_INTRAOP_THREADS: '1' },
  });
const finished = (stdout: string) =>
  eventsOf(stdout).flatMap((event) => (event.event === 'step-finished' ? [event.stepId] : []));

/** Numbers of the step's table, row by row. */
function tableOf(step: string, file: string): number[] {
  const rows = readFileSync(join(STEPS, step, file), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return rows.flatMap((row) => row.split(',').map(Number));
}
interface Metric {
  readonly name: string;
  readonly split: string;
  readonly value: number;
}
const metricsOf = (step: string) =>
  (JSON.parse(readFileSync(join(STEPS, step, 'metrics.json'), 'utf8')) as { metrics: Metric[] }).metrics;
const results = () => ({
  history: tableOf('pretrain', 'history.csv'),
  metrics: ['evaluate-cae', 'evaluate-dcec'].flatMap(metricsOf),
});

describe('the quickstart in short', () => {
  it('on TensorFlow agrees with wasm within the tolerances of docs/engines.md, and shares only what computes no tensors', async () => {
    writeFileSync(join(place.path, 'short.yaml'), shortPipeline());
    const wasmRun = await run('wasm');
    expect(wasmRun.exitCode, wasmRun.stderr).toBe(0);
    const wasm = results();
    const tensorflowRun = await run('tensorflow');
    expect(tensorflowRun.exitCode, tensorflowRun.stderr).toBe(0);
    const tensorflow = results();

    const fresh = finished(tensorflowRun.stdout);
    expect(fresh).toEqual(expect.arrayContaining(['pretrain', 'kmeans-init', 'finetune', 'evaluate-dcec']));
    for (const shared of ['ingest', 'coregister', 'normalise', 'split']) expect(fresh).not.toContain(shared);

    expect(tensorflow.history).toHaveLength(wasm.history.length);
    tensorflow.history.forEach((value, at) => {
      expect(Math.abs(value - wasm.history[at])).toBeLessThanOrEqual(1e-5 * wasm.history[at]);
    });
    tensorflow.metrics.forEach(({ name, split, value }, at) => {
      const expected = wasm.metrics[at];
      expect({ name, split }).toEqual({ name: expected.name, split: expected.split });
      // Which cluster an image is in is the same; what is measured of floats agrees.
      const tolerance = name === 'mse' || name === 'kl' ? 1e-4 * Math.abs(expected.value) : 1e-12;
      expect(Math.abs(value - expected.value), `${split} ${name}`).toBeLessThanOrEqual(tolerance);
    });
  });

  it('is reused when it is asked for again, and lineage says which TensorFlow made it', async () => {
    const again = await run('tensorflow');
    expect(eventsOf(again.stdout).at(-1)).toMatchObject({ steps: { executed: 0 } });
    const { stdout: listed } = await clade(['engine', 'ls', '--json'], { cwd: place.path });
    const { engines } = JSON.parse(listed) as { engines: { name: string; identity: { version: string } }[] };
    const { version } = engines.find(({ name }) => name === 'tensorflow')!.identity;
    expect(version).toMatch(/^2\./);
    const weights = join(STEPS, 'pretrain/weights.safetensors');
    const { stdout } = await clade(['lineage', weights], { cwd: place.path });
    expect(stdout).toContain(`engine tensorflow ${version} on cpu`);
  });

  it('gives the same bytes with one worker as with two on this machine, with one thread', async () => {
    const first = readFileSync(join(STEPS, 'finetune/weights.safetensors'));
    const alone = await run('tensorflow', '--artifacts', 'alone', '-j', '1', '--only', 'finetune');
    expect(alone.exitCode, alone.stderr).toBe(0);
    const path = join(place.path, 'alone/runs/latest/steps/finetune/weights.safetensors');
    expect(readFileSync(path).equals(first)).toBe(true);
  });

  it('refuses to compute on another device than was planned', async () => {
    const { exitCode, stdout } = await clade(
      ['run', 'short.yaml', '--json', '--artifacts', 'gpu', '--only', 'pretrain', '--engine', 'tensorflow'],
      { cwd: place.path, env: { CLADE_TENSORFLOW_DEVICE: 'gpu' } },
    );
    expect(exitCode).toBe(1);
    const failed = eventsOf(stdout).find(({ event }) => event === 'step-failed');
    expect(failed).toMatchObject({
      reason: 'engine-unavailable',
      message: expect.stringMatching(/on the gpu, and it computes on the cpu: .*and-cuda/),
    });
  });
});
