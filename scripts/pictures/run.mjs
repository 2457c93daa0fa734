// docs/pictures/run.svg: `clade run pipelines/quickstart.yaml` in a terminal, caught while it trains, and its end.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { drawScreen } from './draw-screen.mjs';
import { openTerminal } from './tmux.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const COLUMNS = 100;
const place = mkdtempSync(join(tmpdir(), 'clade-picture-'));
const bin = join(root, 'bin/clade.js');
const file = join(root, 'pipelines/quickstart.yaml');
const terminal = openTerminal(`sh -c 'cd "${place}" && node "${bin}" run "${file}"'`, {
  columns: COLUMNS,
  rows: 40,
});
try {
  let live = [];
  for (let tries = 0; tries < 3000 && !/succeeded|failed/.test(terminal.text()); tries++) {
    await sleep(100);
    const lines = terminal.lines();
    const training = /pretrain.*epoch +\d+\/\d+.*ETA.*[▁▂▃▄▅▆▇█]{12}/;
    if (lines.some((line) => training.test(line))) live = lines;
  }
  const end = await terminal.until(/Next:/);
  const prompt = '\u001b[2m$\u001b[0m npx clade run pipelines/quickstart.yaml';
  const shown = [prompt, ...live, '', '\u001b[2m…\u001b[0m', '', ...end];
  const picture = drawScreen(shown, { columns: COLUMNS, title: 'clade run in a terminal' });
  writeFileSync(join(root, 'docs/pictures/run.svg'), picture);
} finally {
  terminal.close();
  rmSync(place, { recursive: true, force: true });
}
