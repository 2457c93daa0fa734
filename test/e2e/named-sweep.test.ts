import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clade, eventsOf, temporaryFolder } from '../support/clade.ts';

const PIPELINE = (name: string, values: string) => `name: words
params: { word: a, times: 1 }
stages:
  say:
    uses: command
    with:
      run: ['node', '-e', "const fs = require('fs'); if (fs.existsSync(process.env.BROKEN + '/\${{ params.word }}')) process.exit(3); fs.writeFileSync(process.env.OUT + '/said', '\${{ params.word }}'.repeat(\${{ params.times }}))"]
      env: { BROKEN: "\${{ params.broken }}" }
      outputs: [said]
sweep: { name: ${name}, grid: { word: ${values} } }
`;

let place = temporaryFolder();
const at = (name: string) => join(place.path, name);
const call = (...args: string[]) => clade(args, { cwd: place.path });
const pipeline = (name: string, values: string) =>
  writeFileSync(
    at('p.yaml'),
    PIPELINE(name, values).replace('times: 1', `times: 1, broken: ${JSON.stringify(at('broken'))}`),
  );
const executed = (stdout: string) =>
  eventsOf(stdout).flatMap((event) => (event.event === 'step-finished' ? [event.stepId] : []));
const table = async (...args: string[]) => JSON.parse((await call('ls', '--json', ...args)).stdout).runs;

beforeEach(() => {
  place = temporaryFolder();
  mkdirSync(at('broken'));
});
afterEach(() => place.remove());

describe('a sweep with a name', () => {
  it('goes on by its name: with the same --set, what failed or is new alone, other runs between', async () => {
    pipeline('first', '[a, b]');
    writeFileSync(at('broken/b'), '');
    const failing = await call('run', 'p.yaml', '--json', '--keep-going', '--set', 'times=3');
    expect(failing.exitCode).toBe(1);
    expect(executed(failing.stdout)).toEqual(['say@word=a']);
    pipeline('second', '[c]');
    expect((await call('run', 'p.yaml', '--json')).exitCode).toBe(0);

    rmSync(at('broken/b'));
    pipeline('first', '[a, b, d]');
    const resumed = await call('run', '--resume', 'first', '--json');
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(executed(resumed.stdout).sort()).toEqual(['say@word=b', 'say@word=d']);
    expect(
      executed((await call('run', '--resume', 'first', '--json', '--set', 'times=2')).stdout),
    ).toHaveLength(3);
  });

  it('stands in the list of runs, is found by its name, and is found again in a new index', async () => {
    pipeline('first', '[a, b]');
    await call('run', 'p.yaml');
    pipeline('second', '[c]');
    await call('run', 'p.yaml');
    const look = async () => {
      expect((await table()).map(({ sweep }: { sweep: string }) => sweep)).toEqual(['second', 'first']);
      expect(await table('--sweep', 'first')).toHaveLength(1);
      expect((await call('ls')).stdout).toMatch(
        /pipeline +sweep +status[\s\S]*words +second[\s\S]*words +first/,
      );
      expect((await call('show', 'first')).stdout).toContain('say@word=b');
      expect(JSON.parse((await call('compare', 'first', '--json')).stdout).rows).toHaveLength(2);
    };
    await look();
    rmSync(at('artifacts/lineage.db'));
    await call('reindex');
    await look();
  });

  it('that is not there, or whose file is gone, is said so', async () => {
    pipeline('first', '[a]');
    await call('run', 'p.yaml');
    const unknown = await call('run', '--resume', 'third');
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining("no run 'third'")]);
    const both = await call('run', 'p.yaml', '--resume', 'first');
    expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining('leave p.yaml out')]);
    const none = await call('run');
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('which pipeline?')]);
    rmSync(at('p.yaml'));
    const gone = await call('run', '--resume', 'first');
    expect(gone.exitCode).toBe(2);
    expect(gone.stderr).toMatch(/p\.yaml is not here[\s\S]*pipeline\.yaml/);
  });
});
