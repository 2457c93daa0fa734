import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadOwnStages } from '../../../../src/catalogue/own/load-own-stages.ts';

let root = '';
const at = (name: string) => join(root, name);
const write = (name: string, text: string) => {
  mkdirSync(join(at(name), '..'), { recursive: true });
  writeFileSync(at(name), text);
};
let checks = 0;
const load = async (check: () => null = () => null) => {
  const { stages, broken } = await loadOwnStages({
    catalogue: { format: 1, worker: 'c0de', stages: {} },
    folder: root,
    uses: ['./one'],
    install: at('install'),
    cache: at('cache'),
    check: () => {
      checks++;
      return check();
    },
  });
  expect(broken).toEqual({});
  return stages['./one'];
};
const runOf = async (module: string) => (await import(pathToFileURL(module).href)).default();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clade-own-'));
  checks = 0;
  write('install/library.json', JSON.stringify({ fail: 'digest-of-fail', other: 'digest-of-other' }));
  write('install/stage.js', 'export const fail = () => "failed";\nexport const other = 1;\n');
  write('one/declaration.ts', "export default { summary: 'One.', inputs: {}, outputs: [] };\n");
  write('one/run.ts', "import { value } from './value.ts';\nexport default () => value;\n");
  write('one/value.ts', 'export const value = 1;\n');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('loadOwnStages', () => {
  it('bundles what is new or changed, and takes the rest from the cache', async () => {
    const first = await load();
    expect(await runOf(first.module)).toBe(1);
    expect(await load()).toEqual(first);
    expect(checks).toBe(1);
    write('one/value.ts', 'export const value = 2;\n');
    const second = await load();
    expect(second.code).not.toBe(first.code);
    expect(await runOf(second.module)).toBe(2);
    expect(checks).toBe(2);
  });

  it('is of one state of the files, although one is edited while they are read', async () => {
    const edited = await load(() => {
      if (checks === 1) write('one/value.ts', 'export const value = 3;\n');
      return null;
    });
    expect(checks).toBe(2);
    expect(await runOf(edited.module)).toBe(3);
    rmSync(at('cache'), { recursive: true });
    expect(await load()).toEqual(edited);
  });

  it('says so where a folder never comes to rest', async () => {
    let number = 0;
    const { broken } = await loadOwnStages({
      catalogue: { format: 1, worker: 'c0de', stages: {} },
      folder: root,
      uses: ['./one'],
      install: at('install'),
      cache: at('cache'),
      check: () => {
        write('one/value.ts', `export const value = ${number++};\n`);
        return null;
      },
    });
    expect(broken?.['./one'].message).toBe("'./one' changes while it is read");
    expect(readdirSync(at('cache')).filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  it('makes again what is lost or spoilt in the cache', async () => {
    const first = await load();
    for (const spoil of [
      () => writeFileSync(first.module, 'export default () => 666;\n'),
      () => rmSync(first.module),
      () => {
        for (const name of readdirSync(at('cache')))
          if (name.endsWith('.json')) write(`cache/${name}`, '{"format":1');
      },
    ]) {
      spoil();
      expect(await load()).toEqual(first);
      expect(readFileSync(first.module, 'utf8')).toContain('value = 1');
    }
  });

  it('counts a package by its version, and is bundled again when that changes or a nearer one comes', async () => {
    const install = (folder: string, version: string) => {
      write(
        `${folder}/pkg/package.json`,
        JSON.stringify({ name: 'pkg', version, type: 'module', main: 'a.js' }),
      );
      write(`${folder}/pkg/a.js`, `export const version = '${version}';\n`);
    };
    install('node_modules', '1.0.0');
    write('one/run.ts', "import { version } from 'pkg';\nexport default () => version;\n");
    const names = async () => (await load()).modules.map(({ name }) => name);
    expect(await names()).toEqual(['npm:pkg@1.0.0', 'run.ts']);
    expect(await runOf((await load()).module)).toBe('1.0.0');
    install('node_modules', '1.0.1');
    expect(await names()).toEqual(['npm:pkg@1.0.1', 'run.ts']);
    install('one/node_modules', '2.0.0');
    expect(await names()).toEqual(['npm:pkg@2.0.0', 'run.ts']);
    expect(await runOf((await load()).module)).toBe('2.0.0');
  });

  it('counts of clade/stage what is imported, and no more', async () => {
    write('one/run.ts', "import { fail } from 'clade/stage';\nexport default () => fail();\n");
    const first = await load();
    expect(first.modules.map(({ name }) => name)).toEqual(['run.ts', 'clade/stage: fail']);
    expect(await runOf(first.module)).toBe('failed');
    write('install/library.json', JSON.stringify({ fail: 'digest-of-fail', other: 'edited' }));
    expect((await load()).code).toBe(first.code);
    write('install/library.json', JSON.stringify({ fail: 'edited', other: 'edited' }));
    expect((await load()).code).not.toBe(first.code);
  });

  it('computes powers by the pinned function', async () => {
    write('one/run.ts', 'export default (a = 2, b = 3) => a ** b;\n');
    expect(readFileSync((await load()).module, 'utf8')).toMatch(/Math\.pow\(a, b\)|__pow\(a, b\)/);
  });
});
