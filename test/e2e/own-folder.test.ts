import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BIN, clade, eventsOf, ROOT, temporaryFolder } from '../support/clade.ts';

const DECLARATION = `import { appendFileSync } from 'node:fs';
appendFileSync('../evaluated', 'x'); // so that tests can count
export default {
  summary: 'Writes a word so many times.',
  parameters: {
    type: 'object',
    properties: {
      word: { type: 'string', enum: ['ant', 'bee', 'cow'], default: 'ant' },
      count: { type: 'integer', minimum: 1, default: 2 },
    },
  },
  inputs: {},
  anyInputs: { description: 'Whatever comes first.', kind: 'any', reads: ['*'], optional: true },
  outputs: [{ path: 'words.txt', description: 'The words.' }],
  offers: ['any'],
};
`;
const RUN = `import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repeat } from '../lib/repeat.ts';

export default async ({ params, out }: { params: { word: string; count: number }; out: string }) => {
  const text = repeat(params.word, params.count);
  writeFileSync(join(out, 'words.txt'), text);
  return { metrics: [{ name: 'length', split: null, value: text.length, better: 'neither' }] };
};
`;
const HELPER = `export const repeat = (word: string, count: number) => Array(count).fill(word).join(' ');
export const unrelated = () => 1;
`;
const PIPELINE = 'stages:\n  say: { uses: ./words }\n';

let place = temporaryFolder();
let env: Record<string, string> = {};
const at = (name: string) => join(place.path, name);
const write = (name: string, text: string) => {
  mkdirSync(join(at(name), '..'), { recursive: true });
  writeFileSync(at(name), text);
};
const call = (...args: string[]) => clade(args, { cwd: place.path, env });
const executed = (stdout: string) =>
  eventsOf(stdout).flatMap((event) => (event.event === 'step-finished' ? [event.stepId] : []));
const run = async (...more: string[]) => {
  const { exitCode, stdout, stderr } = await call('run', 'p.yaml', '--json', ...more);
  expect(exitCode, stdout + stderr).toBe(0);
  return executed(stdout);
};
const output = (step: string, file: string) =>
  readFileSync(at(`artifacts/runs/latest/steps/${step}/${file}`), 'utf8');

beforeEach(() => {
  place = temporaryFolder();
  env = { XDG_CACHE_HOME: at('cache') };
  write('words/declaration.ts', DECLARATION);
  write('words/run.ts', RUN);
  write('lib/repeat.ts', HELPER);
  write('p.yaml', PIPELINE);
});
afterEach(() => place.remove());

