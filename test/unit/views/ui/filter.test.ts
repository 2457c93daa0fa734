import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../../src/views/ui/filter.ts';

const COLUMNS = [
  'gamma',
  'method',
  'evaluate-dec.test.acc',
  'evaluate-cae.test.acc',
  'evaluate-dec.test.nmi',
];
const row: { readonly [column: string]: number | string } = {
  gamma: 0.01,
  method: 'dcec',
  'evaluate-dec.test.acc': 0.65,
  'evaluate-dec.test.nmi': 0.4,
};
const holds = (text: string) => {
  const parsed = parseFilter(text, COLUMNS);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.filter((column) => row[column]);
};
const problem = (text: string) => {
  const parsed = parseFilter(text, COLUMNS);
  return parsed.ok ? null : [parsed.at, parsed.message];
};

describe('parseFilter', () => {
  it.each([
    ['gamma<0.1', true],
    ['gamma>=1e-2 & evaluate-dec.test.acc>0.6', true],
    ['gamma<0.1 & nmi>0.6', false],
    ['gamma>1 | method=dcec', true],
    ['!(method="dcec")', false],
    ['method ~ CE', true],
    ['method != dec', true],
    ['gamma=0.01 && (nmi>0.6 || nmi<=0.4)', true],
    ['evaluate-cae.test.acc>0', false], // no value passes no bound
    ['gamma>1 | gamma<1 & method=dec', false], // & binds more than |
  ])('%s is %s of a row', (text, expected) => expect(holds(text)).toBe(expected));

  it.each([
    ['gama<1', 0, "no column 'gama'; there are"],
    ['test.acc>0.6', 0, "'test.acc' may mean evaluate-dec.test.acc, evaluate-cae.test.acc"],
    ['gamma<', 6, "expected a value after '<'"],
    ['gamma<x', 6, "'<' needs a number, found 'x'"],
    ['gamma', 5, "expected < <= > >= = != or ~ after 'gamma'"],
    ['(gamma<1', 8, "expected ')'"],
    ['gamma<1 method=dec', 8, "expected & or | before 'method'"],
    ['method="dec', 7, 'this quote is not closed'],
  ])('%s is refused at character %d: %s', (text, at, message) => {
    expect(problem(text)?.[0]).toBe(at);
    expect(problem(text)?.[1]).toContain(message);
  });
});
