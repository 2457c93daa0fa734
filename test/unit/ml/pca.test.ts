import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { decomposeLargest, decomposeTridiagonal } from '../../../src/ml/eigen.ts';
import type { Matrix } from '../../../src/ml/matrix.ts';
import {
  fitPrincipalComponents,
  projectOnComponents,
  reconstructFromComponents,
} from '../../../src/ml/pca.ts';
import { golden, train } from './projection/golden.ts';

function randomMatrix(rows: number, columns: number, rank = columns): Matrix {
  const random = createRandom(`${rows} ${columns}`);
  const left = Float64Array.from({ length: rows * rank }, () => random.normal());
  const right = Float64Array.from({ length: rank * columns }, () => random.normal());
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < rank; k++)
      for (let j = 0; j < columns; j++) data[i * columns + j] += left[i * rank + k] * right[k * columns + j];
  return { data, rows, columns };
}

describe('fitPrincipalComponents', () => {
  it('gives the components and variances of numpy (golden/ml/projection.py)', () => {
    const { components, variances, totalVariance } = fitPrincipalComponents(train, 6);
    golden.pca.variances.forEach((variance, rank) => {
      expect(variances[rank]).toBeCloseTo(variance, 12);
    });
    golden.pca.components.flat().forEach((value, at) => {
      expect(components.data[at]).toBeCloseTo(value, 10);
    });
    expect(totalVariance).toBeCloseTo(
      golden.pca.variances.reduce((sum, one) => sum + one),
      11,
    );
  });

  it.each([
    ['more rows than columns', 120, 30],
    ['more columns than rows', 30, 120],
    ['larger than what is decomposed at once', 200, 150],
  ])('reconstructs everything from all components: %s', (_, rows, columns) => {
    const data = randomMatrix(rows, columns);
    const model = fitPrincipalComponents(data, 200);
    const back = reconstructFromComponents(model, projectOnComponents(model, data));
    const worst = Array.from(back.data).reduce(
      (most, value, at) => Math.max(most, Math.abs(value - data.data[at])),
      0,
    );
    expect(worst).toBeLessThan(1e-9);
  });

  it('leaves an error of exactly the variances left out', () => {
    const data = randomMatrix(80, 40);
    const model = fitPrincipalComponents(data, 5);
    const back = reconstructFromComponents(model, projectOnComponents(model, data));
    const squared = Array.from(back.data).reduce(
      (sum, value, at) => sum + (value - data.data[at]) * (value - data.data[at]),
      0,
    );
    const kept = model.variances.reduce((sum, variance) => sum + variance, 0);
    expect(squared / 79).toBeCloseTo(model.totalVariance - kept, 8);
  });

  it('finds only the directions there are', () => {
    expect(fitPrincipalComponents(randomMatrix(50, 200, 3), 10).components.rows).toBe(3);
    expect(fitPrincipalComponents(randomMatrix(200, 50, 3), 10).components.rows).toBe(3);
    expect(
      fitPrincipalComponents({ data: new Float64Array(30).fill(2), rows: 10, columns: 3 }, 2).components.rows,
    ).toBe(0);
    expect(
      fitPrincipalComponents({ data: Float64Array.of(1, 2), rows: 1, columns: 2 }, 2).components.rows,
    ).toBe(0);
  });

  it('takes the sign that makes the largest element positive', () => {
    const mirrored = { ...train, data: train.data.map((value) => -value) };
    expect(fitPrincipalComponents(mirrored, 2).components.data).toEqual(
      fitPrincipalComponents(train, 2).components.data,
    );
  });
});

describe('decomposeLargest', () => {
  it('finds both vectors of an equal eigenvalue', () => {
    const size = 60;
    const data = new Float64Array(size * size);
    for (let at = 0; at < size; at++) data[at * size + at] = at < 2 ? 5 : 1;
    const { values, vectors } = decomposeLargest({ data, size }, 3);
    expect(values[0]).toBeCloseTo(5, 12);
    expect(values[1]).toBeCloseTo(5, 12);
    expect(values[2]).toBeCloseTo(1, 12);
    const inner = vectors.slice(0, size).reduce((sum, value, at) => sum + value * vectors[size + at], 0);
    expect(inner).toBeCloseTo(0, 12);
  });
});

describe('decomposeTridiagonal', () => {
  it('knows the second difference matrix: 2 − 2 cos(kπ/(n+1))', () => {
    const n = 25;
    const { values, vectors } = decomposeTridiagonal(
      new Array<number>(n).fill(2),
      new Array<number>(n - 1).fill(-1),
    );
    values.forEach((value, at) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((n - at) * Math.PI) / (n + 1)), 12);
    });
    for (const vector of vectors)
      expect(vector.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 12);
  });
});
