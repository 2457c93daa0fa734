import { fail } from '../../core/failure.ts';
import { byCodeUnit } from '../../core/json.ts';
import type { Random } from '../../core/random.ts';
import { SPLIT_NAMES, type SplitName } from '../../formats/dataset.ts';

/** What is kept together: a slice, or a subject with all its slices. */
export interface Unit {
  readonly name: string;
  readonly ids: readonly string[];
  /** Class of its items; '' where splits are not stratified. */
  readonly stratum: string;
}

export interface RatioRequest {
  /** Train, val, test; any numbers ≥ 0, one of them positive. */
  readonly ratios: readonly number[];
  readonly random: Random;
  /** `subject` or `slice`, for messages. */
  readonly unit: string;
}

/**
 * Draws the split of every unit, stratum by stratum.
 * @returns item → split.
 * @throws ExpectedFailure too-few-units where a split with a positive ratio would get no unit of a stratum.
 */
export function assignByRatios(units: readonly Unit[], request: RatioRequest): Map<string, SplitName> {
  const splitOf = new Map<string, SplitName>();
  const strata = [...new Set(units.map(({ stratum }) => stratum))].sort(byCodeUnit);
  for (const stratum of strata) {
    const members = units
      .filter((unit) => unit.stratum === stratum)
      .sort((a, b) => byCodeUnit(a.name, b.name));
    const counts = countUnits(members.length, stratum, request);
    const order = request.random.fork(`stratum ${stratum}`).permutation(members.length);
    let next = 0;
    SPLIT_NAMES.forEach((split, index) => {
      for (const position of order.subarray(next, next + counts[index])) {
        for (const id of members[position].ids) splitOf.set(id, split);
      }
      next += counts[index];
    });
  }
  return splitOf;
}

/** Units of each split: by largest remainder, then one at least wherever the ratio is positive. */
function countUnits(total: number, stratum: string, { ratios, unit }: RatioRequest): number[] {
  const wanted = SPLIT_NAMES.filter((_, index) => ratios[index] > 0);
  if (total < wanted.length) {
    const where = stratum === '' ? '' : ` of class '${stratum}'`;
    fail(
      'too-few-units',
      `${total} ${unit}${total === 1 ? '' : 's'}${where} cannot be split into ${wanted.join(', ')}: ` +
        `each needs at least one${unit === 'subject' ? '; by: slice splits slices' : ''}`,
    );
  }
  const counts = byLargestRemainder(total, ratios);
  ratios.forEach((ratio, index) => {
    if (ratio === 0 || counts[index] > 0) return;
    counts[counts.indexOf(Math.max(...counts))] -= 1;
    counts[index] = 1;
  });
  return counts;
}

/** Whole numbers in the proportion of the ratios that sum to `total`; of equal remainders the first gains. */
export function byLargestRemainder(total: number, ratios: readonly number[]): number[] {
  const sum = ratios.reduce((all, ratio) => all + ratio, 0);
  const shares = ratios.map((ratio) => (ratio * total) / sum);
  const counts = shares.map(Math.floor);
  const left = total - counts.reduce((all, count) => all + count, 0);
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: share - counts[index] }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, left)) counts[index] += 1;
  return counts;
}