describe('a stage in a folder of the user', () => {
  it('is computed once; a rerun evaluates no declaration, and loads neither bundler nor stage', async () => {
    expect(await run()).toEqual(['say']);
    expect(output('say', 'words.txt')).toBe('ant ant');
    const evaluated = readFileSync(at('evaluated'), 'utf8');
    env = { ...env, ESBUILD_BINARY_PATH: at('no-bundler') };
    expect(await run()).toEqual([]);
    expect(readFileSync(at('evaluated'), 'utf8')).toBe(evaluated);
  });

  it('stays for comments, layout and functions that it does not call, and reruns for an edited helper, which why names', async () => {
    await run();
    write('lib/repeat.ts', `/* said again */\n${HELPER.replace('=> 1', '=>   2')}`);
    write('words/run.ts', RUN.replace('  const text', '  // a comment\n\n    const text'));
    expect(await run()).toEqual([]);
    write('lib/repeat.ts', HELPER.replace("join(' ')", "join('-')"));
    const { stdout } = await call('why', 'p.yaml', 'say');
    expect(stdout).toMatch(/^say would run .*\n {2}code \.\.\/lib\/repeat\.ts: \w{8} → \w{8}\n$/);
    expect(await run()).toEqual(['say']);
    expect(output('say', 'words.txt')).toBe('ant-ant');
  });

  it('notices a file that comes to stand for an import, and a declaration whose default changes', async () => {
    write('words/run.ts', RUN.replace('../lib/repeat.ts', '../lib/repeat'));
    await run();
    write('lib/repeat.tsx', HELPER.replace("join(' ')", "join('+')"));
    expect(await run()).toEqual(['say']);
    expect(output('say', 'words.txt')).toBe('ant+ant');
    write('words/declaration.ts', DECLARATION.replace('default: 2', 'default: 3'));
    expect((await call('why', 'p.yaml', 'say')).stdout).toContain('parameter count: 2 → 3');
    expect(await run()).toEqual(['say']);
  });

  it('is swept, joined with others by its inputs, and held against expectations', async () => {
    write(
      'p.yaml',
      `params: { count: 1 }
stages:
  say: { uses: ./words, with: { count: "\${{ params.count }}" } }
  after: { uses: ./words, needs: { first: say }, with: { word: bee } }
sweep: { grid: { count: [1, 2] } }
expect: { say: { length: { atLeast: 3 } } }
`,
    );
    expect((await run()).sort()).toEqual(['after@count=1', 'after@count=2', 'say@count=1', 'say@count=2']);
    const tested = await call('test', 'p.yaml');
    expect(tested.exitCode, tested.stdout + tested.stderr).toBe(0);
    write('p.yaml', readFileSync(at('p.yaml'), 'utf8').replace('[1, 2]', '[1, 2, 3]'));
    expect((await run()).sort()).toEqual(['after@count=3', 'say@count=3']);
  });

  it('is described to editors with its parameters', async () => {
    const { stdout, exitCode } = await call('schema', 'p.yaml');
    expect(exitCode).toBe(0);
    const { allOf } = JSON.parse(stdout).properties.stages.additionalProperties;
    const own = allOf.find((one: { if: object }) => JSON.stringify(one.if).includes('./words'));
    expect(Object.keys(own.then.properties.with.properties)).toEqual(['word', 'count']);
    rmSync(at('words/run.ts'));
    const broken = await call('schema', 'p.yaml');
    expect([broken.exitCode, broken.stderr]).toEqual([2, expect.stringContaining('./words is left out')]);
  });

  it('computes on the engine that it declares, which its fingerprint has', async () => {
    write(
      'train/declaration.ts',
      "export default { summary: 'Trains.', inputs: { dataset: { description: 'Images.', kind: 'dataset', reads: ['*'] }, model: { description: 'A model.', kind: 'model', reads: ['*'] } }, outputs: [{ path: 'n', description: 'How many.' }], engine: true };\n",
    );
    write(
      'train/run.ts',
      `import { readDataset, readModel, type StageRun, writeArtifactFile } from 'clade/stage';

const run: StageRun = async ({ engine, input, out }) => {
  const { splits } = await readDataset(input('dataset'), ['train']);
  const { network, weights } = await readModel(input('model'));
  const trainable = await (await engine()).createTrainable(network, { weights });
  const images = splits.train.images.slice(0, splits.train.images.length / splits.train.ids.length);
  const embedding = await trainable.embed({ images, rows: Uint32Array.of(0) });
  trainable.dispose();
  await writeArtifactFile(out, 'n', new TextEncoder().encode(String(embedding.length)));
};
export default run;
`,
    );
    write(
      'p.yaml',
      `stages:
  ingest: { uses: ingest, with: { source: phantom, subjects: 4, slices: 2, size: 16 } }
  normalise: { uses: normalise, needs: { images: ingest }, with: { size: [16, 16] } }
  split: { uses: split, needs: { images: normalise, index: ingest } }
  pretrain: { uses: pretrain, needs: { dataset: split }, with: { epochs: 1, embeddingDim: 5 } }
  train: { uses: ./train, needs: { dataset: split, model: pretrain } }
`,
    );
    await run();
    expect(output('train', 'n')).toBe('5');
    const record = JSON.parse(output('train', 'artifact.json'));
    expect(record.fields).toMatchObject({ stage: './train', engine: { name: 'wasm' } });
  }, 30_000);

  it('keeps two folders of one name apart', async () => {
    for (const folder of ['a', 'b']) cpSync(at('words'), at(`${folder}/words`), { recursive: true });
    write('b/words/run.ts', RUN.replace('../lib', '../../lib').replace('repeat(params.word', "repeat('b'"));
    write('a/words/run.ts', RUN.replace('../lib', '../../lib'));
    write('p.yaml', 'stages:\n  a: { uses: ./a/words }\n  b: { uses: ./b/words }\n');
    await run();
    expect([output('a', 'words.txt'), output('b', 'words.txt')]).toEqual(['ant ant', 'b b']);
  });

  it('keeps its artifacts where the whole is moved', async () => {
    await run();
    cpSync(at('words'), at('elsewhere/stages/words'), { recursive: true });
    cpSync(at('lib'), at('elsewhere/stages/lib'), { recursive: true });
    write('elsewhere/p.yaml', 'stages:\n  say: { uses: ./stages/words }\n');
    const { stdout } = await call('run', 'elsewhere/p.yaml', '--json');
    expect(executed(stdout)).toEqual([]);
    expect(stdout).toContain('"event":"step-reused"');
  });

  it('is tried again where it failed, and ended where it takes too long', async () => {
    const flaky = "import { existsSync } from 'node:fs';\n";
    write(
      'words/run.ts',
      flaky +
        RUN.replace(
          '  const text',
          "  const mark = process.env.HOME + '/tried';\n  if (!existsSync(mark)) { writeFileSync(mark, ''); throw new Error('not yet'); }\n  const text",
        ),
    );
    write('p.yaml', 'stages:\n  say: { uses: ./words, retries: 1 }\n');
    env = { ...env, HOME: place.path };
    const { exitCode, stdout } = await call('run', 'p.yaml', '--json');
    expect(exitCode, stdout).toBe(0);
    const retried = eventsOf(stdout).find(({ event }) => event === 'step-retried');
    expect(retried).toMatchObject({ reason: 'stage-failed' });
    expect(JSON.stringify(retried)).toMatch(/not yet.*words\/run\.ts:\d+/);

    write(
      'words/run.ts',
      RUN.replace('  const text', '  for (;;) await new Promise((go) => setTimeout(go, 10));\n  const text'),
    );
    write('p.yaml', 'stages:\n  say: { uses: ./words, timeout: 1s }\n');
    expect((await call('run', 'p.yaml', '--json')).stdout).toContain('"reason":"timed-out"');
  }, 30_000);

  it('fails by name where it does not write what it declares', async () => {
    write('words/run.ts', RUN.replace("'words.txt'", "'word.txt'"));
    const { exitCode, stdout } = await call('run', 'p.yaml', '--json');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/"reason":"missing-output".*words\.txt \(there: word\.txt\)/);
  });
});

