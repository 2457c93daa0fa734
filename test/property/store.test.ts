import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestBytes } from '../../src/core/digest.ts';
import { stepFolderName } from '../../src/store/layout.ts';
import { openStore } from '../../src/store/open-store.ts';
import { fieldsOf, fingerprintOf, publishWork } from '../unit/store/fixtures.ts';

const FILE_NAMES = ['a.npy', 'deep/b.csv', 'deep/er/c.json'];

test('no single damage to any stored file is ever served: every byte flipped, every length cut', async () => {
  const files = Object.fromEntries(FILE_NAMES.map((name) => [name, `content of ${name}`]));
  const damage = fc.record({
    file: fc.constantFrom(...FILE_NAMES, 'artifact.json'),
    at: fc.nat(),
    bit: fc.integer({ min: 0, max: 7 }),
    how: fc.constantFrom('flip', 'cut', 'append'),
  });
  const folder = mkdtempSync(join(tmpdir(), 'clade-property-'));
  const store = openStore({ folder });
  try {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(damage, async ({ file, at, bit, how }) => {
        const fields = fieldsOf({ parameters: { round: round++ } });
        const object = await publishWork(store, { fields, files });
        const path = join(object.folder, file);
        const bytes = readFileSync(path);
        rmSync(path);
        const flipped = Buffer.from(bytes);
        flipped[at % bytes.length] ^= 1 << bit;
        const cut = bytes.subarray(0, at % bytes.length);
        writeFileSync(
          path,
          how === 'flip' ? flipped : how === 'cut' ? cut : Buffer.concat([bytes, Buffer.from('x')]),
        );
        expect(store.findObject(fingerprintOf(fields)).status).toBe('damaged');
        const again = await publishWork(store, { fields, files });
        expect(store.findObject(again.fingerprint).status).toBe('sound');
      }),
      { numRuns: 60 },
    );
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('names of step folders are safe on every file system, and differ where step ids differ', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), { maxLength: 20 }),
      (ids) => {
        const wellFormed = ids.filter((id) => Buffer.from(id).toString() === id); // no half of a surrogate pair
        const names = wellFormed.map((id) => stepFolderName(id, digestBytes));
        expect(new Set(names).size).toBe(wellFormed.length);
        for (const name of names) {
          expect(name).not.toMatch(/[\u0000-\u001f/\\:*?"<>|]|^\.|[. ]$/);
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
        }
      },
    ),
  );
  for (const id of ['ingest', 'pretrain@embeddingDim=3,seed=0'])
    expect(stepFolderName(id, digestBytes)).toBe(id);
});
