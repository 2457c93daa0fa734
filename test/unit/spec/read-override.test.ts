import { describe, expect, it } from 'vitest';
import { readOverride } from '../../../src/spec/read-override.ts';

describe('readOverride', () => {
  it.each([
    ['gamma=0.1', 'gamma', 0.1],
    ['size=[64, 64]', 'size', [64, 64]],
    ['method=dec', 'method', 'dec'],
    ['data=../a=b', 'data', '../a=b'],
    ['data=', 'data', null],
  ])('reads %s', (text, key, value) => expect(readOverride(text)).toEqual({ override: { key, value } }));

  it('says what was expected', () => {
    expect(readOverride('gamma')).toEqual({ problem: "--set expects key=value, and was given 'gamma'" });
    expect(readOverride('a=[1')).toEqual({
      problem: expect.stringMatching(/^--set a: not valid YAML: /),
    });
  });
});
