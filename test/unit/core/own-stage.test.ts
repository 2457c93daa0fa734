import { describe, expect, it } from 'vitest';
import { isOwnStage, ownStageName } from '../../../src/core/own-stage.ts';

describe('ownStageName', () => {
  it.each([
    ['./mine', './mine'],
    ['../stages/mine/', './mine'],
    ['./a/../mine', './mine'],
  ])('calls %s %s', (uses, name) => {
    expect(isOwnStage(uses)).toBe(true);
    expect(ownStageName(uses)).toBe(name);
    expect(ownStageName(name)).toBe(name);
  });
});
