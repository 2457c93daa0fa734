import { describe, expect, it } from 'vitest';
import type { Collection } from '../../../src/core/collection.ts';
import { collectionText } from '../../../src/views/collection-text.ts';

const NOTHING: Collection = {
  removals: [],
  kept: { objects: 3, sizeBytes: 2048, runs: 1 },
  recomputeMs: 0,
  removed: [],
  spared: [],
  waitedFor: [],
  checkpoints: { count: 0, sizeBytes: 0 },
  quarantine: { count: 0, sizeBytes: 0 },
};

describe('what a collection did, for people', () => {
  it('says what is kept where nothing went', () => {
    expect(collectionText(NOTHING, false)).toBe(
      '0 artifacts removed, 0 B\n3 artifacts kept for 1 run, 2.0 KiB\n',
    );
  });

  it('counts leftovers, one and several', () => {
    const one = collectionText({ ...NOTHING, quarantine: { count: 1, sizeBytes: 10 } }, true);
    expect(one).toContain('1 thing in quarantine/ would be removed, 10 B');
    const several = collectionText(
      { ...NOTHING, checkpoints: { count: 3, sizeBytes: 10 }, quarantine: { count: 2, sizeBytes: 10 } },
      false,
    );
    expect(several).toContain('3 unfinished attempts removed, 10 B\n2 things in quarantine/ removed, 10 B');
  });
});
