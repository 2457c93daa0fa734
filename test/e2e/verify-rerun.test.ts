import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RerunReport } from '../../src/core/rerun-report.ts';
import { writePng } from '../../src/formats/png.ts';
import { BIN, clade, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';
import { until } from '../support/until.ts';

/** `hidden` reads what it does not declare: what it writes is decided by more than clade knows. */
const COMMANDS = `
params: { word: ant }
stages:
  make: { uses: command, with: { run: 'sh say.sh "\${{ params.word }}" > "$OUT/said.txt"', sources: [say.sh] } }
  hidden:
    uses: command
    needs: { text: make }
    with: { run: '[ -e "$HOME/slow" ] && { touch "$HOME/started"; sleep 300; }; { echo n,word; cat "$HOME/hidden"; } > "$OUT/words.csv"' }
sweep: { grid: { word: [ant, bee] } }
`;
const OWN_DECLARATION = `export default {
  summary: 'Counts letters.',
  inputs: { text: { description: 'A text.', kind: 'any', reads: ['*'] } },
  outputs: [{ path: 'count.json', description: 'How many.' }],
};
`;
const OWN_RUN = `import { readFileSync, writeFileSync } from 'node:fs';
export default async ({ input, out }: { input: (name: string) => string; out: string }) =>
  writeFileSync(out + '/count.json', JSON.stringify({ count: readFileSync(input('text') + '/said.txt').length }));
`;

let place = temporaryFolder();
const at = (name: string) => join(place.path, name);
const write = (name: string, text: string | Uint8Array) => {
  mkdirSync(join(at(name), '..'), { recursive: true });
  writeFileSync(at(name), text);
};
const env = () => ({ HOME: place.path, TMPDIR: at('tmp'), XDG_CACHE_HOME: at('cache') });
const call = (...args: string[]) => clade(args, { cwd: place.path, env: env() });
const run = async () => {
  const { exitCode, stdout, stderr } = await call('run', 'p.yaml', '--json');
  expect(exitCode, stdout + stderr).toBe(0);
};

/** What --rerun says, after which nothing of what is stored has been touched, and nothing is left elsewhere. */
async function rerun(...what: string[]): Promise<RerunReport & { exitCode: number; of: string[] }> {
  const before = stateOf(at('artifacts'));
  const { exitCode, stdout, stderr } = await call('verify', '--rerun', '--json', ...what);
  expect(stderr).toBe('');
  expect(stateOf(at('artifacts'))).toEqual(before);
  expect(readdirSync(at('tmp')).filter((name) => name.startsWith('clade-rerun'))).toEqual([]);
  const report = JSON.parse(stdout) as RerunReport;
  return { ...report, exitCode, of: report.results.map(({ stepId, status }) => `${stepId} ${status}`) };
}

/** When each stored file was last written, the index's own aside. */
function stateOf(folder: string): { [path: string]: number } {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    files
      .filter((path) => !path.startsWith('lineage.db'))
      .map((path) => [path, statSync(join(folder, path)).mtimeMs]),
  );
}

beforeEach(() => {
  place = temporaryFolder();
  mkdirSync(at('tmp'));
  write('say.sh', 'echo "$1"\n');
  write('hidden', '1,one\n2,two\n');
});
afterEach(() => place.remove());

