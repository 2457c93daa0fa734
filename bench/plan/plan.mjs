// What planning a large sweep costs, against reading its text and hashing its points once.
//
//   node bench/plan/plan.mjs [--points 10000] [--rounds 5]
//
// Prints one line of JSON: medians in milliseconds of rounds in turn in one process, their ratio, and the
// highest resident memory. The floor is what no planner can do without: YAML text → values, and one digest
// of the canonical JSON of each point. Absolute times are the machine's; the ratio is the thing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadSource } from '../engine/load-sources.mjs';

const option = (name, standard) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? standard : Number(process.argv[at + 1]);
};
const points = option('points', 10_000);
const rounds = option('rounds', 5);
const root = join(import.meta.dirname, '../..');

const { readPlan } = await loadSource('src/plan/read-plan.ts');
const { digestOf } = await loadSource('src/core/digest.ts');
const catalogue = JSON.parse(readFileSync(join(root, 'dist/catalogue.json'), 'utf8'));

const side = Math.ceil(points / 100);
const text = `name: large
params: { embeddingDim: 3, gamma: 0.1 }
stages:
  ingest: { uses: ingest, with: { source: phantom } }
  normalise: { uses: normalise, needs: { images: ingest } }
  split: { uses: split, needs: { images: normalise, index: ingest } }
  pretrain: { uses: pretrain, needs: { dataset: split }, with: { embeddingDim: "\${{ params.embeddingDim }}" } }
  kmeans-init: { uses: kmeans-init, needs: { dataset: split, model: pretrain }, with: { clusters: 3 } }
  finetune: { uses: finetune, needs: { dataset: split, model: pretrain, centres: kmeans-init }, with: { gamma: "\${{ params.gamma }}" } }
  evaluate: { uses: evaluate, needs: { dataset: split, model: finetune, labels: ingest } }
  project: { uses: project, needs: { dataset: split, model: finetune } }
sweep:
  grid:
    embeddingDim: [${Array.from({ length: 10 }, (_, at) => at + 2).join(', ')}]
    gamma: [${Array.from({ length: side }, (_, at) => (at + 1) / 1000).join(', ')}]
    seed: [${Array.from({ length: 10 }, (_, at) => at).join(', ')}]
`;

const request = {
  bytes: new TextEncoder().encode(text),
  file: 'large.yaml',
  folder: root,
  catalogue,
  overrides: [],
  workingFolder: root,
};

function floor() {
  const { embeddingDim, gamma, seed } = parse(text).sweep.grid;
  let count = 0;
  for (const d of embeddingDim)
    for (const g of gamma)
      for (const s of seed) {
        digestOf('point', { embeddingDim: d, gamma: g, seed: s });
        count++;
      }
  return count;
}

function plan() {
  const { plan, diagnostics } = readPlan(request);
  if (!plan) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return plan;
}

function timed(work) {
  const startMs = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(startMs);
  return { ms: (user + system) / 1000, result };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const floorMs = [];
const planMs = [];
let steps = 0;
let count = 0;
for (let round = 0; round < rounds; round++) {
  const low = timed(floor);
  const high = timed(plan);
  floorMs.push(low.ms);
  planMs.push(high.ms);
  count = low.result;
  steps = high.result.steps.length;
}
const [floorMedian, planMedian] = [median(floorMs), median(planMs)];
process.stdout.write(
  `${JSON.stringify({
    points: count,
    steps,
    floorCpuMs: Math.round(floorMedian),
    planCpuMs: Math.round(planMedian),
    firstPlanCpuMs: Math.round(planMs[0]),
    ratio: Number((planMedian / floorMedian).toFixed(2)),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  })}\n`,
);
