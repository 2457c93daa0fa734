import { describe, expect, it } from 'vitest';
import { encodeValue, stepId } from '../../../src/plan/step-id.ts';

describe('stepId', () => {
  it('is the key alone where no axis matters, else the key with values as in JSON', () => {
    expect(stepId('ingest', {})).toBe('ingest');
    expect(stepId('pretrain', { embeddingDim: 3, seed: 0 })).toBe('pretrain@embeddingDim=3,seed=0');
  });

  it.each([
    [0.01, '0.01'],
    [-1e-7, '-1e-7'],
    [1e21, '1e+21'],
    [true, 'true'],
    [null, 'null'],
    ['dec', 'dec'],
    ['3', '%223%22'],
    ['true', '%22true%22'],
    ['', '%22%22'],
    ['a b', 'a%20b'],
    ['a,b=c', 'a%2Cb%3Dc'],
    ['../x', '..%2Fx'],
    ['a\\b:c', 'a%5Cb%3Ac'],
    ['100%', '100%25'],
    ['é', '%C3%A9'],
    ['end.', 'end%2E'],
    [[8, 8], '[8%2C8]'],
    [{ a: 'x' }, '{%22a%22%3A%22x%22}'],
  ])('encodes %j as %s', (value, text) => expect(encodeValue(value)).toBe(text));

  it('stays a name that every file system holds, and still differs, however long the values are', () => {
    const long = (end: string) => stepId('step', { text: `${'word '.repeat(100)}${end}` });
    expect(long('a').length).toBeLessThanOrEqual(120);
    expect(long('a')).toMatch(/^[A-Za-z0-9@=._+\-[\]{}%,]+~[0-9a-f]{8}$/);
    expect(long('a')).not.toBe(long('b'));
  });
});
