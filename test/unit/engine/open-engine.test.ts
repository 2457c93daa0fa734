import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildKernels } from '../../../scripts/build-kernels.mjs';
import { digestBytes } from '../../../src/core/digest.ts';
import { createRandom } from '../../../src/core/random.ts';
import { openEngine } from '../../../src/engine/open-engine.ts';
import { builtKernels } from '../../support/engine/kernels.ts';
import { ODD, randomImages, randomWeights } from '../../support/engine/networks.ts';

describe('openEngine', () => {
  it('opens wasm with the identity that the probe told, and trains', async () => {
    const kernels = await builtKernels();
    const engine = await openEngine('wasm', { threads: 1, kernels });
    expect(engine.exact).toBe(true);
    expect(engine.identity).toEqual({
      name: 'wasm',
      version: '4.22.0',
      kernels: digestBytes(readFileSync(kernels)),
    });
    const random = createRandom('open');
    const trainable = await engine.createTrainable(ODD, { weights: randomWeights(ODD, random) });
    const images = randomImages(ODD, 8, random);
    const errors: number[] = [];
    for (let step = 0; step < 40; step++) {
      await trainable.gradients({ batch: { images }, reconstructionWeight: 1 });
      await trainable.update();
      errors.push(await trainable.readReconstructionError());
    }
    expect(errors.at(-1)).toBeLessThan(errors[0]);
    trainable.dispose();
    engine.dispose();
  });

  it('refuses to compute with another engine than the run was planned with, and names both', async () => {
    const kernels = await builtKernels();
    const expected = { name: 'wasm', version: '4.21.0', kernels: '0123456789ab' };
    await expect(openEngine('wasm', { threads: 1, kernels, expected })).rejects.toMatchObject({
      failure: {
        reason: 'engine-unavailable',
        message: expect.stringMatching(
          /planned with wasm 4\.21\.0 \(kernels 01234567\).*finds wasm 4\.22\.0/,
        ),
      },
    });
  });

  it('fails by name where the engine asked for does not exist', async () => {
    await expect(openEngine('abacus', { threads: 1 })).rejects.toMatchObject({
      failure: { reason: 'engine-unavailable', message: expect.stringContaining("no engine 'abacus'") },
    });
  });
});

describe('buildKernels', () => {
  it('gives the same bytes every time, without data that would overwrite a borrowed memory', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'clade-kernels-')), 'kernels.wasm');
    await buildKernels(path);
    const bytes = readFileSync(path);
    expect(digestBytes(bytes)).toBe(digestBytes(readFileSync(await builtKernels())));
    expect(sectionsOf(bytes)).not.toContain(11); // the data section
    expect(sectionsOf(bytes)).toContain(0); // the digest of the engine's TypeScript
  });
});

/** Ids of a WebAssembly module's sections (core specification, 5.5.2). */
function sectionsOf(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    ids.push(bytes[at++]);
    let size = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      size |= (bytes[at] & 127) << shift;
      more = bytes[at++] > 127;
    }
    at += size;
  }
  return ids;
}
