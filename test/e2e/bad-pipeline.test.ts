import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clade, ROOT, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

let place = temporaryFolder();
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());

async function refused(content: string | Uint8Array): Promise<string> {
  writeFileSync(join(place.path, 'bad.yaml'), content);
  const { exitCode, stdout, stderr } = await clade(['run', 'bad.yaml'], { cwd: place.path });
  expect(exitCode, stderr).toBe(2);
  expect(stdout).toBe('');
  expect(readdirSync(place.path)).toEqual(['bad.yaml']); // nothing written
  expect(stderr).not.toContain('Internal error');
  return stderr;
}

const edited = (from: string, to: string) => {
  expect(SMALL_PIPELINE).toContain(from);
  return SMALL_PIPELINE.replace(from, to);
};

describe('a bad pipeline file', () => {
  it('is shown with its place, the line, a caret and what would be right', async () => {
    expect(await refused(edited('gamma: "${{ params.gamma }}"', 'gama: 0.1'))).toBe(
      [
        "bad.yaml:18:27: error: unknown parameter 'gama' of stage 'finetune'",
        '  18 |     with: { method: dcec, gama: 0.1, maxIterations: 60, batch: 8 }',
        '     |                           ^^^^',
        "     = did you mean 'gamma'?",
        '',
      ].join('\n'),
    );
  });

  it('has all its problems told in one pass', async () => {
    const text = await refused(
      edited('gamma: "${{ params.gamma }}"', 'gama: 0.1')
        .replace('uses: pretrain', 'uses: pretrian')
        .replace('clusters: 3', "clusters: 'three'"),
    );
    expect(text).toContain("did you mean 'gamma'?");
    expect(text).toContain("did you mean 'pretrain'?");
    expect(text).toMatch(/clusters.*integer|clusters.*whole number/);
  });

  it.each([
    ['an empty file', ''],
    ['a list', '- a\n- b\n'],
    ['text that is no YAML', 'stages: { ingest: [\n'],
    ['binary', Uint8Array.from({ length: 512 }, (_, at) => (at * 73) % 256)],
    ['a duplicate key', edited('seed: 7', 'seed: 7\nseed: 8')],
    ['an unknown step', edited('{ images: ingest }', '{ images: ingset }')],
    [
      'a cycle',
      edited(
        '{ uses: normalise, needs: { images: ingest }',
        '{ uses: normalise, needs: { images: normalise }',
      ),
    ],
    ['a bad reference', edited('${{ params.gamma }}', '${{ params.gama }}')],
    ['an empty axis', `${SMALL_PIPELINE}sweep: { grid: { gamma: [] } }\n`],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
        .split('')
        .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[at]}`).join(',')}]\n`)
        .join('')}`,
    ],
    ['10 MB of nesting', `stages: ${'['.repeat(10 * 1024 * 1024)}`],
  ])('%s is an error, exit 2, and nothing is written', async (_, content) => {
    expect(await refused(content)).toMatch(/^bad\.yaml(:\d+:\d+)?: error: /);
  });

  it('that is not there is said in a line', async () => {
    const { exitCode, stderr } = await clade(['run', 'none.yaml'], { cwd: place.path });
    expect(exitCode).toBe(2);
    expect(stderr).toBe('clade: no pipeline file none.yaml\n');
  });
});

describe('a bad call', () => {
  it.each([
    [['rum', 'x.yaml'], /unknown command 'rum'[\s\S]*Did you mean run\?/],
    [['run', 'small.yaml', '--forse', 'x'], /unknown option '--forse'[\s\S]*Did you mean --force\?/],
    [['run', 'small.yaml', '--set', 'gama=1'], /gama[\s\S]*gamma/],
    [['run', 'small.yaml', '--force', 'pretrian'], /pretrian[\s\S]*pretrain/],
    [
      ['run', 'small.yaml', '--engine', 'tensorflw'],
      /no engine 'tensorflw'; expected auto, tensorflow, wasm/,
    ],
    [['why', 'small.yaml', 'nothing'], /nothing/],
    [['show', 'latest'], /no run 'latest'/],
    [['lineage', 'nowhere'], /is no file, no step of the latest run and no fingerprint/],
  ])('%j is refused with exit 2, saying what would be right', async (args, message) => {
    makePictureFolder(join(place.path, 'data'), 6);
    writeFileSync(join(place.path, 'small.yaml'), SMALL_PIPELINE);
    const { exitCode, stderr } = await clade(args, { cwd: place.path });
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
    expect(existsSync(join(place.path, 'artifacts'))).toBe(false);
  });
});

describe('data that is not there', () => {
  it('thesis.yaml says what it misses and where that is published', async () => {
    const { exitCode, stdout, stderr } = await clade(['run', join(ROOT, 'pipelines/thesis.yaml')], {
      cwd: place.path,
    });
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toMatch(/--set data=/);
    expect(stdout + stderr).toMatch(/Quarenghi/);
  });

  it('a corrupt picture and a manifest that names a missing one fail the step, naming all; skip leaves them out', async () => {
    makePictureFolder(join(place.path, 'data'));
    writeFileSync(join(place.path, 'data/disc/0.png'), 'no picture');
    writeFileSync(join(place.path, 'data/manifest.csv'), 'disc/99.png,disc,disc-0\n', { flag: 'a' });
    writeFileSync(join(place.path, 'small.yaml'), SMALL_PIPELINE);
    const failed = await clade(['run', 'small.yaml'], { cwd: place.path });
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toMatch(/ingest failed \(bad-input\)[\s\S]*disc\/0\.png[\s\S]*disc\/99\.png/);
    writeFileSync(
      join(place.path, 'small.yaml'),
      edited('manifest: manifest.csv', 'manifest: manifest.csv, onBad: skip'),
    );
    const skipped = await clade(['run', 'small.yaml', '--only', 'ingest'], { cwd: place.path });
    expect(skipped.exitCode).toBe(0);
    expect(skipped.stdout).toMatch(/note: .*2/);
  });
});
