// What every Node is made to compute, and what it came out as: digests by file.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { parse, stringify } from 'yaml';
import { tree } from './prepare.mjs';

const support = await loadSupport();

/** The tests' own helpers, which are TypeScript; built in their folder, by which they find the tree. */
async function loadSupport() {
  const outfile = join(tree, 'test/support/built.mjs');
  await build({
    stdin: {
      contents: "export * from './clade.ts'; export * from './picture-folder.ts';",
      resolveDir: join(tree, 'test/support'),
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile));
}

/** Each of the shipped kinds of work in seconds: name → text. */
export const PIPELINES = {
  small: support.SMALL_PIPELINE,
  quickstart: shorten(await readFile(join(tree, 'pipelines/quickstart.yaml'), 'utf8')),
};

/** The quickstart with few heads and few epochs; all of its stages stay. */
function shorten(text) {
  const pipeline = parse(text);
  const change = (step, parameters) => {
    const stage = pipeline.stages[step];
    if (!stage) throw new Error(`pipelines/quickstart.yaml has no step '${step}' any more`);
    stage.with = { ...stage.with, ...parameters };
  };
  change('ingest', { subjects: 4, slices: 4 });
  change('coregister', { iterations: 30 });
  change('pretrain', { epochs: 4 });
  change('finetune', { maxIterations: 12 });
  change('project', { methods: ['umap', 'tsne'], iterations: 250 });
  return stringify(pipeline);
}

/** Makes a folder to run in: the pipelines and the data that one of them reads. */
export async function makePlace(place) {
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  for (const [name, text] of Object.entries(PIPELINES)) await writeFile(join(place, `${name}.yaml`), text);
  support.makePictureFolder(join(place, 'data'));
}

/** Runs a pipeline to its end in an artifacts folder of its own; @returns digest of all that must be the same. */
export async function runFresh({ node, place, pipeline, workers }) {
  const artifacts = join(place, `fresh-${pipeline}-${node.name}-${workers}`);
  await clade(node, place, { pipeline, artifacts, workers });
  return digests(artifacts);
}

/**
 * Has a run under one Node cut off in the middle of pretraining, and finished under another from the
 * checkpoint that is left.
 */
export async function runResumed({ first, second, place, pipeline }) {
  const artifacts = join(place, `resumed-${pipeline}-${first.name}`);
  const env = { CLADE_CHECKPOINT_MS: '0' };
  const failing = { ...env, CLADE_FAILPOINT: 'worker-after-checkpoint@3' };
  await clade(first, place, { pipeline, artifacts, workers: 1, env: failing, exitCode: 1 });
  const stdout = await clade(second, place, { pipeline, artifacts, workers: 1, env });
  const resumed = support.eventsOf(stdout).some(({ event, resumedFrom }) => {
    return event === 'step-started' && Boolean(resumedFrom);
  });
  if (!resumed)
    throw new Error(`${pipeline}, cut off under Node ${first.name}, did not go on from a checkpoint`);
  return digests(artifacts);
}

/** @returns what `clade run --json` printed. */
function clade(node, place, { pipeline, artifacts, workers, env = {}, exitCode = 0 }) {
  const options = ['--artifacts', artifacts, '-j', String(workers), '--json'];
  const args = [join(tree, 'bin/clade.js'), 'run', `${pipeline}.yaml`, ...options];
  const settings = { cwd: place, env: { ...node.env, CLADE_ENGINE: 'wasm', ...env }, maxBuffer: 1 << 28 };
  return new Promise((resolve, reject) => {
    execFile(node.path, args, settings, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (code === exitCode) return resolve(stdout);
      const said = `${stdout}\n${stderr}`.trim().slice(-3000);
      reject(new Error(`Node ${node.name}: clade run ${pipeline}.yaml ended with ${code}:\n${said}`));
    });
  });
}

/**
 * Every array and table of the last run by its content; of each `artifact.json`, which tells times and the
 * machine as well, what must be the same: fingerprint, metrics, notes.
 */
async function digests(artifacts) {
  const found = support.arrayDigests(artifacts);
  const steps = join(artifacts, 'runs/latest/steps');
  for (const step of await readdir(steps)) {
    const path = join(await realpath(join(steps, step)), 'artifact.json');
    if (!existsSync(path)) continue;
    const { fingerprint, metrics, notes } = JSON.parse(await readFile(path, 'utf8'));
    found[`${step}: fingerprint, metrics and notes`] = JSON.stringify({ fingerprint, metrics, notes });
  }
  return found;
}
