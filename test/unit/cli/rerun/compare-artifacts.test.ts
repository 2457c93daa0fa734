import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ComparedArtifact, compareArtifacts } from '../../../../src/cli/rerun/compare-artifacts.ts';
import type { Metric } from '../../../../src/core/artifact.ts';
import { digestBytes } from '../../../../src/core/digest.ts';
import { writeNpy } from '../../../../src/formats/npy.ts';
import { temporaryFolder } from '../../../support/clade.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

let artifacts = 0;
function artifactOf(
  files: { readonly [path: string]: string | Uint8Array },
  more: Partial<ComparedArtifact['record']> = {},
): ComparedArtifact {
  const folder = join(place.path, String(++artifacts));
  mkdirSync(folder);
  const outputs = Object.entries(files).map(([path, content]) => {
    writeFileSync(join(folder, path), content);
    return { path, digest: digestBytes(content), sizeBytes: content.length };
  });
  return { folder, record: { outputs, metrics: [], ...more } };
}

const npy = (values: readonly number[]) => writeNpy({ data: Float32Array.from(values), shape: [2, 2] });
const accuracy = (value: number): Metric[] => [{ name: 'acc', split: 'test', value, better: 'higher' }];

describe('an artifact made again', () => {
  it('is the same where its files, metrics and items are', () => {
    const files = { 'a.npy': npy([1, 2, 3, 4]), 'b.txt': 'b' };
    const more = { metrics: accuracy(0.5), items: [{ key: 's1', fingerprint: 'f' }] };
    expect(compareArtifacts(artifactOf(files, more), artifactOf(files, more))).toEqual([]);
  });

  it.each<[string, string | Uint8Array, string | Uint8Array, string]>([
    ['a.npy', npy([1, 2, 3, 4]), npy([1, 2, 7, 4]), '1 of 4 values differ, most 3 → 7 at [1, 0]'],
    ['a.npy', 'no array', npy([1, 2, 3, 4]), 'other bytes'],
    ['j.json', '{"a":{"b":[1,2]}}', '{"a":{"b":[1,3]}}', '1 values differ: a.b[1]: 2 → 3'],
    ['j.json', '{"a":1}', '{ "a": 1 }', 'other bytes, the same values'],
    ['t.csv', 'x,y\n1,2\n', 'x,y\n1,5\n', '1 fields differ: line 2, y: 2 → 5'],
    ['n.txt', 'one\ntwo\n', 'one\ntoo\n', 'another text from line 2 on: − two: + too'],
    ['n.bin', Uint8Array.of(0, 1, 2), Uint8Array.of(0, 1), 'other bytes from byte 3 on, 2 instead of 3'],
  ])('says where %s differs', (path, before, now, problem) => {
    expect(compareArtifacts(artifactOf({ [path]: before }), artifactOf({ [path]: now }))).toEqual([
      { path, problem },
    ]);
  });

  it('names files that are missing or new, other metrics and other items', () => {
    const stored = artifactOf({ a: 'a' }, { metrics: accuracy(0.5) });
    const made = artifactOf(
      { b: 'b' },
      { metrics: accuracy(0.25), items: [{ key: 's1', fingerprint: 'f' }] },
    );
    expect(compareArtifacts(stored, made)).toEqual([
      { path: 'a', problem: 'not written this time' },
      { path: 'b', problem: 'written this time alone' },
      { path: 'artifact.json', problem: 'other items' },
      { path: 'artifact.json', problem: 'metric test.acc: 0.5 → 0.25' },
    ]);
  });
});
