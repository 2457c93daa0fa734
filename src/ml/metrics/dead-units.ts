import type { Matrix } from '../matrix.ts';

/**
 * The embedding's units that say nothing: the same value for every item, as a rectified unit whose
 * input is never positive. @returns their columns, ascending; none for fewer than two items.
 */
export function findDeadUnits({ data, rows, columns }: Matrix): number[] {
  if (rows < 2) return [];
  const dead: number[] = [];
  for (let column = 0; column < columns; column++) {
    let row = 1;
    while (row < rows && data[row * columns + column] === data[column]) row += 1;
    if (row === rows) dead.push(column);
  }
  return dead;
}
