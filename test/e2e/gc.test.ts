import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clade, eventsOf, temporaryFolder } from '../support/clade.ts';

const PIPELINE = `name: tiny
params: { word: one }
stages:
  say: { uses: command, with: { run: 'echo \${{ params.word }} > "$OUT/word.txt"', outputs: [word.txt] } }
`;

describe('clade gc', () => {
  it('says what would go, removes it, and a run makes the same bytes again', async () => {
    const place = temporaryFolder();
    onTestFinished(() => place.remove());
    const call = (...args: string[]) => clade(args, { cwd: place.path });
    writeFileSync(join(place.path, 'tiny.yaml'), PIPELINE);
    const run = (word: string) => call('run', 'tiny.yaml', '--json', '--set', `word=${word}`);
    const finished = (stdout: string) => eventsOf(stdout).find(({ event }) => event === 'step-finished');
    const first = finished((await run('one')).stdout) as unknown as { fingerprint: string; runId: string };
    await run('two');

    const dry = await call('gc', '--keep-runs', '1', '--dry-run', '--json');
    expect(dry.exitCode).toBe(0);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      dryRun: true,
      removed: [],
      removals: [{ fingerprint: first.fingerprint, stepId: 'say', runId: first.runId, sizeBytes: 4 }],
    });

    await call('pin', first.runId, '--note', 'paper');
    expect((await call('pin')).stdout).toMatch(/all of the run .* paper/);
    expect(JSON.parse((await call('gc', '--keep-runs', '1', '--json')).stdout).removals).toEqual([]);
    expect((await call('unpin', first.runId)).exitCode).toBe(0);

    const { stdout } = await call('gc', '--keep-runs', '1');
    expect(stdout).toContain('1 artifact removed, 4 B');
    const why = await call('why', 'tiny.yaml', 'say', '--set', 'word=one');
    expect(why.stdout).toContain('output removed by gc');
    expect((await call('verify')).exitCode).toBe(0);
    expect(finished((await run('one')).stdout)).toMatchObject({ fingerprint: first.fingerprint });
  }, 60_000);

  it('refuses an age or a size that it cannot read', async () => {
    const place = temporaryFolder();
    onTestFinished(() => place.remove());
    const call = (...args: string[]) => clade(args, { cwd: place.path });
    expect(await call('gc', '--keep-younger', 'soon')).toMatchObject({ exitCode: 2 });
    expect(await call('gc', '--max-size', '3 apples')).toMatchObject({ exitCode: 2 });
  });
});