describe.skipIf(process.platform === 'win32')('clade verify --rerun of commands', () => {
  beforeEach(async () => {
    write('p.yaml', COMMANDS);
    await run();
  });

  it('finds the same bytes, of all steps of the latest run, of a step at all points or some, by path too', async () => {
    expect(await rerun()).toMatchObject({ exitCode: 0, status: 'equal', results: { length: 4 } });
    expect((await rerun('make')).of.sort()).toEqual(['make@word=ant equal', 'make@word=bee equal']);
    expect((await rerun('latest', 'hidden@word=bee')).of).toEqual(['hidden@word=bee equal']);
    expect((await rerun('artifacts/runs/latest/steps/make@word=ant/said.txt')).of).toEqual([
      'make@word=ant equal',
    ]);
    const { stdout } = await call('verify', '--rerun', 'make');
    expect(stdout).toBe('2 artifacts made again with the same bytes (2 files)\n');
  });

  it('catches a command that is not deterministic, and says where its output differs', async () => {
    write('hidden', '1,one\n2,too\n');
    const found = await rerun('hidden@word=ant', 'make@word=ant');
    expect(found).toMatchObject({ exitCode: 3, status: 'differs' });
    expect(found.of).toEqual(['make@word=ant equal', 'hidden@word=ant differs']);
    expect(found.results[1].differences).toEqual([
      { path: 'words.csv', problem: '1 fields differ: line 3, word: two → too' },
    ]);
    const { stdout, exitCode } = await call('verify', '--rerun', 'hidden@word=ant');
    expect(stdout).toMatch(
      /^hidden@word=ant: differs\n {2}words\.csv: 1 fields differ[\s\S]*not deterministic/,
    );
    expect(exitCode).toBe(3);
  });

  it('refuses what its code has changed for, or is not there for, and names it; the pipeline may have', async () => {
    write('p.yaml', COMMANDS.replace('[ant, bee]', '[cow]')); // what was run counts
    write('say.sh', 'echo "<$1>"\n');
    const found = await rerun();
    expect(found).toMatchObject({ exitCode: 1, status: 'incomplete' });
    expect(found.results.map(({ stepId, status }) => [stepId.split('@')[0], status])).toEqual([
      ['make', 'refused'],
      ['make', 'refused'],
      ['hidden', 'equal'],
      ['hidden', 'equal'],
    ]);
    expect(found.results[0].reasons).toMatchObject([
      { code: 'source-changed', field: expect.stringContaining('say.sh') },
    ]);
    expect((await call('verify', '--rerun', 'make@word=ant')).stdout).toMatch(
      /^make@word=ant: not tried.*\n {2}source .*say\.sh: \w{8} → \w{8}\n/,
    );
    renameSync(at('say.sh'), at('gone.sh'));
    const gone = await rerun('make@word=bee');
    expect(gone.results).toMatchObject([{ status: 'refused', failure: { reason: 'missing-source' } }]);
  });

  it('says that a stored output is damaged, and executes nothing on one', async () => {
    const output = at('artifacts/runs/latest/steps/make@word=ant/said.txt');
    chmodSync(output, 0o644);
    writeFileSync(output, 'ent\n');
    const found = await rerun('make@word=ant', 'hidden@word=ant');
    expect(found).toMatchObject({
      exitCode: 3,
      results: [
        { status: 'damaged', differences: [{ path: 'said.txt', problem: 'changed' }] },
        { status: 'refused', reasons: [{ code: 'input-changed', field: 'make@word=ant', to: 'damaged' }] },
      ],
    });
  });

  it('names steps that there are where one is asked for that is not there', async () => {
    const { exitCode, stderr, stdout } = await call('verify', '--rerun', 'mkae');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain("no step 'mkae' (did you mean 'make'");
  });

  it('leaves nothing behind after Ctrl-C', async () => {
    const before = stateOf(at('artifacts'));
    write('slow', '');
    const args = [BIN, 'verify', '--rerun', 'hidden@word=ant'];
    const child = spawn('node', args, { cwd: place.path, env: { ...process.env, ...env() } });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await until(() => existsSync(at('started')));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(readdirSync(at('tmp'))).toEqual([]);
    expect(stateOf(at('artifacts'))).toEqual(before);
  }, 60_000);
});

it('makes the stages of a study again, item by item where they are mapped, and one of a folder of the user', async () => {
  const subjects = new Set(makePictureFolder(at('data'), 24).map(({ subject }) => subject));
  const pixels = Uint8Array.from({ length: 32 * 32 }, (_, index) => (index % 32 > 8 ? 200 : 0));
  write('atlas.png', writePng({ pixels, height: 32, width: 32 }));
  write('letters/declaration.ts', OWN_DECLARATION);
  write('letters/run.ts', OWN_RUN);
  write(
    'p.yaml',
    `${SMALL_PIPELINE}  align:
    uses: coregister
    needs: { images: ingest }
    with: { to: atlas, atlas: ./atlas.png, by: image, iterations: 4, minLikeness: 0, tolerance: 1 }
  say: { uses: command, with: { run: 'echo abc > "$OUT/said.txt"' } }
  letters: { uses: ./letters, needs: { text: say } }
`,
  );
  await run();
  const found = await rerun();
  expect(found.results.filter(({ status }) => status !== 'equal')).toEqual([]);
  expect(found.of).toEqual(
    expect.arrayContaining(['pretrain equal', 'figures equal', 'align equal', 'letters equal']),
  );
  expect(found.of.filter((one) => one.startsWith('align/'))).toHaveLength(subjects.size);
  write('letters/run.ts', OWN_RUN.replace('.length', '.length + 1'));
  expect(await rerun('letters')).toMatchObject({
    exitCode: 1,
    results: [
      { status: 'refused', reasons: [{ code: 'code-changed', field: expect.stringContaining('run.ts') }] },
    ],
  });
}, 240_000);
