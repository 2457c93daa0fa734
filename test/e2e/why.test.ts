import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clade, eventsOf, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder } from '../support/picture-folder.ts';

const PIPELINE = `name: reasons
seed: 7
stages:
  ingest:
    uses: ingest
    with: { source: images, path: ./data, manifest: manifest.csv, label: kind, subject: subject }
  normalise:
    uses: normalise
    needs: { images: ingest }
    with: { size: [8, 8] }
  split:
    uses: split
    needs: { images: normalise, index: ingest }
    with: { by: slice, ratios: [60, 20, 20] }
  pretrain:
    uses: pretrain
    needs: { dataset: split }
    with: { epochs: 1, embeddingDim: 2 }
  folder:
    uses: ./count
    needs: { dataset: split }
  program:
    uses: command
    needs: { dataset: split }
    with:
      run: ['node', 'tool/count.mjs']
      sources: [tool/count.mjs, tool/word.txt]
      outputs: [n]
`;
const FILES = {
  'p.yaml': PIPELINE,
  'count/declaration.ts': `export default {
  summary: 'Counts.',
  parameters: { type: 'object', properties: { factor: { type: 'integer', default: 1 } } },
  inputs: { dataset: { description: 'Images.', kind: 'dataset', reads: ['items.csv'] } },
  outputs: [{ path: 'n', description: 'How many.' }],
  random: true,
};
`,
  'count/run.ts': `import { readFileSync, writeFileSync } from 'node:fs';
import type { StageRun } from 'clade/stage';
import { lines } from './lines.ts';

const run: StageRun<{ factor: number }> = async ({ input, out, params }) =>
  writeFileSync(out + '/n', String(lines(readFileSync(input('dataset') + '/items.csv', 'utf8')) * params.factor));
export default run;
`,
  'count/lines.ts': "export const lines = (text: string) => text.split('\\n').length;\n",
  'tool/count.mjs': "import { writeFileSync } from 'node:fs';\nwriteFileSync(process.env.OUT + '/n', '1');\n",
  'tool/word.txt': 'one\n',
};

const template = temporaryFolder();
let place = temporaryFolder();
let env: Record<string, string> = {};
const at = (name: string) => join(place.path, name);
const write = (name: string, text: string) => {
  mkdirSync(join(at(name), '..'), { recursive: true });
  writeFileSync(at(name), text);
};
const edit = (name: string, from: string, to: string) => {
  const text = readFileSync(at(name), 'utf8');
  expect(text).toContain(from);
  write(name, text.replace(from, to));
};
const call = (...args: string[]) => clade(args, { cwd: place.path, env });
const why = async (step: string) => {
  const { exitCode, stdout, stderr } = await call('why', 'p.yaml', step);
  expect(exitCode, stderr).toBe(0);
  return stdout;
};
const run = async (...more: string[]) => {
  const { exitCode, stdout, stderr } = await call('run', 'p.yaml', '--json', ...more);
  expect(exitCode, stdout + stderr).toBe(0);
  return eventsOf(stdout);
};

beforeAll(async () => {
  rmSync(place.path, { recursive: true });
  place = template;
  env = { XDG_CACHE_HOME: at('cache') };
  makePictureFolder(at('data'), 27);
  for (const [name, text] of Object.entries(FILES)) write(name, text);
  await run();
}, 60_000);
beforeEach(() => {
  place = temporaryFolder();
  cpSync(template.path, place.path, { recursive: true, verbatimSymlinks: true });
  env = { XDG_CACHE_HOME: at('cache') };
});
afterEach(() => place.remove());
afterAll(() => template.remove());

