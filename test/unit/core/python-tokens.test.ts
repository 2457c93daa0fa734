import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pythonTokens } from '../../../src/core/python/tokens.ts';

interface Case {
  readonly name: string;
  readonly program: string;
  readonly tokens: readonly string[];
}

/** Made by Python's own tokenize: python-tokens.py beside it. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../golden/core/python-tokens.json'), 'utf8'),
) as { readonly cases: readonly Case[] };

const tokensOf = (program: string) => pythonTokens(new TextEncoder().encode(program));

describe('pythonTokens', () => {
  it.each(
    golden.cases.map(({ name, ...rest }) => [name, rest] as const),
  )("reads as Python's tokenize does: %s", (_, { program, tokens }) => {
    expect(tokensOf(program)).toEqual(tokens);
  });

  it.each([
    ['another encoding', '# -*- coding: latin-1 -*-\nx = 1\n'],
    ['what a script needs (PEP 723)', '# /// script\n# dependencies = ["numpy"]\n# ///\nx = 1\n'],
    ['tabs and spaces in one indentation', 'if a:\n \tb\n'],
    ['tabs here and spaces there', 'if a:\n\tb\n\tif b:\n                c\n'],
    ['an indentation that nothing had', 'if a:\n        b\n    c\n'],
    ['an unfinished string', "x = 'a\ny = 1\n"],
    ['an unfinished text', "x = '''a\n"],
    ['an unfinished bracket', 'f(1,\n'],
    ['brackets that do not match', 'f(1]\n'],
    ['a closing bracket too many', 'f(1))\n'],
    ['an f-string with a brace too many', "f'{x'\n"],
    ['an f-string with a line break in a field', "f'''{x\n}'''\n"],
    ['an f-string with a backslash in a field', "f'{x\\\n}'\n"],
    ['a word that touches a number', 'x = 1if y else 2\n'],
    ['a number of Python 2', 'x = 0777\n'],
    ['a backslash at the end', 'x = 1 \\\n'],
    ['a line that begins with a backslash', '\\\nx = 1\n'],
    ['a character that Python has not', 'x = a ? b\n'],
    ['a lone carriage return', 'x = 1 # a\ry = 2\n'],
    ['a zero byte', 'x = 1\0\n'],
    ['spaces that are none', 'x =\u00a01\n'],
  ])('has doubts about %s', (_, program) => {
    expect(tokensOf(program)).toBeNull();
  });

  it('has doubts about bytes that are no UTF-8', () => {
    expect(pythonTokens(Uint8Array.from([0x78, 0x3d, 0xe9, 0x0a]))).toBeNull();
  });

  const aCase = fc.constantFrom(...golden.cases.filter(({ program }) => program !== ''));

  it('stays for blank lines and comments that are put between its lines and after them', () => {
    const filler = fc.constantFrom('\n', '# "quoted\'\n', '   \n', "    # '''\n", '#\n');
    fc.assert(
      fc.property(
        aCase,
        fc.array(fc.tuple(fc.nat(), filler), { maxLength: 5 }),
        ({ program, tokens }, fillers) => {
          let text = /[\r\n]$/.test(program) ? program : `${program}\n`;
          for (const [where, line] of fillers) {
            const starts = freeLineStarts(text);
            const at = starts[where % starts.length];
            text = text.slice(0, at) + line + text.slice(at);
          }
          expect(tokensOf(text)).toEqual(tokens);
        },
      ),
    );
  });

  it('changes, or has doubts, where anything but space and comments does', () => {
    const put = fc.constantFrom('x', '7', '(', "'", '+', '"', '}');
    fc.assert(
      fc.property(aCase, fc.nat(), put, ({ program, tokens }, where, letter) => {
        const at = where % (program.length + 1);
        const before = program.slice(0, at).split('\n').at(-1)!;
        fc.pre(!before.includes('#')); // it may stand in a comment
        expect(tokensOf(program.slice(0, at) + letter + program.slice(at))).not.toEqual(tokens);
      }),
      { numRuns: 500 },
    );
  });
});

/** Where a line may be put: neither in a string, nor after a line that goes on, nor before the first words of a script. */
function freeLineStarts(text: string): number[] {
  const whole = JSON.stringify(tokensOf(text));
  return [...text.matchAll(/^/gm)]
    .map(({ index }) => index)
    .filter((at) => {
      const before = text.slice(0, at);
      if (/\r$/.test(before) || /\\\n$/.test(before) || (at === 0 && /^(#!|\ufeff)/.test(text))) return false;
      return JSON.stringify(tokensOf(`${before}\n${text.slice(at)}`)) === whole;
    });
}