describe('a folder that is no stage', () => {
  const broken: [string, () => void, RegExp][] = [
    [
      'is not there',
      () => rmSync(at('words'), { recursive: true }),
      /no folder '\.\/words'[\s\S]*init --stage words'/,
    ],
    ['has no declaration', () => rmSync(at('words/declaration.ts')), /no declaration\.ts[\s\S]*init --stage/],
    ['has no run', () => rmSync(at('words/run.ts')), /no run\.ts/],
    [
      'has a syntax error',
      () => write('words/run.ts', `${RUN}\nconst x = ;`),
      /words\/run\.ts:11:11: Unexpected/,
    ],
    [
      'declares no object',
      () => write('words/declaration.ts', 'export default 3'),
      /must be an object, not a number/,
    ],
    ['declares nothing', () => write('words/declaration.ts', 'export const a = 1'), /no default export/],
    [
      'throws when it is declared',
      () => write('words/declaration.ts', "\nthrow new Error('boom');\nexport default {};"),
      /words\/declaration\.ts:2:7: boom/,
    ],
    [
      'ends the process when it is declared',
      () => write('words/declaration.ts', 'process.exit(0);\nexport default {};'),
      /ended the process/,
    ],
    [
      'has a slip in its declaration',
      () => write('words/declaration.ts', DECLARATION.replace('summary', 'sumary')),
      /unknown key 'sumary'[\s\S]*did you mean 'summary'/,
    ],
    [
      'has a default that its schema refuses',
      () => write('words/declaration.ts', DECLARATION.replace('default: 2', 'default: 0')),
      /default of parameter 'count' must be a whole number of at least 1, not 0/,
    ],
    [
      'imports a file that is not there',
      () => write('words/run.ts', RUN.replace('repeat.ts', 'repaet.ts')),
      /words\/run\.ts:3:24: Could not resolve '\.\.\/lib\/repaet\.ts'/,
    ],
    [
      'imports a package that is not installed',
      () => write('words/run.ts', `import 'no-such-package';\n${RUN}`),
      /Could not resolve 'no-such-package'[\s\S]*npm install no-such-package/,
    ],
    [
      'imports a name that its helper has not',
      () => write('words/run.ts', RUN.replace('{ repeat }', '{ repaet as repeat }')),
      /words\/run\.ts:3:\d+: No matching export in '\.\.\/lib\/repeat\.ts' for import 'repaet'[\s\S]*import 'repeat' instead/,
    ],
    [
      'imports a name that clade/stage has not',
      () => write('words/run.ts', `import { fial } from 'clade/stage';\nfial();\n${RUN}`),
      /imports 'fial' from 'clade\/stage'/,
    ],
    [
      'exports an object to be run',
      () =>
        write(
          'words/run.ts',
          RUN.replace('export default', 'const run =').concat('export default { run };\n'),
        ),
      /must be a function, not an object/,
    ],
    [
      'exports nothing to be run',
      () => write('words/run.ts', 'export const run = () => {};'),
      /no default export/,
    ],
  ];
  it.each(broken)('%s: exit status 2, its place, and nothing written', async (_, breakIt, message) => {
    breakIt();
    const { exitCode, stderr, stdout } = await call('run', 'p.yaml');
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^p\.yaml:2:16: error: /);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(existsSync(at('artifacts'))).toBe(false);
    expect(existsSync(at('cache')) ? readdirSync(at('cache/clade/stages')) : []).toEqual([]);
  });

  it('has a wrong parameter: told with its place and what was meant', async () => {
    write('p.yaml', 'stages:\n  say: { uses: ./words, with: { cuont: 3, word: bees } }\n');
    const { exitCode, stderr } = await call('run', 'p.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/p\.yaml:2:33: error: unknown parameter 'cuont'[\s\S]*did you mean 'count'/);
    expect(stderr).toMatch(/p\.yaml:2:49: error: parameter 'word'[\s\S]*did you mean 'bee'/);
  });
});

