import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clade, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

/** The study's sweep (three dimensions, three γ, three seeds) over pictures of the size that quickstart has. */
const SWEEP = `${SMALL_PIPELINE.replace('size: [16, 16]', 'size: [64, 64]')
  .replace('epochs: 12', 'epochs: 1')
  .replace('maxIterations: 60', 'maxIterations: 5')
  .replace('embeddingDim: 2', 'embeddingDim: "${{ params.d }}"')
  .replace('gamma: 0.1 }', 'gamma: 0.1, d: 2 }')}
sweep:
  grid: { d: [2, 3, 4], gamma: [0.1, 0.5, 1], seed: [0, 1, 2] }
`;

const place = temporaryFolder();
afterAll(() => place.remove());

describe('a report of 27 points that were computed', () => {
  it('is below 1 MB with curves, scatters, confusion and pictures of each', {
    timeout: 300_000,
  }, async () => {
    makePictureFolder(join(place.path, 'data'));
    writeFileSync(join(place.path, 'sweep.yaml'), SWEEP);
    const run = await clade(['run', 'sweep.yaml'], { cwd: place.path });
    expect(run.exitCode, run.stderr).toBe(0);
    const { stdout, exitCode } = await clade(['report'], { cwd: place.path });
    expect(exitCode).toBe(0);
    const html = readFileSync(join(place.path, 'report.html'), 'utf8');
    process.stdout.write(`27 points: ${stdout}`);
    expect(Buffer.byteLength(html)).toBeLessThan(1_000_000);
    expect(html).not.toContain('of points left out');
    const { points, panels, images } = JSON.parse(
      /<script type="application\/json" id="data">(.*?)<\/script>/.exec(html)![1],
    );
    expect(points).toHaveLength(27);
    for (const point of points) {
      const own = point.panels.map((id: string) => panels[id]);
      const kinds = own.map(({ kind }: { kind: string }) => kind);
      expect(kinds).toEqual(expect.arrayContaining(['losses', 'scatter', 'confusion', 'pictures']));
      const { pairs } = own.find(({ kind }: { kind: string }) => kind === 'pictures');
      expect(pairs.length).toBeGreaterThan(0);
      for (const name of pairs.flat()) expect(images[name]).toMatch(/^iVBOR/); // base64 of PNG's signature
    }
  });
});