describe('clade why', () => {
  it('says of what is unchanged that it is reused', async () => {
    for (const step of ['ingest', 'pretrain', 'folder', 'program'])
      expect(await why(step)).toMatch(new RegExp(`^${step} is reused`));
  });

  it.skipIf(process.platform === 'win32')('looks at what the step needs and at nothing else', async () => {
    const tells = (word: string) => `versions: ["echo ${word} >> ${at('asked')}; echo 1"]`;
    const beside = (name: string) =>
      `  ${name}: { uses: command, with: { run: 'true', ${tells(name)}, outputs: [n] } }\n`;
    write('p.yaml', `${PIPELINE}      ${tells('program')}\n${beside('unasked')}`);
    expect(await why('program')).toMatch(/^program would run/);
    expect(readFileSync(at('asked'), 'utf8')).toBe('program\n');
  });

  it('names a parameter, old → new, with its line: of a stage of ours, a folder and a command', async () => {
    edit('p.yaml', 'epochs: 1', 'epochs: 2');
    edit('p.yaml', '    uses: ./count\n', '    uses: ./count\n    with: { factor: 3 }\n');
    edit('p.yaml', "'tool/count.mjs']\n", "'tool/count.mjs', more]\n");
    expect(await why('pretrain')).toMatch(/^ {2}parameter epochs: 1 → 2 \(p\.yaml:18\)$/m);
    expect(await why('folder')).toMatch(/^ {2}parameter factor: 1 → 3 \(p\.yaml:21\)$/m);
    expect(await why('program')).toMatch(
      /^ {2}parameter run: \["node","tool\/count\.mjs"\] → \["node","tool\/count\.mjs","more"\] \(p\.yaml:27\)$/m,
    );
  });

  it('names the input file that changed, and the step that it comes from', async () => {
    edit('p.yaml', 'ratios: [60, 20, 20]', 'ratios: [50, 30, 20]');
    expect(await why('folder')).toMatch(/^ {2}depends on split$/m);
    await run('--only', 'split');
    for (const step of ['folder', 'program', 'pretrain'])
      expect(await why(step)).toMatch(/^ {2}input dataset \(split\): items\.csv: \w{8} → \w{8}$/m);
  });

  it('names the source file: of a folder of pictures, and of a command', async () => {
    appendFileSync(at('data/manifest.csv'), '\n');
    write('tool/word.txt', 'two\n');
    expect(await why('ingest')).toMatch(/^ {2}source \S+: manifest\.csv: \w{8} → \w{8}$/m);
    expect(await why('program')).toMatch(
      /^ {2}source sources:tool\/word\.txt: tool\/word\.txt: \w{8} → \w{8}$/m,
    );
    rmSync(at('data/disc/0.png'));
    expect(await why('ingest')).toMatch(/^ {2}source \S+: disc\/0\.png: \w{8} → \(none\)$/m);
  });

  it("names the file of a folder's code, and nothing for a comment in it", async () => {
    edit('count/lines.ts', 'export', '// how many\nexport');
    expect(await why('folder')).toMatch(/^folder is reused/);
    edit('count/lines.ts', '.length', '.length - 1');
    expect(await why('folder')).toMatch(/would run .*\n {2}code lines\.ts: \w{8} → \w{8}\n$/);
  });

  it('names the seed, of stages that draw', async () => {
    edit('p.yaml', 'seed: 7', 'seed: 8');
    for (const step of ['pretrain', 'folder'])
      expect(await why(step)).toMatch(/^ {2}the seed changed: \w{8} → \w{8}$/m);
    expect(await why('program')).toMatch(/is reused/);
  });

  it('names another stage under the same name, and that alone', async () => {
    edit('p.yaml', 'uses: ./count\n', 'uses: ./other\n');
    cpSync(at('count'), at('other'), { recursive: true });
    expect(await why('folder')).toMatch(/would run .*\n {2}the stage changed: \.\/count → \.\/other\n$/);
  });

  it('names the engine, where the artifacts are of another', async () => {
    const record = join(realpathSync(at('artifacts/runs/latest/steps/pretrain')), 'artifact.json');
    expect(JSON.parse(readFileSync(record, 'utf8')).fields.engine).toMatchObject({ name: 'wasm' });
    const folder = JSON.parse(
      readFileSync(realpathSync(at('artifacts/runs/latest/steps/folder/artifact.json')), 'utf8'),
    );
    expect(folder.fields.engine).toBeNull();
    edit('count/declaration.ts', 'random: true', 'random: true, engine: true');
    expect(await why('folder')).toMatch(/^ {2}the engine changed: none → wasm /m);
  });

  it('names a missing and a damaged output', async () => {
    const object = realpathSync(at('artifacts/runs/latest/steps/split'));
    chmodSync(object, 0o755);
    rmSync(join(object, 'items.csv'), { force: true });
    expect(await why('split')).toMatch(/^ {2}its output items\.csv is missing$/m);
    const folder = realpathSync(at('artifacts/runs/latest/steps/folder'));
    chmodSync(join(folder, 'n'), 0o644);
    appendFileSync(join(folder, 'n'), '1');
    const { stdout } = await call('run', 'p.yaml', '--json');
    const started = eventsOf(stdout).find(
      (event) => event.event === 'step-started' && event.stepId === 'folder',
    );
    expect(started).toMatchObject({ reasons: [{ code: 'output-damaged', field: 'n' }] });
  });

  it('tells of a forced step that it was', async () => {
    const started = (await run('--force', 'folder')).find((event) => event.event === 'step-started');
    expect(started).toMatchObject({ stepId: 'folder', reasons: [{ code: 'forced', field: 'folder' }] });
  });
});

describe('clade run --dry-run', () => {
  it('shows what would run, why, and what it may cost by what it cost before; and runs nothing', async () => {
    edit('p.yaml', 'epochs: 1', 'epochs: 2');
    edit('count/lines.ts', '.length', '.length - 1');
    const { stdout } = await call('run', 'p.yaml', '--dry-run');
    expect(stdout).toMatch(/^ingest +reused/m);
    expect(stdout).toMatch(/^pretrain +would-run +[\d.]+ \w+ +parameter epochs: 1 → 2 \(p\.yaml:18\)$/m);
    expect(stdout).toMatch(/^folder +would-run +[\d.]+ \w+ +code lines\.ts: /m);
    expect(stdout).toMatch(/^2 of 6 steps would run, about [\d.]+ \w+ of work$/m);
    const { steps } = JSON.parse((await call('run', 'p.yaml', '--dry-run', '--json')).stdout);
    const costs = Object.fromEntries(
      steps.map((step: { stepId: string; costMs: number }) => [step.stepId, step.costMs]),
    );
    expect(costs).toMatchObject({ ingest: 0, program: 0 });
    expect(costs.pretrain).toBeGreaterThan(0);
    expect(costs.folder).toBeGreaterThan(0);
    expect((await call('status', 'p.yaml')).stdout).toMatch(/^4 of 6 steps/);
  });
});
