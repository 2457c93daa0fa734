// How long a worker takes from its start until it takes a job, and until the stage and engine of
// pretraining are loaded, beside a bare Node that only answers; in turn, medians. Bar: 400 ms.
//   node scripts/build.mjs && node bench/engine/worker-start.mjs [--short]
import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { median } from './render-report.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const rounds = process.argv.includes('--short') ? 3 : 21;
const folder = await mkdtemp(join(tmpdir(), 'clade-worker-start-'));

const bare = await write('bare.mjs', "process.send({ type: 'ready' });");
const stage = await write(
  'stage.mjs',
  `await import(${JSON.stringify(pathToFileURL(join(root, 'dist/stages/pretrain.js')).href)});
process.send({ type: 'ready' });`,
);
const starts = {
  'bare Node': bare,
  'worker, until it takes a job': join(root, 'dist/worker.js'),
  'stage of pretraining alone, loaded': stage,
};
const times = Object.fromEntries(Object.keys(starts).map((name) => [name, []]));
for (let round = 0; round < rounds; round++)
  for (const [name, module] of Object.entries(starts)) times[name].push(await timeStart(module));
await rm(folder, { recursive: true });
for (const [name, all] of Object.entries(times)) {
  const spread = `${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)}`;
  console.log(`${name.padEnd(36)}${median(all).toFixed(0).padStart(5)} ms  (${spread})`);
}

async function write(name, text) {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function timeStart(module) {
  const startedMs = performance.now();
  const child = fork(module, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await new Promise((resolve) => child.once('message', resolve));
  const tookMs = performance.now() - startedMs;
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  return tookMs;
}
