import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../../../src/core/shell-word.ts';

describe('a word for the shell', () => {
  it('stays as it is where it reads as one', () =>
    expect(shellWord('out/γ=1'.replace('γ', 'g'))).toBe('out/g=1'));

  it('is quoted where it would be several, or none', () => {
    expect(shellWord('my study.yaml')).toBe("'my study.yaml'");
    expect(shellWord('')).toBe("''");
  });

  it.skipIf(process.platform === 'win32')('comes out of sh as it went in', () => {
    const texts = fc.sample(
      fc.string({ unit: fc.constantFrom('a', ' ', "'", '"', '$', '`', '\\', '\n', ';', '*', '~') }),
      { numRuns: 200, seed: 1 },
    );
    const said = execFileSync('sh', ['-c', `printf '%s\\0' ${texts.map(shellWord).join(' ')}`], {
      encoding: 'utf8',
    });
    expect(said.split('\0').slice(0, -1)).toEqual(texts);
  });
});
