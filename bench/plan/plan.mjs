// What planning costs against reading the text and hashing once: of a large sweep, and of a chain of steps
// that are all written out.
//
//   node bench/plan/plan.mjs [--points 10000] [--links 1000] [--rounds 5]
//
// Prints one line of JSON: medians in milliseconds of rounds in turn in one process, their ratio, and the
// highest resident memory. The floor is what no planner can do without: YAML text → values, and one digest
// of the canonical JSON of each point, or of each step of the chain. Absolute times are the machine's; the
// ratio is the thing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadSource } from '../engine/load-sources.mjs';
import { chain as declareChain } from '../orchestrator/declare.mjs';
import { pipelineText } from '../orchestrator/tools/clade.mjs';

const option = (name, standard) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? standard : Number(process.argv[at + 1]);
};
const points = option('points', 10_000);
const links = option('links', 1000);
const rounds = option('rounds', 5);
const root = join(import.meta.dirname, '../..');

const { readPlan } = await loadSource('src/plan/read-plan.ts');
const { digestOf } = await loadSource('src/core/digest.ts');
const catalogue = JSON.parse(readFileSync(join(root, 'dist/catalogue.json'), 'utf8'));

const side = Math.ceil(points / 100);
const sweepText = `name: large
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

const sweep = {
  text: sweepText,
  *hashed({ sweep }) {
    const { embeddingDim, gamma, seed } = sweep.grid;
    for (const d of embeddingDim)
      for (const g of gamma) for (const s of seed) yield { embeddingDim: d, gamma: g, seed: s };
  },
};
const chain = {
  text: pipelineText(declareChain(links)),
  hashed: ({ stages }) => Object.values(stages),
};

function plan({ text }) {
  const { plan, diagnostics } = readPlan({
    bytes: new TextEncoder().encode(text),
    file: 'large.yaml',
    folder: root,
    catalogue,
    overrides: [],
    workingFolder: root,
  });
  if (!plan) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return plan.steps.length;
}

function floor({ text, hashed }) {
  let count = 0;
  for (const value of hashed(parse(text))) {
    digestOf('floor', value);
    count++;
  }
  return count;
}

function timed(work) {
  const start = process.cpuUsage();
  const count = work();
  const { user, system } = process.cpuUsage(start);
  return { ms: (user + system) / 1000, count };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Both in turn, so that what else the machine does falls on both. */
function compare(work) {
  const low = [];
  const high = [];
  for (let round = 0; round < rounds; round++) {
    low.push(timed(() => floor(work)));
    high.push(timed(() => plan(work)));
  }
  const floorMs = median(low.map(({ ms }) => ms));
  const planMs = median(high.map(({ ms }) => ms));
  return {
    hashed: low[0].count,
    steps: high[0].count,
    floorCpuMs: Math.round(floorMs),
    planCpuMs: Math.round(planMs),
    firstPlanCpuMs: Math.round(high[0].ms),
    ratio: Number((planMs / floorMs).toFixed(2)),
  };
}

const { hashed, ...ofSweep } = compare(sweep);
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
const { hashed: _, ...ofChain } = compare(chain);
process.stdout.write(`${JSON.stringify({ points: hashed, ...ofSweep, peakMiB, chain: ofChain })}\n`);
