import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

/** A project of a user's: clade and vitest in its node_modules, a pipeline with expectations. */
const place = temporaryFolder();
afterAll(() => place.remove());

const EXPECT =
  'expect:\n  evaluate: { test.acc: { atLeast: 0.4 } }\n  split: { files: { leaks.csv: { present: true } } }\n';
const DOCS = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8');
const example = /```ts\n\/\/ results\.test\.ts\n([\s\S]*?)```/.exec(DOCS)![1];

beforeAll(() => {
  makePictureFolder(join(place.path, 'data'));
  writeFileSync(join(place.path, 'small.yaml'), SMALL_PIPELINE + EXPECT);
  writeFileSync(join(place.path, 'package.json'), '{ "name": "study", "type": "module", "private": true }');
  writeFileSync(join(place.path, 'results.test.ts'), example);
  mkdirSync(join(place.path, 'node_modules'));
  symlinkSync(ROOT, join(place.path, 'node_modules/clade'), 'junction');
  symlinkSync(join(ROOT, 'node_modules/vitest'), join(place.path, 'node_modules/vitest'), 'junction');
  symlinkSync(join(ROOT, 'node_modules/@types'), join(place.path, 'node_modules/@types'), 'junction');
});

const env = {
  CLADE_ENGINE: 'wasm',
  NO_COLOR: '1',
  FORCE_COLOR: '0',
  NODE_OPTIONS: '',
  VITEST: '',
  VITEST_POOL_ID: '',
  VITEST_WORKER_ID: '',
};
const vitest = () =>
  execa('node', [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', place.path], {
    cwd: place.path,
    env,
    reject: false,
    all: true,
  });

/** Calls the library as a program does, and returns what it prints as JSON. */
async function ask(code: string) {
  const program = `import { runPipeline, testPipeline } from 'clade/testing';\n${code}`;
  writeFileSync(join(place.path, 'ask.mjs'), program);
  const { stdout, stderr, exitCode } = await execa('node', ['ask.mjs'], {
    cwd: place.path,
    env,
    reject: false,
  });
  return { stdout, stderr, exitCode };
}

describe('clade/testing', { timeout: 120_000 }, () => {
  it('lets the example of docs/testing.md pass in vitest, and fail where a result changes', async () => {
    const first = await vitest();
    expect(first.all).toMatch(/1 passed/);
    expect(first.exitCode).toBe(0);
    writeFileSync(
      join(place.path, 'small.yaml'),
      SMALL_PIPELINE + EXPECT.replace('atLeast: 0.4', 'atLeast: 0.999'),
    );
    const second = await vitest();
    expect(second.exitCode).toBe(1);
    expect(second.all).toMatch(/evaluate test\.acc \(small\.yaml:\d+\)/);
    expect(second.all).toContain('expected at least 0.999');
    writeFileSync(join(place.path, 'small.yaml'), SMALL_PIPELINE + EXPECT);
  });

  it('gives metrics by name and point, and folders of steps', async () => {
    const { stdout, stderr } = await ask(`
      const results = await runPipeline('small.yaml', { set: { gamma: 0.1 } });
      const tell = (of) => { try { return of(); } catch (error) { return error.message; } };
      console.log(JSON.stringify({
        status: results.status,
        acc: results.metric('evaluate.test.acc'),
        rows: results.rows.length,
        wrong: tell(() => results.metric('evaluate.test.acd')),
        folder: results.folder('pretrain'),
        none: tell(() => results.folder('pretrian')),
      }));`);
    expect(stderr).toBe('');
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ status: 'succeeded', rows: 1, acc: expect.any(Number) });
    expect(told.wrong).toMatch(/no metric 'evaluate\.test\.acd' at 1 of 1 points.*evaluate\.test\.acc/);
    expect(readFileSync(join(told.folder, 'history.csv'), 'utf8')).toContain('trainLoss');
    expect(told.none).toContain("nothing for the step 'pretrian'");
  });

  it('throws the diagnostic where the pipeline file is wrong', async () => {
    writeFileSync(join(place.path, 'wrong.yaml'), 'name: wrong\nstages:\n  a: { uses: pretrian }\n');
    const { stderr, exitCode } = await ask(`await testPipeline('wrong.yaml');`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/wrong\.yaml:3:\d+[\s\S]*pretrain/);
  });

  it('has types that the example compiles with', async () => {
    const options = {
      strict: true,
      module: 'nodenext',
      target: 'es2022',
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    };
    writeFileSync(
      join(place.path, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['results.test.ts'] }),
    );
    const { all, exitCode } = await execa(
      'node',
      [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'],
      {
        cwd: place.path,
        reject: false,
        all: true,
      },
    );
    expect(all).toBe('');
    expect(exitCode).toBe(0);
  });
});
