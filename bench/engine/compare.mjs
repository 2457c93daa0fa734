// clade's wasm engine beside PyTorch and tfjs-node, on the same cores, in turn.
//   npm run bench:engine -- [--short] [--home DIR] [--only TEXT] [--rounds N] [--cores 0,1] [--json]
// --short times clade's own engines alone, in seconds: is the script whole?
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { bound, canBind, ownContestants, peerContestants } from './contestants.mjs';
import { benchFolder } from './load-sources.mjs';
import { timePipelines, timeWork } from './measure.mjs';
import { cladeRun } from './pipeline-file.mjs';
import { renderReport } from './render-report.mjs';
import { setUpPeers } from './set-up-peers.mjs';
import { ROWS, SPLITS } from './works.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    home: { type: 'string', default: process.env.CLADE_BENCH_HOME ?? join(tmpdir(), 'clade-bench-engines') },
    only: { type: 'string' },
    rounds: { type: 'string' },
    cores: { type: 'string', default: '0,1' },
    epochs: { type: 'string' },
    iterations: { type: 'string' },
  },
});
const rounds = Number(options.rounds ?? (options.short ? 1 : 15));
const cores = options.cores.split(',');
const protocol = {
  ...(options.short ? { train: 60, val: 12, test: 12 } : SPLITS),
  batch: 12,
  epochs: Number(options.epochs ?? (options.short ? 1 : 30)),
  finetuneBatch: 32,
  updateInterval: 20,
  iterations: Number(options.iterations ?? (options.short ? 20 : 200)),
};
const rows = ROWS.filter(({ name }) => !options.only || name.includes(options.only));

const folder = await mkdtemp(join(tmpdir(), 'clade-bench-'));
try {
  const entries = ['contestant.mjs', 'pipeline.mjs', 'make-data.mjs'];
  await build({
    entryPoints: entries.map((name) => join(here, name)),
    outdir: benchFolder,
    bundle: true,
    splitting: true, // what an engine needs is loaded with it alone, as in clade itself
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outExtension: { '.js': '.mjs' },
  });
  const { makeData } = await import(pathToFileURL(join(benchFolder, 'make-data.mjs')).href);
  await makeData(folder, protocol);
  const { peers, absent } = options.short ? { peers: [], absent: [] } : setUpPeers(options.home, root);
  const report = {
    node: process.version,
    processor: cpus()[0].model,
    cores: canBind() ? cores : null,
    peers: peers.map(({ name, version }) => ({ name, version })),
    absent,
    protocol,
    rows: [],
    operations: '',
  };
  for (const row of rows) {
    process.stderr.write(`${row.name}\n`);
    report.rows.push({ ...row, contestants: await measureRow(row, peers) });
  }
  if (!options.only) report.operations = measureOperations();
  console.log(options.json ? JSON.stringify(report) : renderReport(report));
} finally {
  await rm(folder, { recursive: true, force: true });
  await rm(benchFolder, { recursive: true, force: true });
}

async function measureRow(row, peers) {
  const threads = row.cores ?? 1;
  const common = {
    folder,
    kernels: join(root, 'dist/kernels.wasm'),
    bundle: join(benchFolder, 'contestant.mjs'),
    scripts: join(here, 'pytorch'),
    threads,
  };
  if (row.pipeline)
    return timePipelines(await pipelineContestants(common, peers), { rounds: Math.ceil(rounds / 5), cores });
  const own = ownContestants(common);
  const work = { ...row.work };
  if (work.kind === 'epoch') Object.assign(work, { train: protocol.train, val: protocol.val });
  if (options.short) work.batch = Math.min(work.batch, 16);
  const one = { rounds, turnMs: options.short ? 20 : 150, cores, threads };
  const timed = await timeWork([...own, ...peerContestants(peers, common)], work, one);
  if (threads > 1) {
    // The promise of the wasm engine: what one core computes, several compute to the bit.
    const [alone] = await timeWork(ownContestants({ ...common, threads: 1 }).slice(0, 1), work, {
      ...one,
      rounds: 1,
      threads: 1,
    });
    timed[0].sameBytes = timed[0].weights === alone.weights;
  }
  return timed;
}

async function pipelineContestants({ kernels, scripts }, peers) {
  const own = {
    name: 'clade',
    own: true,
    args: [process.execPath, join(benchFolder, 'pipeline.mjs'), folder, kernels],
  };
  const run = await cladeRun({ folder, protocol, clade: join(root, 'bin/clade.js') });
  const torch = peers.find(({ kind }) => kind === 'torch');
  if (!torch) return [own, run];
  // Compiling takes half a minute in each process: it would lose here.
  const variants = ['eager', 'channels_last'].map((variant) => ({
    name: `PyTorch (${variant})`,
    args: [torch.python, `${scripts}/pipeline.py`, folder, '--variant', variant],
    env: { ...process.env, CUDA_VISIBLE_DEVICES: '', OMP_NUM_THREADS: '1' },
  }));
  return [own, run, ...variants];
}

/** Each operation of the compiled step beside the peak of a multiply-add loop. */
function measureOperations() {
  const [program, ...args] = bound(
    [process.execPath, join(here, 'step.mjs'), ...(options.short ? ['--short'] : [])],
    cores,
    1,
  );
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd: root });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}
