// What `clade ui` takes in a real terminal (tmux), beside bare Node: from start to the first table, from a
// key to its repaint. Times include tmux and the polling of its screen (about 5 ms). node bench/ui/measure.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeRun } from './make-run.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const session = `clade-bench-${process.pid}`;
const tmux = (...args) => execFileSync('tmux', args, { encoding: 'utf8' });
const until = (pattern) => {
  for (const start = performance.now(); performance.now() - start < 60_000; ) {
    if (pattern.test(tmux('capture-pane', '-p', '-t', session))) return;
  }
  throw new Error(`never saw ${pattern}:\n${tmux('capture-pane', '-p', '-t', session)}`);
};
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

for (const points of [1000, 10_000]) {
  const place = mkdtempSync(join(tmpdir(), 'clade-bench-'));
  try {
    makeRun(place, { points });
    const [bare, starts, keys] = [[], [], []];
    for (let round = 0; round < 5; round++) {
      const bareStart = performance.now();
      execFileSync(process.execPath, ['-e', '0']);
      bare.push(performance.now() - bareStart);
      const command = `env -u CI LANG=C.UTF-8 TERM=xterm-256color XDG_STATE_HOME='${place}/state' node '${root}/bin/clade.js' ui --artifacts '${place}'`;
      const start = performance.now();
      tmux('new-session', '-d', '-s', session, '-x', '120', '-y', '40', command);
      if (round === 0) {
        until(/synthetic/); // the list of runs; later rounds come back to the table
        tmux('send-keys', '-t', session, 'Enter');
      }
      until(/> ✔ +0\.001/);
      if (round > 0) starts.push(performance.now() - start);
      for (const [key, shown] of [
        ['s', /gamma v[\s\S]*> ✔/],
        ['s', /gamma \^[\s\S]*> ✔/],
        ['s', /gamma {2,}[\s\S]*> ✔ +0\.001/],
      ]) {
        const keyStart = performance.now();
        tmux('send-keys', '-t', session, key);
        until(shown);
        keys.push(performance.now() - keyStart);
      }
      tmux('send-keys', '-t', session, 'q');
      while (spawned()) {}
    }
    process.stdout.write(
      `${points} points: bare Node ${median(bare).toFixed(0)} ms, start to table ${median(starts).toFixed(0)} ms, key (sort) to repaint ${median(keys).toFixed(0)} ms\n`,
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function spawned() {
  try {
    tmux('has-session', '-t', session);
    return true;
  } catch {
    return false;
  }
}
