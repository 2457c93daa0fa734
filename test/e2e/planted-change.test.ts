import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestReport } from '../../src/core/test-report.ts';
import { type Alteration, buildAltered } from '../support/altered-build.ts';
import { BIN, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

/** γ is left to its default; images are normalised; what each step makes is held to the byte. */
const PIPELINE = `${SMALL_PIPELINE.replace('gamma: "${{ params.gamma }}", ', '')
  .replace(', gamma: 0.1', '')
  .replace('size: [16, 16]', 'size: [16, 16], intensity: standardise')}
expect:
  normalise: { files: { images/*.npy: { golden: true } } }
  pretrain: { files: { weights.safetensors: { digest: ~ } } }
  finetune: { files: { weights.safetensors: { digest: ~ } } }
`;

const place = temporaryFolder();
afterAll(() => place.remove());

const test = async (bin: string, ...more: string[]) => {
  const args = [bin, 'test', 'small.yaml', '--json', ...more];
  const { stdout } = await execa('node', args, {
    cwd: join(place.path, 'work'),
    env: { CLADE_ENGINE: 'wasm' },
    reject: false,
  });
  return JSON.parse(stdout) as TestReport;
};

beforeAll(async () => {
  mkdirSync(join(place.path, 'work'));
  makePictureFolder(join(place.path, 'work/data'));
  writeFileSync(join(place.path, 'work/small.yaml'), PIPELINE);
  expect((await test(BIN, '--update')).status).toBe('passed');
  expect((await test(BIN)).counts).toEqual({ passed: 3, failed: 0, updated: 0 });
}, 120_000);

describe('a change planted in the sources', () => {
  it.each<[string, Alteration, readonly string[], object]>([
    [
      "γ's default",
      { file: 'src/stages/finetune/declaration.ts', from: 'default: 0.01,', to: 'default: 0.3,' },
      ['finetune'],
      { stepId: 'finetune', code: 'parameter-changed', field: 'gamma', from: '0.01', to: '0.3' },
    ],
    [
      'the KL clip',
      { file: 'src/ml/clustering/kl-loss.ts', from: 'Q_FLOOR = 1e-7', to: 'Q_FLOOR = 0.3' },
      ['finetune'],
      { stepId: 'finetune', code: 'code-changed', field: 'src/ml/clustering/kl-loss.ts' },
    ],
    [
      'the normalisation',
      {
        file: 'src/imaging/intensity.ts',
        from: '(value - mean) / deviation',
        to: '(value - mean) / variance',
      },
      ['normalise', 'pretrain', 'finetune'],
      { stepId: 'normalise', code: 'code-changed', field: 'src/imaging/intensity.ts' },
    ],
  ])(
    '%s is caught, and the step and the field are named',
    async (name, alteration, failing, change) => {
      const bin = await buildAltered(join(place.path, name.replace(/\W+/g, '-')), alteration);
      const report = await test(bin);
      const failed = report.checks.filter(({ status }) => status === 'failed');
      expect(report.status).toBe('failed');
      expect(failed.flatMap(({ steps }) => steps)).toEqual(failing);
      for (const { changes, lastHeld } of failed) {
        expect(lastHeld).not.toBeNull();
        expect(changes).toHaveLength(1);
        expect(changes[0]).toMatchObject(change);
      }
    },
    240_000,
  );
});
