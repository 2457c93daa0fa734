import { describe, expect, it } from 'vitest';
import { age, size } from '../../../src/cli/options.ts';

describe('options', () => {
  it('read ages as durations are written elsewhere, weeks beside', () => {
    expect(['0', '90m', '12h', '1d 12h', '30d', '8w', '0.5w'].map(age)).toEqual([
      0, 5_400_000, 43_200_000, 129_600_000, 2_592_000_000, 4_838_400_000, 302_400_000,
    ]);
    for (const wrong of ['', '30', 'd', '-1d', '2 weeks', '5m 2h'])
      expect(() => age(wrong)).toThrow('expected an age such as 90m, 12h, 30d or 8w');
  });

  it('read sizes in powers of ten or of two', () => {
    expect(['0', '500MB', '20GiB', '1k'].map(size)).toEqual([0, 500e6, 20 * 2 ** 30, 1000]);
    for (const wrong of ['', 'MB', '-1MB', '5 XB'])
      expect(() => size(wrong)).toThrow('expected a size such as 500MB or 20GiB');
  });
});