const MAPPED = `import { readFileSync, writeFileSync } from 'node:fs';
import type { MappedStage, StageRun } from 'clade/stage';

export const mapped: MappedStage = {
  async items({ input }) {
    const lines = readFileSync(input('list') + '/list.txt', 'utf8').trim().split('\\n');
    return lines.map((name) => ({ key: name, value: null, files: ['item/' + name] }));
  },
  async runItem({ input, out }, item) {
    writeFileSync(out + '/loud', readFileSync(input('list') + '/item/' + item.key, 'utf8').toUpperCase());
  },
  async join({ out }, items) {
    writeFileSync(out + '/all.txt', items.map(({ folder }) => readFileSync(folder + '/loud', 'utf8')).join(''));
  },
};
const run: StageRun = async () => {};
export default run;
`;
const MAPPED_DECLARATION = `export default {
  summary: 'Says each item loudly.',
  inputs: { list: { description: 'Items.', kind: 'any', reads: ['list.txt', 'item/'] } },
  outputs: [{ path: 'all.txt', description: 'All of them.' }],
  each: { item: 'item', input: 'list' },
};
`;
const LIST = (names: string) =>
  `stages:
  list: { uses: command, with: { run: ['node', '-e', "const fs = require('fs'), o = process.env.OUT; fs.mkdirSync(o + '/item'); for (const n of '${names}'.split(',')) fs.writeFileSync(o + '/item/' + n, n + '\\\\n'); fs.writeFileSync(o + '/list.txt', '${names}'.split(',').join('\\\\n'))"] } }
  loud: { uses: ./loud, needs: { list: list } }
`;

describe('a mapped stage in a folder of the user', () => {
  it('is cached item by item', async () => {
    write('loud/declaration.mjs', MAPPED_DECLARATION);
    write('loud/run.ts', MAPPED);
    write('p.yaml', LIST('a,b'));
    await run();
    expect(output('loud', 'all.txt')).toBe('A\nB\n');
    write('p.yaml', LIST('a,b,c'));
    const { stdout } = await call('run', 'p.yaml', '--json');
    expect(eventsOf(stdout)).toContainEqual(
      expect.objectContaining({ event: 'step-finished', stepId: 'loud', items: { total: 3, reused: 2 } }),
    );
    expect(output('loud', 'all.txt')).toBe('A\nB\nC\n');
  });
});

const SLOW = `import { writeFileSync } from 'node:fs';
import type { StageRun } from 'clade/stage';

const run: StageRun = async ({ out, checkpoint, progress, random }) => {
  const saved = await checkpoint.load();
  const numbers = saved ? JSON.parse(new TextDecoder().decode(saved.get('numbers'))) : [];
  const source = random();
  for (let skip = 0; skip < numbers.length; skip++) source.next();
  for (let round = numbers.length; round < 40; round++) {
    numbers.push(source.next());
    await checkpoint.save(new Map([['numbers', new TextEncoder().encode(JSON.stringify(numbers))]]));
    progress({ done: round + 1, total: 40, unit: 'round', values: {} });
    await new Promise((go) => setTimeout(go, Number(process.env.PAUSE_MS ?? 0)));
  }
  writeFileSync(out + '/numbers.json', JSON.stringify(numbers));
};
export default run;
`;

