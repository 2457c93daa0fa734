// What short commands take from start to end beside bare Node, in turn in one process: node bench/ui/start.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeRun } from './make-run.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const bin = join(root, 'bin/clade.js');
const place = mkdtempSync(join(tmpdir(), 'clade-bench-'));
const ROUNDS = 15;

try {
  makeRun(place, { points: 27 });
  const at = ['--artifacts', place];
  spawnSync(process.execPath, [bin, 'reindex', ...at]);
  const calls = {
    'bare Node': ['-e', '0'],
    '--version': [bin, '--version'],
    ls: [bin, 'ls', ...at],
    status: [bin, 'status', ...at],
    show: [bin, 'show', 'latest', ...at],
    compare: [bin, 'compare', 'latest', ...at],
    completions: [bin, 'completions', 'bash'],
  };
  const times = new Map(Object.keys(calls).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args] of Object.entries(calls)) {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args);
      times.get(name).push(performance.now() - start);
      if (status !== 0) throw new Error(`${name}: ${stderr}`);
    }
  }
  for (const [name, values] of times) {
    values.sort((a, b) => a - b);
    const median = values[Math.floor(values.length / 2)];
    process.stdout.write(
      `${name.padEnd(12)} minimum ${values[0].toFixed(0)} ms, median ${median.toFixed(0)} ms\n`,
    );
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
