import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NumberSequences } from '../../../src/plan/number-sequences.ts';

it('numbers equal sequences alike, and others otherwise, of any length', () => {
  const members = 5;
  const sequence = fc.array(fc.nat(members - 1), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(sequence, { maxLength: 60 }), (drawn) => {
      const sequences = new NumberSequences(members);
      const textOf = new Map<number, string>();
      const numberOf = new Map<string, number>();
      for (const one of drawn) {
        const number = one.reduce((before, member) => sequences.next(before, member), NumberSequences.START);
        expect(textOf.get(number) ?? one.join()).toBe(one.join());
        expect(numberOf.get(one.join()) ?? number).toBe(number);
        textOf.set(number, one.join());
        numberOf.set(one.join(), number);
      }
    }),
  );
});

it('keeps apart what a sweep of millions has', () => {
  const sequences = new NumberSequences(2 ** 26);
  const first = sequences.next(NumberSequences.START, 2 ** 26 - 1);
  const seen = [0, 1, 2 ** 25, 2 ** 26 - 1].map((member) => sequences.next(first, member));
  expect(new Set(seen).size).toBe(4);
});
