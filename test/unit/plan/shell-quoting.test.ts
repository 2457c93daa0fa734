import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createShellQuoting } from '../../../src/plan/shell-quoting.ts';
import { parsePieces } from '../../../src/spec/references.ts';

const VALUES = [
  'plain',
  'two words',
  "it's",
  '"',
  '$HOME',
  '`id`',
  '$(id)',
  '\\',
  '',
  '*',
  'a\nb',
  '; exit 3',
  '-n',
];

/** The text with the value in place of each reference. */
function fill(text: string, value: string): string {
  const quoting = createShellQuoting();
  return parsePieces(text)
    .map((piece) => (piece.kind === 'literal' ? quoting.pass(piece.text) : quoting.quote(value)))
    .join('');
}

const saidBy = (text: string) => execFileSync('sh', ['-eu', '-c', text], { encoding: 'utf8' });

describe.skipIf(process.platform === 'win32')('a value in text for the shell', () => {
  const places: [string, string, (value: string) => string][] = [
    ['as a word', 'printf "[%s]" ${{ params.x }} end', (value) => `[${value}][end]`],
    ['within a word', 'printf "[%s]" --a=${{ params.x }}', (value) => `[--a=${value}]`],
    ['between double quotes', 'printf "[%s]" "a ${{ params.x }} b"', (value) => `[a ${value} b]`],
    ['between single quotes', "printf '[%s]' 'a ${{ params.x }} b'", (value) => `[a ${value} b]`],
    ['in a substitution', 'printf "[%s]" "$(printf "<%s>" ${{ params.x }})"', (value) => `[<${value}>]`],
    [
      'between quotes in a substitution between quotes',
      'printf "[%s]" "$(printf "<%s>" "b ${{ params.x }}")"',
      (value) => `[<b ${value}>]`,
    ],
    [
      'after a comment with an apostrophe',
      "true # don't\nprintf '[%s]' ${{ params.x }}",
      (value) => `[${value}]`,
    ],
    ['after an escaped quote', 'printf "[%s]" \\"${{ params.x }}', (value) => `["${value}]`],
  ];
  it.each(places)('stays what it is %s', (_, text, expected) => {
    for (const value of VALUES)
      expect(saidBy(fill(text, value)), JSON.stringify(value)).toBe(expected(value));
  });

  it('needs no quotes where it is a number or a plain path', () => {
    expect(fill('train --lr ${{ params.x }}', '0.01')).toBe('train --lr 0.01');
    expect(fill('train ${{ params.x }}', 'a/b-c.txt')).toBe('train a/b-c.txt');
  });
});
