import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clade, temporaryFolder } from '../support/clade.ts';

const PIPELINE = `
params: { gamma: 1 }
stages:
  prepare: { uses: command, with: { run: 'echo 1 > "$OUT/n"', outputs: [n] } }
  measure:
    uses: command
    needs: { input: prepare }
    with: { run: 'echo "{\\"acc\\": \${{ params.gamma }}}" > "$OUT/metrics.json"' }
sweep: { grid: { gamma: [1, 2] } }
`;

const place = temporaryFolder();
const call = (...args: string[]) => clade(args, { cwd: place.path });

beforeAll(async () => {
  writeFileSync(join(place.path, 'study.yaml'), PIPELINE);
  const { exitCode, stderr } = await call('run', 'study.yaml');
  expect(exitCode, stderr).toBe(0);
  return () => place.remove();
}, 60_000);

describe.skipIf(process.platform === 'win32')('a name that is nearly one that there is', () => {
  it.each([
    ['show lates', "did you mean 'latest'?"],
    ['run study.yml', "no pipeline file study.yml; did you mean 'study.yaml'?"],
    ['graph ./stdy.yaml', "did you mean 'study.yaml'?"],
    ['why study.yaml mesure', "did you mean 'measure'?"],
    ['logs mesure', "did you mean 'measure'?"],
    ['logs measure@gama=1', 'of measure there are: measure@gamma=1, measure@gamma=2'],
    ['logs measure@gamma=1000', 'of measure there are: measure@gamma=1, measure@gamma=2'],
    ['export latest mesure -o out', "did you mean 'measure'?"],
    ['lineage prepar', "did you mean 'prepare'?"],
    ['lineage measure', 'of measure there are: measure@gamma=1, measure@gamma=2'],
    ['verify prepar', "did you mean 'prepare'?"],
    ['compare --over gmma', "did you mean 'gamma'?"],
    ['compare --sort gmma', "did you mean 'gamma'?"],
    ['compare --pivot rn gamma', "did you mean 'run'?"],
    ['compare --metric measure.axc', "did you mean 'measure.acc'?"],
    ['compare --metric loss', 'there are: measure.acc, acc'],
    ['report --over gmma', "did you mean 'gamma'?"],
  ])('clade %s', async (line, hint) => {
    const { exitCode, stdout, stderr } = await call(...line.split(' '));
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(hint);
  });
});

describe('an artifacts folder that is empty or not there', () => {
  beforeAll(() => void mkdirSync(join(place.path, 'empty')));
  afterAll(() => expect(readdirSync(place.path)).not.toContain('nowhere'));

  it.each([
    ['ls', 0, 'no runs in'],
    ['status', 0, 'nothing is running'],
    ['show', 2, 'there is no run in'],
    ['logs measure', 2, 'there is no run in'],
    ['compare', 2, 'there is no run in'],
    ['report', 2, 'there is no run in'],
    ['export latest -o out', 2, 'there is no run in'],
    ['lineage measure', 2, "'measure' is no file, no step of the latest run"],
  ])('clade %s says so, and makes nothing', async (line, status, message) => {
    for (const folder of ['empty', 'nowhere']) {
      const { exitCode, stdout, stderr } = await call(...line.split(' '), '--artifacts', folder);
      expect([exitCode, stdout + stderr]).toEqual([status, expect.stringContaining(message)]);
    }
    expect(readdirSync(join(place.path, 'empty'))).toEqual([]);
  });
});
