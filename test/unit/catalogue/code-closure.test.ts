import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestCodeClosure } from '../../../src/catalogue/code-closure.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clade-closure-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const ENTRY = "import { twice } from './helper.ts';\nexport default (x: number) => twice(x);\n";
const HELPER = 'export const twice = (x: number) => x * 2;\nexport const unused = () => 1;\n';

async function closure(files: { [name: string]: string }) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return digestCodeClosure(join(root, 'run.ts'), root);
}

describe('digestCodeClosure', () => {
  it('names every module that is left after tree-shaking', async () => {
    const { modules } = await closure({ 'run.ts': ENTRY, 'helper.ts': HELPER });
    expect(modules.map(({ name }) => name)).toEqual(['helper.ts', 'run.ts']);
  });

  it('does not change with comments, types, whitespace, or a function that nobody calls', async () => {
    const before = await closure({ 'run.ts': ENTRY, 'helper.ts': HELPER });
    const after = await closure({
      'run.ts': `// a comment\n${ENTRY.replace('x: number', 'x :  number')}`,
      'helper.ts': `/** doc */\n${HELPER.replace('() => 1', '() => 2')}\n`,
    });
    expect(after).toEqual(before);
  });

  it('changes with an edit in a helper, and only that module does', async () => {
    const before = await closure({ 'run.ts': ENTRY, 'helper.ts': HELPER });
    const after = await closure({ 'helper.ts': HELPER.replace('* 2', '* 3') });
    expect(after.code).not.toBe(before.code);
    const changed = after.modules.filter(({ digest }, at) => digest !== before.modules[at].digest);
    expect(changed.map(({ name }) => name)).toEqual(['helper.ts']);
  });

  it('changes with what only a named export uses: the items of a mapped stage', async () => {
    const entry =
      "import { twice } from './helper.ts';\nexport const mapped = { twice };\nexport default () => 1;\n";
    const before = await closure({ 'run.ts': entry, 'helper.ts': HELPER });
    const after = await closure({ 'helper.ts': HELPER.replace('* 2', '* 3') });
    expect(after.code).not.toBe(before.code);
  });

  it('counts a package by its name and version', async () => {
    const packageJson = (version: string) => JSON.stringify({ name: 'pkg', version, main: 'index.js' });
    const files = {
      'run.ts': "import { f } from 'pkg';\nexport default f;\n",
      'node_modules/pkg/index.js': 'exports.f = 1;\n',
      'node_modules/pkg/package.json': packageJson('1.0.0'),
    };
    const before = await closure(files);
    expect(before.modules.map(({ name }) => name)).toEqual(['npm:pkg@1.0.0', 'run.ts']);
    const after = await closure({ 'node_modules/pkg/package.json': packageJson('1.0.1') });
    expect(after.code).not.toBe(before.code);
  });

  it('follows an entry that only hands on what other modules export', async () => {
    const files = {
      'run.ts': "export { default } from './impl.ts';\nexport { mapped } from './items.ts';\n",
      'impl.ts': "import { twice } from './helper.ts';\nexport default () => twice(1);\n",
      'items.ts': 'export const mapped = { items: () => [] };\n',
      'helper.ts': HELPER,
    };
    const before = await closure(files);
    expect(before.modules.map(({ name }) => name)).toEqual(['helper.ts', 'impl.ts', 'items.ts', 'run.ts']);
    const after = await closure({ 'helper.ts': HELPER.replace('* 2', '* 3') });
    const changed = after.modules.filter(({ digest }, at) => digest !== before.modules[at].digest);
    expect(changed.map(({ name }) => name)).toEqual(['helper.ts']);
  });

  it('changes where an entry hands on another of the same functions', async () => {
    const pair = 'const a = () => b();\nconst b = (): unknown => a;\n';
    const before = await closure({
      'run.ts': "export { a as default } from './pair.ts';\n",
      'pair.ts': `${pair}export { a, b };\n`,
    });
    const after = await closure({ 'run.ts': "export { b as default } from './pair.ts';\n" });
    expect(after.code).not.toBe(before.code);
  });

  it('takes an entry that exports its own beside what others declare', async () => {
    const { modules } = await closure({
      'run.ts': "export { twice } from './helper.ts';\nexport default () => 1;\n",
      'helper.ts': HELPER,
    });
    expect(modules.map(({ name }) => name)).toEqual(['helper.ts', 'run.ts']);
  });
});
