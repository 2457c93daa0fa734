import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../src/core/random.ts';
import { writePng } from '../../src/formats/png.ts';

export interface PictureRow {
  readonly file: string;
  readonly kind: string;
  readonly subject: string;
}

/** Side of the pictures, pixels. */
const SIZE = 24;

/**
 * A folder as a user has it: `count` grey pictures of three kinds (disc, bar, ring; noisy, moved about),
 * three subjects a kind, and a manifest.csv (file, kind, subject).
 */
export function makePictureFolder(folder: string, count = 54): PictureRow[] {
  const random = createRandom('pictures');
  const kinds = ['disc', 'bar', 'ring'];
  const rows = Array.from({ length: count }, (_, at) => {
    const kind = kinds[at % 3];
    return { file: `${kind}/${at}.png`, kind, subject: `${kind}-${Math.floor(at / 3) % 3}` };
  });
  for (const { file, kind } of rows) {
    const [x, y] = [random.next() * 6 - 3, random.next() * 6 - 3];
    const pixels = Uint8Array.from({ length: SIZE * SIZE }, (_, at) => {
      const [dx, dy] = [(at % SIZE) - SIZE / 2 - x, Math.floor(at / SIZE) - SIZE / 2 - y];
      return 20 + 190 * shade(kind, dx, dy) + 30 * random.next();
    });
    mkdirSync(join(folder, kind), { recursive: true });
    writeFileSync(join(folder, file), writePng({ pixels, height: SIZE, width: SIZE }));
  }
  writeManifest(folder, rows);
  return rows;
}

export function writeManifest(folder: string, rows: readonly PictureRow[]): void {
  const lines = rows.map(({ file, kind, subject }) => `${file},${kind},${subject}\n`);
  writeFileSync(join(folder, 'manifest.csv'), `file,kind,subject\n${lines.join('')}`);
}

function shade(kind: string, dx: number, dy: number): number {
  const radius = Math.sqrt(dx * dx + dy * dy);
  if (kind === 'disc') return radius < 5 ? 1 : 0;
  if (kind === 'bar') return Math.abs(dx) < 2 ? 1 : 0;
  return Math.abs(radius - 7) < 1.5 ? 1 : 0;
}

/** A pipeline over such a folder that trains for a few seconds at most. */
export const SMALL_PIPELINE = `name: small
seed: 7
params: { data: ./data, epochs: 12, gamma: 0.1 }
stages:
  ingest:
    uses: ingest
    with: { source: images, path: "\${{ params.data }}", manifest: manifest.csv, label: kind, subject: subject }
  normalise: { uses: normalise, needs: { images: ingest }, with: { size: [16, 16] } }
  split: { uses: split, needs: { images: normalise, index: ingest }, with: { by: slice, ratios: [60, 20, 20] } }
  pretrain:
    uses: pretrain
    needs: { dataset: split }
    with: { filters: [4, 8], kernels: [5, 3], strides: [2, 2], embeddingDim: 2, epochs: "\${{ params.epochs }}", patience: 1000 }
  kmeans-init: { uses: kmeans-init, needs: { dataset: split, model: pretrain }, with: { clusters: 3 } }
  finetune:
    uses: finetune
    needs: { dataset: split, model: pretrain, centres: kmeans-init }
    with: { method: dcec, gamma: "\${{ params.gamma }}", maxIterations: 60, batch: 8 }
  evaluate: { uses: evaluate, needs: { dataset: split, model: finetune, labels: ingest }, with: { resamples: 100 } }
  project: { uses: project, needs: { dataset: split, model: finetune } }
  figures: { uses: figures, needs: { dataset: split, model: finetune, history: pretrain, projection: project, labels: ingest } }
  table: { uses: summarise, needs: { dcec: evaluate } }
`;
