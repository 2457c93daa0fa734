import { chmodSync, existsSync, linkSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clade, eventsOf, temporaryFolder } from '../support/clade.ts';

const PIPELINE = `stages:
  make: { uses: command, with: { run: 'echo ant > "$OUT/said.txt"' } }
  count: { uses: command, needs: { text: make }, with: { run: 'wc -c < "$IN_TEXT/said.txt" > "$OUT/n.txt"' } }
`;

let place = temporaryFolder();
const call = (...args: string[]) => clade(args, { cwd: place.path });
/** Where a person looks: a link to the object. */
const result = (step: string, file: string) => join(place.path, 'artifacts/runs/latest/steps', step, file);

beforeEach(async () => {
  place = temporaryFolder();
  writeFileSync(join(place.path, 'p.yaml'), PIPELINE);
  expect((await call('run', 'p.yaml')).exitCode).toBe(0);
});
afterEach(() => place.remove());

/** Of the same length, with its time put back: as hard to see as an edit can be made. */
function editInSecret(path: string): void {
  const { atime, mtime } = statSync(path);
  chmodSync(path, 0o644);
  writeFileSync(path, readFileSync(path, 'utf8').replace('ant', 'bee'));
  chmodSync(path, 0o444);
  utimesSync(path, atime, mtime);
}

describe.skipIf(process.platform === 'win32')('an artifact that is edited through its link', () => {
  const EDITS: [string, (path: string) => void][] = [
    ['in place', editInSecret],
    [
      'by a hard link elsewhere',
      (path) => {
        linkSync(path, join(place.path, 'mine'));
        editInSecret(join(place.path, 'mine'));
      },
    ],
  ];

  it.each(EDITS)('%s, is handed to no step: it is set aside and made again first', async (_, edit) => {
    edit(result('make', 'said.txt'));
    const { exitCode, stdout } = await call('run', 'p.yaml', '--json', '--force', 'count');
    expect(exitCode).toBe(0);
    const started = eventsOf(stdout).flatMap((event) => (event.event === 'step-started' ? [event] : []));
    expect(started.map(({ stepId, reasons }) => [stepId, reasons[0].code, reasons[0].field])).toEqual([
      ['make', 'output-damaged', 'said.txt'],
      ['count', 'forced', 'count'],
    ]);
    expect(readFileSync(result('make', 'said.txt'), 'utf8')).toBe('ant\n');
    expect((await call('verify')).exitCode).toBe(0);
  });

  it('is exported by nobody, with the file named', async () => {
    expect((await call('export', 'latest', '-o', 'before')).exitCode).toBe(0);
    editInSecret(result('make', 'said.txt'));
    const { exitCode, stderr } = await call('export', 'latest', '-o', 'after');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'the artifact of make is not as it was written (said.txt: changed): clade run p.yaml',
    );
    expect(existsSync(join(place.path, 'after'))).toBe(false);
    expect((await call('export', 'latest', 'count', '-o', 'after')).exitCode).toBe(0);
  });

  it('is named by verify, by its path too, and by why', async () => {
    editInSecret(result('make', 'said.txt'));
    const verified = await call('verify', result('make', 'said.txt'));
    expect(verified.exitCode).toBe(3);
    expect(verified.stdout).toMatch(/^object make \w+ said\.txt: changed\n/);
    expect((await call('why', 'p.yaml', 'make')).stdout).toContain('said.txt is damaged (changed)');
  });

  it('has no lineage by its path: no step made what lies there now', async () => {
    expect((await call('lineage', result('make', 'said.txt'))).stdout).toContain('make');
    editInSecret(result('make', 'said.txt'));
    const { exitCode, stderr } = await call('lineage', result('make', 'said.txt'));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is in an artifact that is not as a step made it (said.txt: changed)');
    expect((await call('lineage', 'make')).exitCode).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('a table of an artifact that is edited', () => {
  it('is drawn in no report, which names it; the numbers are those of the run', async () => {
    writeFileSync(
      join(place.path, 'p.yaml'),
      `stages:
  train: { uses: command, with: { run: 'printf "epoch,train,val\\n0,0.5,0.6\\n1,0.7321,0.25\\n" > "$OUT/history.csv"' } }
`,
    );
    expect((await call('run', 'p.yaml')).exitCode).toBe(0);
    expect((await call('report')).exitCode).toBe(0);
    const html = () => readFileSync(join(place.path, 'report.html'), 'utf8');
    expect(html().includes('"kind":"losses"')).toBe(true);
    const file = result('train', 'history.csv');
    chmodSync(file, 0o644);
    writeFileSync(file, readFileSync(file, 'utf8').replace('0.7321', '0.0132'));
    expect((await call('report')).exitCode).toBe(0);
    expect(html().includes('0.0132')).toBe(false);
    expect(html().includes('"kind":"losses"')).toBe(false);
    expect(html().includes('train is not as it was written (history.csv: changed)')).toBe(true);
  });
});
