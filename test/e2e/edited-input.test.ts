import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Called, clade, eventsOf, temporaryFolder } from '../support/clade.ts';
import { until } from '../support/until.ts';

/** `slow` says that it has begun and waits for leave to read; `after` reads the same artifact later. */
const PIPELINE = `stages:
  make: { uses: command, with: { run: 'echo ant > "$OUT/said.txt"', outputs: [said.txt] } }
  slow:
    uses: command
    needs: { text: make }
    with: { run: 'touch begun; until test -e go; do sleep 0.05; done; cat "$IN_TEXT/said.txt" > "$OUT/n.txt"' }
  after: { uses: command, needs: { text: make, first: slow }, with: { run: 'cat "$IN_TEXT/said.txt" > "$OUT/n.txt"' } }
`;

let place = temporaryFolder();
const call = (...args: string[]) => clade(args, { cwd: place.path });
const at = (...path: string[]) => join(place.path, ...path);
const result = (step: string, file: string) => at('artifacts/runs/latest/steps', step, file);

beforeEach(() => {
  place = temporaryFolder();
  mkdirSync(at('gate'));
  writeFileSync(at('p.yaml'), PIPELINE.replace('touch begun', `cd ${at('gate')}; touch begun`));
});
afterEach(() => place.remove());

/** Runs the pipeline, and does something while `slow` waits. */
async function runWhile(work: () => unknown, ...args: string[]): Promise<Called> {
  const running = call('run', 'p.yaml', '--json', ...args);
  await until(() => existsSync(at('gate/begun')));
  await work();
  writeFileSync(at('gate/go'), '');
  return running;
}

function edit(path: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, readFileSync(path, 'utf8').replace('ant', 'bee'));
}

const failedSteps = ({ stdout }: Called) =>
  eventsOf(stdout).flatMap((event) => (event.event === 'step-failed' ? [[event.stepId, event.reason]] : []));

/** The next run puts everything right, and computes with what the fingerprint says. */
async function expectMended(made: string[]): Promise<void> {
  const { exitCode, stdout } = await call('run', 'p.yaml', '--json');
  expect(exitCode).toBe(0);
  const finished = eventsOf(stdout).flatMap((event) =>
    event.event === 'step-finished' ? [event.stepId] : [],
  );
  expect(finished).toEqual(made);
  for (const step of ['slow', 'after']) expect(readFileSync(result(step, 'n.txt'), 'utf8')).toBe('ant\n');
  expect((await call('verify')).exitCode).toBe(0);
}

describe.skipIf(process.platform === 'win32')('an artifact that changes while a step reads it', () => {
  it('edited: what the step makes is refused', async () => {
    const run = await runWhile(() => edit(result('make', 'said.txt')));
    expect(run.exitCode).toBe(1);
    expect(failedSteps(run)).toEqual([['slow', 'input-damaged']]);
    expect(run.stdout).toContain("'text' is read from changed meanwhile (said.txt: changed)");
    await expectMended(['make', 'slow', 'after']);
  });

  it('edited, and made anew by a second terminal before the step ends: refused too', async () => {
    const run = await runWhile(async () => {
      edit(result('make', 'said.txt'));
      expect((await call('run', 'p.yaml', '--only', 'make')).exitCode).toBe(0);
      expect(readFileSync(result('make', 'said.txt'), 'utf8')).toBe('ant\n');
    });
    expect(failedSteps(run)).toEqual([['slow', 'input-damaged']]);
    expect(run.stdout).toContain('it was made anew');
    await expectMended(['slow', 'after']);
  });

  it('taken away: a step that stumbles over it fails by that name', async () => {
    const run = await runWhile(() => rmSync(result('make', 'said.txt'), { force: true }));
    expect(failedSteps(run)).toEqual([['slow', 'input-damaged']]);
    await expectMended(['make', 'slow', 'after']);
  });

  it('linked, or given other rights: nothing is lost', async () => {
    const run = await runWhile(() => chmodSync(result('make', 'said.txt'), 0o400));
    expect([run.exitCode, failedSteps(run)]).toEqual([0, []]);
    await expectMended([]);
  });
});

describe.skipIf(process.platform === 'win32')('an artifact that changes between two steps of one run', () => {
  it('is handed to no step: the next one fails at once, and the next run puts it right', async () => {
    writeFileSync(
      at('p.yaml'),
      readFileSync(at('p.yaml'), 'utf8')
        .replace('needs: { text: make }\n', 'needs: { other: also }\n')
        .replace('cat "$IN_TEXT/said.txt" >', 'cat "$IN_OTHER/said.txt" >')
        .replace(
          '  slow:',
          `  also: { uses: command, with: { run: 'echo ant > "$OUT/said.txt" # also' } }\n  slow:`,
        ),
    );
    const run = await runWhile(() => edit(result('make', 'said.txt')));
    expect(failedSteps(run)).toEqual([['after', 'input-damaged']]);
    await expectMended(['make', 'after']);
  });
});
