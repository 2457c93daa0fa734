// docs/pictures/ui-*.svg: `clade ui` in a terminal on a small sweep of the quickstart pipeline.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawScreen } from './draw-screen.mjs';
import { openTerminal } from './tmux.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const size = { columns: 112, rows: 30 };
const place = mkdtempSync(join(tmpdir(), 'clade-picture-'));
const bin = join(root, 'bin/clade.js');
const SWEEP = '\nsweep:\n  grid: { embeddingDim: [3, 10], gamma: [0.01, 0.1, 1], seed: [0, 1] }\n';

/** The quickstart's steps without what it expects, at every point of the sweep. */
const text = readFileSync(join(root, 'pipelines/quickstart.yaml'), 'utf8');
const [steps] = text.split(/\n# `clade test`|\nexpect:/);
writeFileSync(join(place, 'sweep.yaml'), steps.replace('name: quickstart', 'name: heads') + SWEEP);
execFileSync(process.execPath, [bin, 'run', 'sweep.yaml'], {
  cwd: place,
  env: { ...process.env, CLADE_ENGINE: 'wasm' },
  stdio: ['ignore', 'ignore', 'inherit'],
});

const command = `sh -c 'cd "${place}" && XDG_STATE_HOME="${place}/state" node "${bin}" ui'`;
const terminal = openTerminal(command, size);
const save = (name, lines, title) =>
  writeFileSync(
    join(root, `docs/pictures/ui-${name}.svg`),
    drawScreen(lines, { columns: size.columns, title }),
  );
const { press, until } = terminal;
try {
  await until(/heads +succeeded/);
  press('Enter');
  await until(/embeddingDim +gamma +seed/);
  press('C', 'j', 'j', 'j', 'Space', 'j', 'Space', 'j', 'Space', 'j', 'Space'); // not those of the autoencoder alone
  await until(/\[ \] evaluate-cae\.test\.nmi/);
  press('Escape');
  await until(/\? keys {2}\/ filter/);
  press('l', 'l', 'l', 's');
  save('points', await until(/ v +/), 'clade ui: the points of a sweep, sorted by accuracy');
  press('/', 'gamma<0.5 & evaluate-dcec.test.nmi>0.4');
  save('filter', await until(/nmi>0\.4/), 'clade ui: a filter being typed');
  press('Escape'); // a key right after it would be taken for Alt and that key
  await until(/\? keys {2}\/ filter/);
  press('g', 'Enter');
  await until(/history\.csv|updates\.csv/);
  save('curves', terminal.lines(), 'clade ui: a point, its steps and the losses of one');
  press('2');
  save('scatter', await until(/umap\.csv[\s\S]*cluster 0/), 'clade ui: UMAP of a point in braille');
  press('3');
  save('pictures', await until(/above originals/), 'clade ui: originals and reconstructions');
  press('4');
  save('confusion', await until(/c0 +c1/), 'clade ui: confusion matrices');
  press('Escape');
  await until(/embeddingDim +gamma +seed/);
  press('s', 's'); // up, then as they were: the seeds beside each other
  await until(/test\.acc {2,}/);
  press('g', 'Space', 'Space', 'Space', 'Space', 'Space', 'Space', 'c');
  await until(/baseline/);
  press('m');
  save('compare', await until(/±/), 'clade ui: marked points compared, seeds averaged');
  press('q');
} finally {
  terminal.close();
  rmSync(place, { recursive: true, force: true });
}
