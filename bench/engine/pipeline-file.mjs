// The same protocol as pipeline.mjs, as a pipeline file for `clade run`: with worker, digests and publication.
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SLICES = 10;
const MODALITIES = 3;

/**
 * A contestant whose dataset is made already; each time the rest is computed anew.
 * @param clade path of the command
 */
export async function cladeRun({ folder, protocol, clade }) {
  const file = join(folder, 'bench.yaml');
  const dataset = join(folder, 'dataset');
  await writeFile(file, JSON.stringify(pipelineOf(protocol))); // JSON is YAML
  const run = (artifacts) => [
    process.execPath,
    clade,
    'run',
    file,
    ...['--json', '--engine', 'wasm', '--cpus', '1', '-j', '1', '--artifacts', artifacts],
  ];
  const [program, ...args] = [...run(dataset), '--only', 'split'];
  const made = spawnSync(program, args, { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  let artifacts = '';
  return {
    name: 'clade run',
    own: true,
    async before() {
      artifacts = await mkdtemp(join(folder, 'artifacts-'));
      await cp(dataset, artifacts, { recursive: true, preserveTimestamps: true });
      this.args = run(artifacts);
    },
    after: () => rm(artifacts, { recursive: true }),
    read: phasesOf,
  };
}

function pipelineOf({ train, val, test, epochs, iterations, ...sizes }) {
  const subjects = Math.ceil((train + val + test) / (SLICES * MODALITIES));
  const rest = subjects * SLICES * MODALITIES - train - val;
  const model = (key) => ({ dataset: 'split', model: key, labels: 'ingest' });
  const evaluate = (needs) => ({ uses: 'evaluate', needs, with: { resamples: 0 } });
  const finetune = (method) => ({
    uses: 'finetune',
    needs: { dataset: 'split', model: 'pretrain', centres: 'kmeans-init' },
    with: {
      method,
      tolerance: 0,
      maxIterations: iterations,
      batch: sizes.finetuneBatch,
      updateInterval: sizes.updateInterval,
    },
  });
  return {
    name: 'bench',
    stages: {
      ingest: { uses: 'ingest', with: { source: 'phantom', subjects, slices: SLICES, size: 128 } },
      split: {
        uses: 'split',
        needs: { images: 'ingest', index: 'ingest' },
        with: { by: 'slice', ratios: [train, val, rest] },
      },
      pretrain: {
        uses: 'pretrain',
        needs: { dataset: 'split' },
        with: { epochs, patience: epochs, batch: sizes.batch },
      },
      'kmeans-init': {
        uses: 'kmeans-init',
        needs: { dataset: 'split', model: 'pretrain' },
        with: { clusters: 3 },
      },
      dec: finetune('dec'),
      dcec: finetune('dcec'),
      'evaluate-cae': evaluate({ ...model('pretrain'), centres: 'kmeans-init' }),
      'evaluate-dec': evaluate(model('dec')),
      'evaluate-dcec': evaluate(model('dcec')),
    },
  };
}

/** How long each step took, from the run's events. @throws where one is missing */
function phasesOf(stdout) {
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const finished = events.filter(({ event }) => event === 'step-finished');
  if (finished.length !== 7) throw new Error(`clade run finished ${finished.length} steps instead of 7`);
  return { phases: Object.fromEntries(finished.map(({ stepId, durationMs }) => [stepId, durationMs])) };
}
