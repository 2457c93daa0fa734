import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
// Below node_modules, so that it finds tfjs as an installed package would; no registry is asked.
const project = mkdtempSync(join(root, 'node_modules/.kernels-package-'));
const installed = join(project, 'node_modules/tfjs-wasm-training-kernels');

/** A user's own model in tfjs's layers, trained on one backend; the README's way to set it up. */
const TRAINING = `
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { registerTrainingKernels } from 'tfjs-wasm-training-kernels';

const [backend] = process.argv.slice(2);
await registerTrainingKernels();
await tf.setBackend(backend);
const seeded = (seed) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) });
const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [12, 12, 1], filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', ...seeded(1) }),
    tf.layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', ...seeded(2) }),
    tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'valid', ...seeded(3) }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 2, ...seeded(4) }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
const images = tf.tensor(Array.from({ length: 32 * 144 }, (_, i) => ((i * 7919) % 1009) / 1009), [32, 12, 12, 1]);
const wanted = tf.stack([images.mean([1, 2, 3]), images.slice([0, 5, 5, 0], [32, 1, 1, 1]).reshape([32])], 1);
const { history } = await model.fit(images, wanted, { epochs: 10, batchSize: 8, shuffle: false });
process.stdout.write(JSON.stringify({ backend: tf.getBackend(), loss: history.loss }));
`;

beforeAll(() => {
  const script = join(root, 'scripts/pack-kernels.mjs');
  const file = execFileSync(process.execPath, [script, project], { encoding: 'utf8' }).trim();
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', file, '-C', installed, '--strip-components=1']);
  writeFileSync(join(project, 'train.mjs'), TRAINING);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const train = (backend: string) =>
  JSON.parse(
    execFileSync(process.execPath, [join(project, 'train.mjs'), backend], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as { backend: string; loss: number[] };

describe('the training kernels as a package', () => {
  it("train a user's model on tfjs's wasm backend as its own JavaScript backend does", () => {
    const [wasm, javascript] = [train('wasm'), train('cpu')];
    expect(wasm.backend).toBe('wasm');
    expect(wasm.loss.at(-1)).toBeLessThan(wasm.loss[0] / 2);
    wasm.loss.forEach((loss, epoch) => {
      expect(loss / javascript.loss[epoch]).toBeCloseTo(1, 3);
    });
  }, 60_000);

  it('say what they need, and bring types and the kernels themselves', () => {
    const described = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const used = readFileSync(join(installed, 'index.js'), 'utf8').matchAll(/ from "(.*)";$/gm);
    const packages = new Set([...used].map(([, name]) => name));
    expect(packages).toContain('@tensorflow/tfjs-core');
    for (const name of packages) expect(Object.keys(described.peerDependencies)).toContain(name);
    expect(readFileSync(join(installed, 'index.d.ts'), 'utf8')).toContain('registerTrainingKernels(source?:');
    expect(readFileSync(join(installed, 'kernels.wasm')).subarray(0, 4).toString('latin1')).toBe('\0asm');
  });

  it('need nothing of Node where the bytes are handed over, as a browser does', () => {
    const code = readFileSync(join(installed, 'index.js'), 'utf8');
    expect(code).not.toMatch(/^import .*"node:/m);
    expect(code).not.toContain('Buffer');
  });
});
