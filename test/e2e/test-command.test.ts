import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestReport } from '../../src/core/test-report.ts';
import { clade, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

const EXPECT = `
expect:
  evaluate:
    test.acc:   { atLeast: 0.1 }   # far below
    test.nmi: { within: 0.01,  of: ~ } # to be measured
    files:
      metrics.csv: { golden: true, within: 1e-9 }
  split: { files: { train.npy: { shape: [~, 16, 16], dtype: float32, values: { between: [-1, 1] } } } }
  pretrain:
    files:
      weights.safetensors: { digest: ~ }
  figures: { files: { loss.png: { golden: golden/loss.png, meanDifference: 0.1 } } }
`;

/** A folder in which the pipeline was tested once and its golden values written. */
const finished = temporaryFolder();
let place = temporaryFolder();
let firstText = '';

beforeAll(async () => {
  makePictureFolder(join(finished.path, 'data'));
  writeFileSync(join(finished.path, 'small.yaml'), SMALL_PIPELINE + EXPECT);
  const first = await clade(['test', 'small.yaml'], { cwd: finished.path });
  expect(first.exitCode).toBe(1);
  firstText = first.stdout;
  const { exitCode } = await clade(['test', 'small.yaml', '--update'], { cwd: finished.path });
  expect(exitCode).toBe(0);
  return () => finished.remove();
}, 120_000);

beforeEach(() => {
  place = temporaryFolder();
  cpSync(finished.path, place.path, { recursive: true, verbatimSymlinks: true });
});
afterEach(() => place.remove());

const test = (...more: string[]) => clade(['test', 'small.yaml', ...more], { cwd: place.path });
const edit = (from: string | RegExp, to: string) => {
  const file = join(place.path, 'small.yaml');
  const text = readFileSync(file, 'utf8').replace(from, to);
  writeFileSync(file, text);
};

describe('golden values', () => {
  it('that are not written yet fail, and each says so', () => {
    expect(firstText).toContain('within 0.01 of a golden value that is not written yet');
    expect(firstText).toContain('there is no golden file');
    expect(firstText).toMatch(/4 of 8 expectations hold, 4 fail/);
  });

  it('are written in place, every other character kept, and files beside the pipeline', async () => {
    const text = readFileSync(join(place.path, 'small.yaml'), 'utf8');
    const back = text.replace(/of: 0\.\d+ }/, 'of: ~ }').replace(/digest: '[0-9a-f]{64}'/, 'digest: ~');
    expect(back).toBe(SMALL_PIPELINE + EXPECT);
    for (const path of ['small.golden/evaluate/metrics.csv', 'golden/loss.png'])
      expect(statSync(join(place.path, path)).mode & 0o200, path).not.toBe(0);
    const { exitCode, stdout } = await test();
    expect(stdout).toMatch(/^8 of 8 expectations hold; run /);
    expect(exitCode).toBe(0);
  });

  it('are not written where the run fails, or only bounds are missed', async () => {
    edit('atLeast: 0.1', 'atLeast: 0.99');
    const bounds = await test('--update');
    expect(bounds.exitCode).toBe(1);
    expect(bounds.stdout).toContain('bounds are yours to change');
    rmSync(join(place.path, 'data/manifest.csv'));
    const before = readFileSync(join(place.path, 'small.yaml'), 'utf8');
    const failed = await test('--update');
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toContain('nothing golden was written');
    expect(readFileSync(join(place.path, 'small.yaml'), 'utf8')).toBe(before);
  });
});

