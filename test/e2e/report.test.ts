import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, findChromium, openBrowser } from '../../scripts/browser.mjs';
import { BIN, clade, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

/** Two γ and two seeds of the small pipeline. */
const SWEEP = `${SMALL_PIPELINE.replace('epochs: 12', 'epochs: 4')}
sweep:
  grid: { gamma: [0.1, 1], seed: [0, 1] }
`;

const place = temporaryFolder();
const call = (...args: string[]) => clade(args, { cwd: place.path });

beforeAll(async () => {
  makePictureFolder(join(place.path, 'data'));
  writeFileSync(join(place.path, 'sweep.yaml'), SWEEP);
  const { exitCode, stderr } = await call('run', 'sweep.yaml');
  expect(exitCode, stderr).toBe(0);
  return () => place.remove();
}, 120_000);

describe('clade report', () => {
  it('writes one file below its size, and replaces it', async () => {
    const { exitCode, stdout } = await call('report');
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^report\.html {2}\d+ kB\n$/)]);
    const first = readFileSync(join(place.path, 'report.html'), 'utf8');
    expect(first.length).toBeLessThan(1_000_000);
    expect((await call('report', 'latest', '--title', 'Another name')).exitCode).toBe(0);
    expect(readFileSync(join(place.path, 'report.html'), 'utf8')).toContain('<h1>Another name</h1>');
  });

  it('leaves out figures, not tables, where the file may not be large', async () => {
    await call('report', '-o', 'small.html', '--max-size', '120');
    const html = readFileSync(join(place.path, 'small.html'), 'utf8');
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(120_000);
    expect(html).toMatch(/\d+ figures? of points left out/);
    expect(html).toContain('evaluate: mean ± sd over seed');
  });

  it('never replaces a file that is not its own', async () => {
    writeFileSync(join(place.path, 'notes.html'), 'my notes');
    const { exitCode, stderr } = await call('report', '-o', 'notes.html');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('clade did not write it')]);
    expect(readFileSync(join(place.path, 'notes.html'), 'utf8')).toBe('my notes');
  });

  it.each([
    [['report', '-o', 'nowhere/report.html'], 'there is no such folder'],
    [['report', '--over', 'sead'], "no axis 'sead'; did you mean 'seed'?"],
    [['report', '1999'], "no run '1999'"],
    [['serve', '--over', 'sead', '--port', '0'], "no axis 'sead'"],
    [['serve', '--port', '70000'], 'expected a port'],
  ])('%j ends with what is wrong', async (args, message) => {
    const { exitCode, stderr } = await call(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('clade export --figures', () => {
  it('draws every figure of the report as SVG and PNG, once, and lists them', async () => {
    const { exitCode, stdout } = await call('export', 'latest', '--figures', '-o', 'figures', '--json');
    expect(exitCode).toBe(0);
    const { written } = JSON.parse(stdout);
    const names = written.map((path: string) => path.replaceAll('\\', '/'));
    expect(names).toEqual(
      expect.arrayContaining([
        'figures/against-axes/acc-test-against-gamma.svg',
        'figures/against-axes/acc-test-against-gamma.png',
        'figures/pretrain@seed=0/loss-by-epoch.svg',
        'figures/project@gamma=1,seed=1/umap-test-by-class.png',
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
    const png = readFileSync(join(place.path, 'figures/pretrain@seed=0/loss-by-epoch.png'));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    const again = await call('export', 'latest', '--figures', '-o', 'figures');
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('never overwrites')]);
  });
});

describe('clade serve', () => {
  it('serves the report until Ctrl-C', async () => {
    const served = execa('node', [BIN, 'serve', '--port', '0'], { cwd: place.path, reject: false });
    const url = await new Promise<string>((resolve) => {
      served.stdout.on('data', (chunk) => resolve(String(chunk).trim()));
    });
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('evaluate: mean ± sd over seed');
    const taken = await call('serve', '--port', new URL(url).port);
    expect([taken.exitCode, taken.stderr]).toEqual([2, expect.stringContaining('taken by another program')]);
    served.kill('SIGINT');
    expect((await served).exitCode).toBe(0);
  });
});

/** Mean of the channels of `rgb(r, g, b)`. */
const lightness = (colour: string) =>
  [...colour.matchAll(/\d+/g)].slice(0, 3).reduce((sum, [channel]) => sum + Number(channel), 0) / 3;

const chromium = findChromium();
if (!chromium) process.stderr.write('test/e2e/report: no Chromium on the PATH, its page is not opened\n');

describe.skipIf(!chromium)('the page in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    await call('report', '-o', 'page.html');
    browser = await openBrowser(chromium!);
    await browser.open(`${pathToFileURL(join(place.path, 'page.html'))}#point-2`);
  }, 60_000);
  afterAll(() => browser?.close());

  const texts = (selector: string) =>
    browser.evaluate<string[]>(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].map((e) => e.textContent)`,
    );

  it('draws the figures of the point in its address, and of the next', async () => {
    expect(await texts('#detail h3')).toEqual([expect.stringMatching(/^Point 2: gamma = 0.1, seed = 1/)]);
    const captions: string[] = await texts('#detail figcaption');
    expect(captions).toEqual(
      expect.arrayContaining([
        'pretrain: Loss by epoch',
        'evaluate: Confusion after matching, test',
        'project: UMAP, test',
      ]),
    );
    expect(await browser.evaluate(`document.querySelectorAll('#detail svg').length`)).toBeGreaterThan(3);
    await browser.evaluate(`[...document.querySelectorAll('#detail button')].at(-1).click()`);
    await browser.evaluate('new Promise((resolve) => setTimeout(resolve, 50))');
    expect(await texts('#detail h3')).toEqual([expect.stringMatching(/^Point 3: gamma = 1, seed = 0/)]);
  });

  it('sorts by keyboard, and says so', async () => {
    await browser.evaluate(`document.querySelector('#point-table th[data-column=seed] button').focus()`);
    await browser.press('Enter', '\r');
    const sorts = `document.querySelector('#point-table th[data-column=seed]').getAttribute('aria-sort')`;
    expect(await browser.evaluate(sorts)).toBe('ascending');
    expect(await texts('#point-table tbody td:nth-child(3)')).toEqual(['0', '0', '1', '1']);
    await browser.press('Enter', '\r');
    expect(await browser.evaluate(sorts)).toBe('descending');
    expect(await texts('#point-table tbody td:nth-child(3)')).toEqual(['1', '1', '0', '0']);
  });

  it('filters by an expression, and names what it cannot read', async () => {
    const filter = async (text: string) => {
      await browser.evaluate(
        `(() => { const f = document.getElementById('filter'); f.value = ${JSON.stringify(text)}; f.dispatchEvent(new Event('input')); })()`,
      );
      return browser.evaluate(
        `[...document.querySelectorAll('#point-table tbody tr')].filter((r) => !r.hidden).length`,
      );
    };
    expect(await filter('gamma < 0.5 & seed = 1')).toBe(1);
    expect(await texts('#filter-note')).toEqual(['1 of 4']);
    expect(await filter('gama < 0.5')).toBe(1); // as it was
    expect((await texts('#filter-note'))[0]).toMatch(/gama/);
    expect(await filter('')).toBe(4);
  });

  it('names the image under the pointer', async () => {
    const at = await browser.evaluate<number[]>(`(() => {
      const svg = [...document.querySelectorAll('#detail figure')].find((f) => /UMAP/.test(f.textContent)).querySelector('svg');
      svg.scrollIntoView();
      const path = [...svg.querySelectorAll('path')].find((p) => p.getAttribute('opacity') === '0.8');
      const [, x, y] = /M([\\d.]+) ([\\d.]+)/.exec(path.getAttribute('d'));
      const box = svg.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      return [box.left + x * scale, box.top + y * scale];
    })()`);
    await browser.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x: at[0], y: at[1] });
    expect(await texts('#tip')).toEqual([expect.stringMatching(/^\S+, cluster \d, \S+$/)]);
    expect(await browser.evaluate(`document.getElementById('tip').hidden`)).toBe(false);
  });

  it('has run without an error, a refusal of its policy or a request to anywhere', () => {
    const faults = browser.events.filter(
      ({ method, params }) =>
        method === 'Runtime.exceptionThrown' ||
        (method === 'Log.entryAdded' && params.entry.level === 'error') ||
        (method === 'Network.requestWillBeSent' && !/^(file|data|about):/.test(params.request.url)),
    );
    expect(faults).toEqual([]);
  });

  it('is light on paper whatever the screen is, without controls, and no wider than A4', async () => {
    await browser.evaluate(`document.documentElement.dataset.theme = 'dark'`);
    await browser.evaluate(
      `(() => { const f = document.getElementById('filter'); f.value = 'seed = 1'; f.dispatchEvent(new Event('input')); })()`,
    );
    await browser.paper({ dark: true });
    const style = (selector: string, property: string) =>
      browser.evaluate<string[]>(
        `[...document.querySelectorAll(${JSON.stringify(selector)})].map((e) => getComputedStyle(e)[${JSON.stringify(property)}])`,
      );
    for (const dark of ['body', 'section', 'thead th', 'pre'])
      for (const colour of await style(dark, 'color')) expect(lightness(colour), dark).toBeLessThan(100);
    expect(await style('body', 'backgroundColor')).toEqual(['rgb(255, 255, 255)']);
    expect(new Set(await style('svg', 'filter'))).toEqual(new Set(['none']));
    const isShown = `({ offsetParent, textContent }) => offsetParent !== null && textContent !== ''`;
    expect(
      await browser.evaluate(
        `[...document.querySelectorAll('nav, input, .move, .choice, .skip, #columns')].filter(${isShown}).length`,
      ),
    ).toBe(0);
    expect(await texts('#filter-note')).toEqual(['2 of 4']);
    expect(
      await browser.evaluate(`getComputedStyle(document.getElementById('filter-note'), '::before').content`),
    ).toContain('seed = 1');
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(703);
    await browser.screen();
  });

  it('unfolds on paper what a reader of it cannot open, and folds it again', async () => {
    const folded = `document.querySelectorAll('details.printed:not([open])').length`;
    const before = await browser.evaluate<number>(folded);
    expect(before).toBeGreaterThan(0);
    // The page is unfolded while it is printed: only the page itself sees it, so it counts.
    await browser.evaluate(
      `addEventListener('beforeprint', () => { document.body.dataset.folded = String(${folded}); })`,
    );
    const { data } = await browser.send('Page.printToPDF', { printBackground: true });
    expect(Buffer.from(data, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
    expect(await browser.evaluate('document.body.dataset.folded')).toBe('0');
    expect(await browser.evaluate(folded)).toBe(before);
  });

  it('fits a telephone: nothing but tables and wide drawings in their own frames is wider than the window', async () => {
    await browser.picture({ width: 390, whole: false });
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  });
});
