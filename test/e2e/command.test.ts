import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clade, eventsOf, temporaryFolder } from '../support/clade.ts';
import { until } from '../support/until.ts';

const PIPELINE = `
params: { word: "it's" }
stages:
  make:
    uses: command
    with:
      run: sh tools/main.sh "\${{ params.word }}" > "$OUT/said"
      sources: [tools/main.sh]
      versions: [cat "$HOME/installed"]
      outputs: [said]
  count:
    uses: command
    needs: { text: make }
    with: { run: 'wc -c < "$IN_TEXT/said" > "$OUT/n"; echo "{\\"size\\": $(cat "$OUT/n")}" > "$OUT/metrics.json"', outputs: [n] }
`;

let place = temporaryFolder();
const write = (name: string, text: string) => writeFileSync(join(place.path, name), text);
const call = (...args: string[]) => clade(args, { cwd: place.path, env: { HOME: place.path } });
const executed = (stdout: string) =>
  eventsOf(stdout).flatMap((event) => (event.event === 'step-finished' ? [event.stepId] : []));
const run = async (...more: string[]) => {
  const { exitCode, stdout, stderr } = await call('run', 'p.yaml', '--json', ...more);
  expect(exitCode, stdout + stderr).toBe(0);
  return executed(stdout);
};

beforeEach(() => {
  place = temporaryFolder();
  mkdirSync(join(place.path, 'tools'));
  write('tools/main.sh', '. ./tools/helper.sh\nsay "$1"\n');
  write('tools/helper.sh', 'say() { echo "$1"; }\n');
  write('installed', 'numpy==1.0\n');
  write('p.yaml', PIPELINE);
});
afterEach(() => place.remove());

describe.skipIf(process.platform === 'win32')('a pipeline of commands', () => {
  it('is computed once, and again when a helper of its script is edited, which why names', async () => {
    expect(await run()).toEqual(['make', 'count']);
    expect(readFileSync(join(place.path, 'artifacts/runs/latest/steps/make/said'), 'utf8')).toBe("it's\n");
    expect(await run()).toEqual([]);
    write('tools/helper.sh', 'say() { echo "<$1>"; }\n');
    expect((await call('why', 'p.yaml', 'make')).stdout).toMatch(/source .*tools\/helper\.sh: \w{8} → \w{8}/);
    expect(await run()).toEqual(['make', 'count']);
  });

  it('stays for a comment in a Python source, and reruns for another word, which why names', async () => {
    const program = (text: string) => write('tools/tool.py', text);
    program("x = 'one'  # a word\n");
    write('p.yaml', PIPELINE.replace('[tools/main.sh]', '[tools/main.sh, tools/tool.py]'));
    await run();
    program("# said at the top\n\nx = 'one'\n");
    expect(await run()).toEqual([]);
    expect(await run('--force', 'make')).toEqual(['make']); // the worker takes it for what was planned
    program("x = 'two'  # a word\n");
    expect((await call('why', 'p.yaml', 'make')).stdout).toMatch(/source .*tools\/tool\.py: \w{8} → \w{8}/);
    expect(await run()).toEqual(['make']);
  });

  it('stops the rebuild where an output came out unchanged', async () => {
    await run();
    write('tools/helper.sh', 'say() { echo "$1"; } # the same\n');
    expect(await run()).toEqual(['make']);
  });

  it('is stale when an installed version changes, and why names it', async () => {
    await run();
    write('installed', 'numpy==2.0\n');
    const { stdout } = await call('why', 'p.yaml', 'make');
    expect(stdout).toMatch(/numpy==1\.0: \w{8} → \(none\)/);
    expect(stdout).toMatch(/numpy==2\.0: \(none\) → \w{8}/);
    expect(await run()).toEqual(['make']);
  });

  it('fails by name where versions cannot be told, or the script is not there', async () => {
    write('p.yaml', PIPELINE.replace('installed', 'nothing-there'));
    const versions = await call('run', 'p.yaml', '--json');
    expect(versions.exitCode).toBe(1);
    expect(versions.stdout).toContain('"reason":"command-failed"');
    write('p.yaml', PIPELINE.replace('[tools/main.sh]', '[tools/gone.sh]'));
    expect((await call('run', 'p.yaml', '--json')).stdout).toContain('"reason":"missing-source"');
  });

  it('hands its metrics to a table', async () => {
    write(
      'p.yaml',
      `${PIPELINE}  table: { uses: summarise, needs: { sizes: count }, with: { metrics: [size] } }\n`,
    );
    await run();
    const table = readFileSync(join(place.path, 'artifacts/runs/latest/steps/table/points.csv'), 'utf8');
    expect(table).toMatch(/sizes.*5/);
  });

  it('gives each point its own step, and a metric by its name', async () => {
    write('p.yaml', `${PIPELINE}sweep: { grid: { word: [a, bcd] } }\n`);
    expect((await run()).sort()).toEqual(['count@word=a', 'count@word=bcd', 'make@word=a', 'make@word=bcd']);
    const { stdout } = await call('compare', 'latest', '--json');
    expect(JSON.parse(stdout).rows.map((row: { metrics: object }) => row.metrics)).toEqual([
      { 'count.size': 2 },
      { 'count.size': 4 },
    ]);
  });
});

it('says where a step is written wrongly', async () => {
  write('p.yaml', 'stages:\n  a:\n    uses: command\n    with: { run: 3, output: [x], outputs: ["../x"] }\n');
  const { exitCode, stderr } = await call('run', 'p.yaml');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/p\.yaml:4:18: error: parameter 'run'/);
  expect(stderr).toMatch(/p\.yaml:4:21: error: unknown parameter 'output'[\s\S]*did you mean 'outputs'/);
  expect(stderr).toMatch(/p\.yaml:4:44: error: parameter 'outputs\[0\]'/);
});

describe.skipIf(process.platform !== 'linux')('a command whose worker is killed', () => {
  it('ends with it, and all that it started', async () => {
    const pids = join(place.path, 'pids');
    const text = `echo $PPID $$ > ${pids}.new; sleep 300 & echo $! >> ${pids}.new; mv ${pids}.new ${pids}; wait`;
    write('p.yaml', `stages:\n  a: { uses: command, with: { run: '${text}' } }\n`);
    const going = call('run', 'p.yaml', '--json');
    await until(() => existsSync(pids));
    const [worker, ...others] = readFileSync(pids, 'utf8').trim().split(/\s+/).map(Number);
    process.kill(worker, 'SIGKILL');
    expect((await going).stdout).toContain('"reason":"worker-died"');
    await until(() => others.every((pid) => !isRunning(pid)));
  });
});

/** A process that ended and that nobody has asked for yet runs no more. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