describe('a result that changed', () => {
  it('fails with what was expected, what was found, when it last held and which field changed since', async () => {
    edit('gamma: 0.1', 'gamma: 0.9');
    const { exitCode, stdout } = await test();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✘|x evaluate test\.nmi {2}\(small\.yaml:\d+\)/);
    expect(stdout).toMatch(/expected {2}within 0\.01 of 0\.\d+\n {4}got {7}0\.\d+ \([+−]/);
    expect(stdout).toMatch(/last held in run \d{8}-/);
    expect(stdout).toContain('finetune: parameter gamma: 0.1 → 0.9 (small.yaml:3)');
    expect(stdout).toMatch(/line \d+, value: [\d.]+ → [\d.]+/);
    const again = await test('--json');
    const report = JSON.parse(again.stdout) as TestReport;
    expect(report).toMatchObject({ status: 'failed', runStatus: 'succeeded' });
    const nmi = report.checks.find(({ title }) => title === 'evaluate test.nmi')!;
    expect(nmi.changes).toEqual([
      {
        stepId: 'finetune',
        code: 'parameter-changed',
        field: 'gamma',
        from: '0.1',
        to: '0.9',
        place: 'small.yaml:3',
      },
    ]);
  });

  it('names what was added to a source', async () => {
    const file = join(place.path, 'data/bar/1.png');
    cpSync(join(place.path, 'data/disc/0.png'), file);
    const { stdout } = await test();
    expect(stdout).toMatch(/ingest: source path: bar\/1\.png: [0-9a-f]{8} → [0-9a-f]{8}/);
  });
});

describe('what is missing', () => {
  it('fails where a step failed, and says which one', async () => {
    rmSync(join(place.path, 'data/disc'), { recursive: true });
    const { exitCode, stdout } = await test();
    expect(exitCode).toBe(1);
    expect(stdout).toContain('0 of 8 expectations hold');
    expect(stdout).toContain('the step was skipped: ingest failed');
  });

  it('is a usage error where the file expects nothing, or what cannot be', async () => {
    writeFileSync(join(place.path, 'bare.yaml'), SMALL_PIPELINE);
    const bare = await clade(['test', 'bare.yaml'], { cwd: place.path });
    expect(bare).toMatchObject({ exitCode: 2, stdout: '' });
    expect(bare.stderr).toContain("no 'expect' block");
    edit('test.acc:', 'test.akk:');
    const wrong = await test();
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toMatch(
      /^small\.yaml:\d+:5: error: step 'evaluate' \(evaluate\) measures no 'test\.akk'/,
    );
    expect(wrong.stderr).toContain("did you mean 'test.acc'?");
  });
});

describe('reports for machines', () => {
  it('writes JUnit XML with a case an expectation', async () => {
    edit('atLeast: 0.1', 'atLeast: 2');
    const { exitCode } = await test('--junit', 'out/results.xml');
    expect(exitCode).toBe(1);
    const xml = readFileSync(join(place.path, 'out/results.xml'), 'utf8');
    expect(xml).toContain('<testsuite name="small" tests="8" failures="1" errors="0"');
    expect(xml.match(/<testcase /g)).toHaveLength(8);
    expect(xml).toContain('<failure type="expectation" message="expected at least 2, got 0.');
  });

  it('keeps stdout for data: one JSON object', async () => {
    const { stdout, stderr } = await test('--json');
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'passed',
      counts: { passed: 8, failed: 0, updated: 0 },
    });
    expect(stderr).toContain('small succeeded');
    expect(existsSync(join(place.path, 'out'))).toBe(false);
  });
});

describe('files of a command, which makes what it likes', () => {
  const hold = async (files: string) => {
    const pipeline = `stages:\n  make: { uses: command, with: { run: 'echo 1 > "$OUT/a.csv"; echo 2 > "$OUT/b.csv"' } }\n`;
    writeFileSync(join(place.path, 'small.yaml'), `${pipeline}expect: { make: { files: { ${files} } } }\n`);
    return await test();
  };

  it('may be named, and by a pattern', async () => {
    const kept = await hold(`a.csv: { rows: 0 }, '*.csv': { present: true }, 'no*.txt': { present: false }`);
    expect(kept.exitCode, kept.stderr).toBe(0);
    expect((await hold(`'*.csv': { present: false }`)).exitCode).toBe(1);
    expect((await hold(`'no*.txt': { present: true }`)).exitCode).toBe(1);
  });
});