describe('a killed run of a stage in a folder of the user', () => {
  it('goes on from its checkpoint, and ends in the bytes of an undisturbed one', async () => {
    write(
      'slow/declaration.js',
      "export default { summary: 'Draws slowly.', inputs: {}, outputs: [{ path: 'numbers.json', description: 'Drawn.' }], random: true, exact: true };\n",
    );
    write('slow/run.ts', SLOW);
    write('p.yaml', 'stages:\n  draw: { uses: ./slow }\n');
    await run('--artifacts', 'undisturbed');
    const child = spawn('node', [BIN, 'run', 'p.yaml', '--json'], {
      cwd: place.path,
      env: { ...process.env, ...env, PAUSE_MS: '100' },
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await untilSaid(child, /"done":(?:[5-9]|[123]\d),/);
    process.kill(-child.pid!, 'SIGKILL');
    const { stdout } = await call('run', 'p.yaml', '--json');
    const started = eventsOf(stdout).find(({ event }) => event === 'step-started');
    expect(started).toMatchObject({ resumedFrom: expect.any(String) });
    const numbers = (folder: string) =>
      readFileSync(at(`${folder}/runs/latest/steps/draw/numbers.json`), 'utf8');
    expect(numbers('artifacts')).toBe(numbers('undisturbed'));
  }, 60_000);
});

async function untilSaid(child: ChildProcess, wanted: RegExp): Promise<void> {
  let said = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  for (let tries = 0; tries < 600 && !wanted.test(said); tries++) await sleep(25);
  expect(said).toMatch(wanted);
}

describe('pipelines/own-folder.yaml', () => {
  it('has a stage in TypeScript between stages of ours, and a table of its sweep', async () => {
    cpSync(join(ROOT, 'pipelines/neighbours'), at('neighbours'), { recursive: true });
    cpSync(join(ROOT, 'pipelines/own-folder.yaml'), at('p.yaml'));
    expect(await run()).toHaveLength(7);
    expect(output('table', 'table.csv').trim().split('\n')).toHaveLength(4);
  }, 60_000);
});

describe('clade init --stage', () => {
  it('writes a stage that runs as it stands, never over a file, and whose types a tsconfig resolves', async () => {
    expect((await call('init', '--stage', 'mean')).exitCode).toBe(0);
    write('mean/run.ts', `// mine\n${readFileSync(at('mean/run.ts'), 'utf8')}`);
    const again = await call('init', '--stage', 'mean');
    expect(again.stderr).toContain('is there already');
    expect(readFileSync(at('mean/run.ts'), 'utf8')).toMatch(/^\/\/ mine/);
    write(
      'p.yaml',
      `stages:
  ingest: { uses: ingest, with: { source: phantom, subjects: 4, slices: 2, size: 16 } }
  normalise: { uses: normalise, needs: { images: ingest }, with: { size: [16, 16] } }
  split: { uses: split, needs: { images: normalise, index: ingest } }
  mean: { uses: ./mean, needs: { dataset: split }, with: { factor: 2 } }
`,
    );
    expect(await run()).toContain('mean');

    cpSync(join(ROOT, 'pipelines/neighbours'), at('neighbours'), { recursive: true });
    mkdirSync(at('node_modules'));
    symlinkSync(ROOT, at('node_modules/clade'), 'junction');
    symlinkSync(join(ROOT, 'node_modules/@types'), at('node_modules/@types'), 'junction');
    const options = {
      module: 'nodenext',
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      types: ['node'],
    };
    write('tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['mean', 'neighbours'] }));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const slip =
      "import type { StageRun } from 'clade/stage';\n// @ts-expect-error: the parameter is called factor\nexport const slip: StageRun<{ factor: number }> = async ({ params }) => void params.faktor;\n";
    write('mean/slip.ts', slip);
    const { stdout, exitCode } = await execa('node', [tsc, '-p', place.path], { reject: false });
    expect(stdout).toBe('');
    expect(exitCode).toBe(0);
  }, 60_000);
});
