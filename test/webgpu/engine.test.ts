import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { build } from 'esbuild';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import type { Engine, Trainable } from '../../src/core/trainable.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { ROOT } from '../support/clade.ts';
import { ODD, randomImages, randomWeights } from '../support/engine/networks.ts';

const random = createRandom('webgpu');
const images = randomImages(ODD, 4, random);
const weights = randomWeights(ODD, random);

async function step(trainable: Trainable): Promise<number> {
  await trainable.gradients({ batch: { images }, reconstructionWeight: 1 });
  await trainable.update();
  return trainable.readReconstructionError();
}

/** As a driver that is reset would. */
function loseDevice(): void {
  (tf.backend() as unknown as { device: { destroy(): void } }).device.destroy();
}

const DEVICE_FAILED = {
  failure: { reason: 'device-failed', message: expect.stringMatching(/--engine wasm/) },
};

async function withEngine(use: (engine: Engine) => Promise<void>): Promise<void> {
  const engine = await openEngine('webgpu', { threads: 1 });
  try {
    await use(engine);
  } finally {
    engine.dispose();
  }
}

describe('the webgpu engine', () => {
  it('tells of a lost device by name, and takes a new one for the next network', () =>
    withEngine(async (engine) => {
      const lost = await engine.createTrainable(ODD, { weights });
      const before = await step(lost);
      loseDevice();
      await expect(step(lost)).rejects.toMatchObject(DEVICE_FAILED);
      await expect(lost.weights()).rejects.toMatchObject(DEVICE_FAILED);
      lost.dispose();
      const next = await engine.createTrainable(ODD, { weights });
      expect(await step(next)).toBe(before);
      next.dispose();
    }));

  it('lets no result through after the device reported an error', () =>
    withEngine(async (engine) => {
      const trainable = await engine.createTrainable(ODD, { weights });
      await step(trainable);
      const { device } = tf.backend() as unknown as {
        device: { createBuffer(descriptor: object): void };
      };
      device.createBuffer({ size: 16, usage: 0 }); // a usage of nothing is not valid
      await expect(step(trainable)).rejects.toMatchObject(DEVICE_FAILED);
      trainable.dispose();
    }));

  it('says what is missing where there is no GPU', async () => {
    const said = await openInChild({ VK_DRIVER_FILES: '/nowhere.json' });
    expect(said.stdout).toMatch(/^engine-unavailable: no GPU was found that WebGPU can use\..*--engine wasm/);
    expect(said.exitCode).toBe(0);
  });

  it('lets the process end by itself once it is disposed of', async () => {
    expect(await openInChild({})).toMatchObject({ exitCode: 0, stdout: 'webgpu', timedOut: false });
  });
});

/** Opens and disposes of the engine in a Node of its own, which has to end within its time. */
async function openInChild(env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'clade-webgpu-'));
  try {
    const outfile = join(folder, 'child.mjs');
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    symlinkSync(join(ROOT, 'dist'), join(folder, 'dist'));
    await build({
      entryPoints: [join(import.meta.dirname, 'open-child.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
    });
    return await execa('node', [outfile], { env, reject: false, timeout: 60_000 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
