import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clade, eventsOf, ROOT, temporaryFolder } from '../support/clade.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

const executed = (stdout: string) =>
  eventsOf(stdout).flatMap((event) => (event.event === 'step-finished' ? [event.stepId] : []));

/** Does this machine's Python do this? */
function pythonRuns(code: string): boolean {
  try {
    execFileSync('python3', ['-c', code], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!pythonRuns('import sklearn'))('own-stage.yaml', () => {
  it('has a forest of scikit-learn between stages of ours, and notices an edited helper', async () => {
    cpSync(join(ROOT, 'pipelines/own-stage'), join(place.path, 'own-stage'), { recursive: true });
    cpSync(join(ROOT, 'pipelines/own-stage.yaml'), join(place.path, 'own-stage.yaml'));
    const run = () => clade(['run', 'own-stage.yaml', '--json'], { cwd: place.path });
    const first = await run();
    expect(first.exitCode, first.stdout + first.stderr).toBe(0);
    expect(executed(first.stdout)).toHaveLength(6);
    const table = readFileSync(join(place.path, 'artifacts/runs/latest/steps/table/table.csv'), 'utf8');
    expect(table).toContain('random forest');
    appendFileSync(join(place.path, 'own-stage/tables.py'), '\n# a comment\n');
    expect(executed((await run()).stdout)).toEqual([]);
    appendFileSync(join(place.path, 'own-stage/tables.py'), '\nUNUSED = 1\n');
    // Its outputs come out the same, so that the table after it stays.
    expect(executed((await run()).stdout).sort()).toEqual(['forest@trees=5', 'forest@trees=50']);
  }, 120_000);
});

const MEANS = `import os, sys
import numbers_of

with open(os.path.join(sys.argv[2], 'means.csv'), 'w') as file:
    for name in ('train', 'val', 'test'):
        file.write(f'{name},{numbers_of.rows(sys.argv[1], name)}\\n')
with open(os.path.join(sys.argv[2], 'metrics.json'), 'w') as file:
    file.write('{"trees": ' + sys.argv[4] + '}')
`;

describe.skipIf(!pythonRuns('pass') || process.platform === 'win32')(
  'the pipeline in docs/own-stages.md',
  () => {
    it('runs as it stands there', async () => {
      const text = readFileSync(join(ROOT, 'docs/own-stages.md'), 'utf8');
      const [, pipeline] = /## Any program[\s\S]*?```yaml\n([\s\S]*?)```/.exec(text)!;
      writeFileSync(join(place.path, 'docs.yaml'), pipeline);
      mkdirSync(join(place.path, 'code'));
      writeFileSync(join(place.path, 'code/means.py'), MEANS);
      const helper =
        "def rows(folder, split):\n    return sum(f',{split},' in line for line in open(folder + '/items.csv'))\n";
      writeFileSync(join(place.path, 'code/numbers_of.py'), helper);
      const { exitCode, stdout } = await clade(['run', 'docs.yaml', '--json'], { cwd: place.path });
      expect(exitCode, stdout).toBe(0);
      expect(eventsOf(stdout)).toContainEqual(
        expect.objectContaining({
          event: 'step-finished',
          stepId: 'means',
          metrics: [{ name: 'trees', split: null, value: 100, better: 'neither' }],
        }),
      );
      expect(readFileSync(join(place.path, 'artifacts/runs/latest/steps/means/means.csv'), 'utf8')).toMatch(
        /^train,[1-9]\d*\nval,\d+\ntest,\d+\n$/,
      );
    }, 60_000);
  },
);
