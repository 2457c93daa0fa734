import { fail } from '../../core/failure.ts';
import { byCodeUnit } from '../../core/json.ts';
import type { Random } from '../../core/random.ts';
import { SPLIT_NAMES, type SplitName } from '../../formats/dataset.ts';
import { byLargestRemainder } from './assign-splits.ts';

export interface ColumnRequest {
  /** Name of the column, for messages. */
  readonly column: string;
  /** What the column says of the items of each split. */
  readonly values: { readonly [split in SplitName]: readonly string[] };
  /** Share of train that becomes val. */
  readonly valShare: number;
  readonly random: Random;
}

/**
 * Splits as a column says.
 * @param entries what the column says of each item; ordered by id.
 * @returns item → split.
 * @throws ExpectedFailure bad-parameter where an item's value belongs to no split or to two;
 * too-few-units where train or test would be empty.
 */
export function assignByColumn(
  entries: readonly { readonly id: string; readonly value: string }[],
  request: ColumnRequest,
): Map<string, SplitName> {
  const splitOfValue = readValues(request);
  const unknown = new Set(entries.map(({ value }) => value).filter((value) => !splitOfValue.has(value)));
  if (unknown.size > 0) {
    const named = [...unknown].sort(byCodeUnit).map((value) => `'${value}'`);
    fail(
      'bad-parameter',
      `values: column '${request.column}' says ${named.slice(0, 10).join(', ')}, which ${unknown.size > 1 ? 'are' : 'is'} of no split; ` +
        `known are ${[...splitOfValue.keys()].map((value) => `'${value}'`).join(', ')}`,
    );
  }
  const splitOf = new Map(entries.map(({ id, value }) => [id, splitOfValue.get(value)!]));
  moveToVal(splitOf, request);
  for (const split of ['train', 'test'] as const) {
    if (![...splitOf.values()].includes(split))
      fail('too-few-units', `column '${request.column}' puts no item into ${split}`);
  }
  return splitOf;
}

function readValues({ values }: ColumnRequest): Map<string, SplitName> {
  const splitOfValue = new Map<string, SplitName>();
  for (const split of SPLIT_NAMES) {
    for (const value of values[split]) {
      const other = splitOfValue.get(value);
      if (other !== undefined) fail('bad-parameter', `values: '${value}' is of ${other} and of ${split}`);
      splitOfValue.set(value, split);
    }
  }
  return splitOfValue;
}

function moveToVal(splitOf: Map<string, SplitName>, { valShare, random, column }: ColumnRequest): void {
  if (valShare === 0) return;
  if ([...splitOf.values()].includes('val'))
    fail('bad-parameter', `valShare: expected 0, because column '${column}' already puts items into val`);
  const train = [...splitOf].flatMap(([id, split]) => (split === 'train' ? [id] : []));
  const [count] = byLargestRemainder(train.length, [valShare, 1 - valShare]);
  for (const position of random.permutation(train.length).subarray(0, count))
    splitOf.set(train[position], 'val');
}
