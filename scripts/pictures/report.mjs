// Makes docs/pictures/report.png and report-point.png: `clade report` of a small sweep over the phantom, in a
// headless Chromium. Run by `npm run docs:pictures`; takes some minutes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findChromium, openBrowser } from '../browser.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const place = mkdtempSync(join(tmpdir(), 'clade-picture-'));
const clade = (...args) =>
  execFileSync('node', [join(root, 'bin/clade.js'), ...args], {
    cwd: place,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
const chromium = findChromium();
if (!chromium)
  throw new Error('pictures of the report need Chromium on the PATH, or its place in CLADE_CHROMIUM');

const quickstart = readFileSync(join(root, 'pipelines/quickstart.yaml'), 'utf8');
const sweep = `${quickstart
  .slice(0, quickstart.indexOf('\n  summarise:'))
  .replace('seed: 7\n', '')
  .replace('epochs: 200', 'epochs: 80')}
sweep:
  grid: { embeddingDim: [3, 10], gamma: [0.01, 0.1, 1], seed: [0, 1, 2] }
`;
writeFileSync(join(place, 'heads.yaml'), sweep.replace('name: quickstart', 'name: heads'));
let browser;
try {
  clade('run', 'heads.yaml');
  clade('report', '--title', 'Deep clustering of head phantoms');
  browser = await openBrowser(chromium);
  await browser.open(pathToFileURL(join(place, 'report.html')).href);
  const page = { width: 1100, height: 1250, whole: false };
  writeFileSync(join(root, 'docs/pictures/report.png'), await browser.picture(page));
  await browser.evaluate(`location.hash = '#point-5'`);
  await browser.evaluate(`new Promise((resolve) => setTimeout(resolve, 200))`);
  await browser.evaluate(`document.querySelector('#detail').scrollIntoView()`);
  writeFileSync(join(root, 'docs/pictures/report-point.png'), await browser.picture(page));
} finally {
  await browser?.close();
  rmSync(place, { recursive: true, force: true });
}
