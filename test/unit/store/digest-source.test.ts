import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { query, temporaryFolder, temporaryStore } from './fixtures.ts';

function tree(files: { readonly [path: string]: string }): string {
  const root = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 60));

describe('digestSource', () => {
  test('digests every regular file below a folder, sorted by code unit, without dot-files', async () => {
    const path = tree({
      'b.png': 'b',
      'a/z.png': 'z',
      'a.png': 'a',
      'Ä.png': 'ae',
      '.hidden': 'h',
      '.git/config': 'c',
    });
    const result = await temporaryStore().digestSource({ path, kind: 'folder' });
    if (!result.ok) throw new Error(result.failure.message);
    expect(Object.entries(result.digests)).toEqual([
      ['a.png', digestBytes('a')],
      ['a/z.png', digestBytes('z')],
      ['b.png', digestBytes('b')],
      ['Ä.png', digestBytes('ae')],
    ]);
  });

  test('knows a file source by the empty path', async () => {
    const root = tree({ 'table.csv': 'x' });
    const result = await temporaryStore().digestSource({ path: join(root, 'table.csv'), kind: 'file' });
    expect(result).toEqual({ ok: true, digests: { '': digestBytes('x') } });
  });

  test('follows links to files and folders, and does not go round in a cycle', async () => {
    const path = tree({ 'data/a.png': 'a' });
    const elsewhere = tree({ 'b.png': 'b', 'deep/c.png': 'c' });
    symlinkSync(join(elsewhere, 'b.png'), join(path, 'data', 'link.png'));
    symlinkSync(join(elsewhere, 'deep'), join(path, 'linked'));
    symlinkSync('..', join(path, 'data', 'up'));
    symlinkSync('nowhere', join(path, 'data', 'dangling'));
    const result = await temporaryStore().digestSource({ path, kind: 'folder' });
    expect(result.ok && Object.keys(result.digests)).toEqual(['data/a.png', 'data/link.png', 'linked/c.png']);
  });

  test.each([
    ['nothing is there', 'folder', (root: string) => join(root, 'absent')],
    ['a file stands where a folder should', 'folder', (root: string) => join(root, 'a.png')],
    ['a folder stands where a file should', 'file', (root: string) => root],
  ] as const)('fails with missing-source where %s', async (_, kind, place) => {
    const root = tree({ 'a.png': 'a' });
    const result = await temporaryStore().digestSource({ path: place(root), kind });
    expect(result).toMatchObject({ ok: false, failure: { reason: 'missing-source' } });
  });

  test('sees an edit that keeps size and time, a renamed, a new and a deleted file', async () => {
    const store = temporaryStore();
    const path = tree({ 'a.png': 'aaaa', 'b.png': 'bbbb' });
    await settle();
    await store.digestSource({ path, kind: 'folder' });
    const { atime, mtime } = statSync(join(path, 'a.png'));
    writeFileSync(join(path, 'a.png'), 'AAAA');
    utimesSync(join(path, 'a.png'), atime, mtime);
    rmSync(join(path, 'b.png'));
    writeFileSync(join(path, 'c.png'), 'bbbb');
    const result = await store.digestSource({ path, kind: 'folder' });
    expect(result).toEqual({
      ok: true,
      digests: { 'a.png': digestBytes('AAAA'), 'c.png': digestBytes('bbbb') },
    });
  });

  test('remembers a file only once its last change lies behind the grain of the clock', async () => {
    const store = temporaryStore();
    const path = tree({ 'a.png': 'a' });
    const remembered = () =>
      JSON.parse((query(store, 'SELECT files FROM source_cache')[0]?.files as string) ?? '[]');
    await store.digestSource({ path, kind: 'folder' });
    expect(remembered()).toEqual([]);
    await settle();
    await store.digestSource({ path, kind: 'folder' });
    expect(remembered()).toMatchObject([['a.png', expect.any(String), digestBytes('a')]]);
  });

  test('never remembers a file whose time lies in the future, as after a clock that jumped back', async () => {
    const store = temporaryStore();
    const path = tree({ 'a.png': 'a' });
    const future = new Date(Date.now() + 3_600_000);
    utimesSync(join(path, 'a.png'), future, future);
    await settle();
    await store.digestSource({ path, kind: 'folder' });
    expect(query(store, 'SELECT * FROM source_cache')).toEqual([]);
  });

  test('does not believe a remembered digest with a flipped bit', async () => {
    const store = temporaryStore();
    const path = tree({ 'a.png': 'a' });
    await settle();
    await store.digestSource({ path, kind: 'folder' });
    query(
      store,
      `UPDATE source_cache SET files = replace(files, '${digestBytes('a')}', '${digestBytes('b')}')`,
    );
    const result = await store.digestSource({ path, kind: 'folder' });
    expect(result).toEqual({ ok: true, digests: { 'a.png': digestBytes('a') } });
  });

  test('works on a store opened for reading, and writes nothing there', async () => {
    const folder = join(temporaryFolder(), 'absent');
    const path = tree({ 'a.png': 'a' });
    const reader = openStore({ folder, readOnly: true });
    await settle();
    expect(await reader.digestSource({ path, kind: 'folder' })).toMatchObject({ ok: true });
    reader.close();
    expect(() => statSync(folder)).toThrow('ENOENT');
  });
});
