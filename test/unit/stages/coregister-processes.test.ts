import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { makeTempFolder } from '../../support/stage-context.ts';

it('leaves the same bytes in any process, bundled as it is when built, and prints nothing', async () => {
  const { folder, remove } = makeTempFolder();
  onTestFinished(remove);
  const outfile = join(folder, 'child.mjs');
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  await build({
    entryPoints: [join(import.meta.dirname, 'coregister-child.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  const results = [];
  for (const name of ['one', 'other']) {
    const { stdout, stderr } = await execa('node', [outfile, join(folder, name)]);
    expect(stderr).toBe('');
    results.push(JSON.parse(stdout)); // so all that was printed is this
  }
  const [one, other] = results;
  expect(one.map(([file]: [string]) => file)).toEqual(
    expect.arrayContaining(['fixed.npy', 'fixed.png', 'images.json', 'quality.csv']),
  );
  expect(other).toEqual(one);
});
