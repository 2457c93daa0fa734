import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { setUpWasmBackend } from '../../src/engine/wasm-backend.ts';
import { eachProduct } from '../support/engine/float64-reference.ts';
import { builtKernels } from '../support/engine/kernels.ts';

beforeAll(async () => setUpWasmBackend(await builtKernels()));

const TOLERANCE = 2e-6; // float32 sums of up to some hundred products, relative to the largest result

interface Case {
  readonly batch: number;
  readonly size: [number, number];
  readonly channels: [number, number];
  readonly kernel: [number, number];
  readonly stride: [number, number];
  readonly dilation: [number, number];
  readonly pad: 'same' | 'valid' | [number, number, number, number];
  readonly seed: number;
}

const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
const convolutions: fc.Arbitrary<Case> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    size: pair(12),
    channels: pair(18),
    kernel: pair(6),
    stride: pair(5),
    dilation: fc.oneof(
      { weight: 3, arbitrary: fc.constant<[number, number]>([1, 1]) },
      { weight: 1, arbitrary: pair(3) },
    ),
    pad: fc.oneof(
      fc.constant<'same'>('same'),
      fc.constant<'valid'>('valid'),
      fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)),
    ),
    seed: fc.nat(),
  })
  .filter((c) => outputSize(c).every((length) => length > 0));

function padsOf(c: Case): [number, number, number, number] {
  if (c.pad === 'valid') return [0, 0, 0, 0];
  if (c.pad !== 'same') return c.pad;
  return [0, 1].flatMap((axis) => {
    const reach = (c.kernel[axis] - 1) * c.dilation[axis] + 1;
    const total = Math.max(
      0,
      (Math.ceil(c.size[axis] / c.stride[axis]) - 1) * c.stride[axis] + reach - c.size[axis],
    );
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  }) as [number, number, number, number];
}

function outputSize(c: Case): [number, number] {
  const [top, bottom, left, right] = padsOf(c);
  const along = (axis: number, pads: number) =>
    Math.floor((c.size[axis] + pads - (c.kernel[axis] - 1) * c.dilation[axis] - 1) / c.stride[axis]) + 1;
  return [along(0, top + bottom), along(1, left + right)];
}

/** Shapes and random arrays of a case. */
function fill(c: Case) {
  const random = createRandom(`kernels ${c.seed}`);
  const [outHeight, outWidth] = outputSize(c);
  const x = [c.batch, ...c.size, c.channels[0]];
  const filter = [...c.kernel, ...c.channels];
  const dy = [c.batch, outHeight, outWidth, c.channels[1]];
  const numbers = (shape: number[]) =>
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal());
  return { shapes: { x, filter, dy }, x: numbers(x), filter: numbers(filter), dy: numbers(dy) };
}

function attributesOf(c: Case) {
  const [top, bottom, left, right] = padsOf(c);
  const pad =
    typeof c.pad === 'string'
      ? c.pad
      : [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ];
  return { strides: c.stride, pad, dataFormat: 'NHWC', dilations: c.dilation };
}

/** Σ over every product of the convolution, in float64, of one operand times another into the third; `dy` stands for the output. */
function reference(c: Case, data: ReturnType<typeof fill>, wanted: 'x' | 'filter' | 'dy'): Float64Array {
  const result = new Float64Array(data[wanted].length);
  const pads = padsOf(c);
  const xFloats = data.x.length / c.batch;
  const yFloats = data.dy.length / c.batch;
  for (let sample = 0; sample < c.batch; sample++) {
    eachProduct(
      {
        x: data.shapes.x.slice(1) as never,
        filter: data.shapes.filter as never,
        y: data.shapes.dy.slice(1) as never,
      },
      { stride: c.stride, dilation: c.dilation, pad: [pads[0], pads[2]] },
      (x, filter, y) => {
        if (wanted === 'dy') {
          result[sample * yFloats + y] += data.x[sample * xFloats + x] * data.filter[filter];
          return;
        }
        const dy = data.dy[sample * yFloats + y];
        if (wanted === 'filter') result[filter] += data.x[sample * xFloats + x] * dy;
        else result[sample * xFloats + x] += data.filter[filter] * dy;
      },
    );
  }
  return result;
}

interface Fusing {
  readonly bias?: Float32Array;
  readonly activation?: string;
}

function convolution(data: ReturnType<typeof fill>, attributes: object, { bias, activation }: Fusing = {}) {
  return tf.tidy(() => {
    const inputs: tf.NamedTensorMap = {
      x: tf.tensor(data.x, data.shapes.x),
      filter: tf.tensor(data.filter, data.shapes.filter),
    };
    if (bias) inputs.bias = tf.tensor1d(bias);
    const kernel = bias ? 'FusedConv2D' : 'Conv2D';
    const attrs = { ...attributes, ...(bias ? { activation } : {}) } as never;
    return (tf.engine().runKernel(kernel, inputs, attrs) as tf.Tensor).dataSync() as Float32Array;
  });
}

function filterGradient(data: ReturnType<typeof fill>, attributes: object): Float32Array {
  return tf.tidy(() => {
    const inputs = { x: tf.tensor(data.x, data.shapes.x), dy: tf.tensor(data.dy, data.shapes.dy) };
    const attrs = { ...attributes, filterShape: data.shapes.filter };
    return (
      tf.engine().runKernel('Conv2DBackpropFilter', inputs, attrs) as tf.Tensor
    ).dataSync() as Float32Array;
  });
}

function inputGradient(data: ReturnType<typeof fill>, attributes: object): Float32Array {
  return tf.tidy(() => {
    const inputs = {
      dy: tf.tensor(data.dy, data.shapes.dy),
      filter: tf.tensor(data.filter, data.shapes.filter),
    };
    const attrs = { ...attributes, inputShape: data.shapes.x };
    return (
      tf.engine().runKernel('Conv2DBackpropInput', inputs, attrs) as tf.Tensor
    ).dataSync() as Float32Array;
  });
}

function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance = TOLERANCE): void {
  expect(got.length).toBe(expected.length);
  let largest = 1;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(got[i] - expected[i]) <= tolerance * largest)) expect(got[i], `at ${i}`).toBe(expected[i]);
  }
}

/** On the plain JavaScript backend, which tests alone may use. */
async function onPlainBackend<T>(compute: () => T): Promise<T> {
  await tf.setBackend('cpu');
  try {
    return compute();
  } finally {
    await tf.setBackend('wasm');
  }
}

describe('convolution kernels on tfjs’s wasm backend', () => {
  it('convolve for every shape, stride, padding and dilation', () => {
    fc.assert(
      fc.property(convolutions, (c) => {
        const data = fill(c);
        expectClose(convolution(data, attributesOf(c)), reference(c, data, 'dy'));
      }),
      { numRuns: 300 },
    );
  });

  it('add a bias and rectify on the way', () => {
    fc.assert(
      fc.property(convolutions, fc.constantFrom('relu', 'linear'), (c, activation) => {
        const data = fill(c);
        const bias = Float32Array.from(data.dy.subarray(0, c.channels[1]));
        const expected = reference(c, data, 'dy').map((sum, i) => {
          const value = sum + bias[i % bias.length];
          return activation === 'relu' ? Math.max(0, value) : value;
        });
        expectClose(convolution(data, attributesOf(c), { bias, activation }), expected);
      }),
      { numRuns: 100 },
    );
  });

  it('leave to tfjs what they cannot fuse', async () => {
    const c: Case = {
      batch: 2,
      size: [6, 5],
      channels: [2, 3],
      kernel: [3, 3],
      stride: [1, 1],
      dilation: [1, 1],
      pad: 'same',
      seed: 11,
    };
    const data = fill(c);
    const run = (more: object) =>
      tf.tidy(() => {
        const x = tf.tensor4d(data.x, [2, 6, 5, 2]);
        const filter = tf.tensor4d(data.filter, [3, 3, 2, 3]);
        return tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', ...more }).dataSync();
      });
    const alphas = [0.1, 0.2, 0.3];
    for (const make of [
      () => ({ activation: 'relu6' as const }),
      () => ({ activation: 'prelu' as const, preluActivationWeights: tf.tensor1d(alphas) }),
    ]) {
      const expected = await onPlainBackend(() => run({ bias: tf.tensor1d([1, 2, 3]), ...make() }));
      expectClose(run({ bias: tf.tensor1d([1, 2, 3]), ...make() }), expected);
    }
  });

  it('take a batch a few samples at a time, with the same result', () => {
    const c: Case = {
      batch: 5,
      size: [40, 33],
      channels: [9, 16],
      kernel: [3, 4],
      stride: [2, 1],
      dilation: [1, 1],
      pad: 'same',
      seed: 5,
    };
    const data = fill(c);
    const attributes = attributesOf(c);
    expectClose(convolution(data, attributes), reference(c, data, 'dy'));
    expectClose(filterGradient(data, attributes), reference(c, data, 'filter'), 1e-5); // 3,400 products each
    expectClose(inputGradient(data, attributes), reference(c, data, 'x'));
  });

  it('give the filter’s gradient for every shape, stride, padding and dilation', () => {
    fc.assert(
      fc.property(convolutions, (c) => {
        const data = fill(c);
        expectClose(filterGradient(data, attributesOf(c)), reference(c, data, 'filter'));
      }),
      { numRuns: 300 },
    );
  });

  it('give the input’s gradient for every shape, stride, padding and dilation', () => {
    fc.assert(
      fc.property(convolutions, (c) => {
        const data = fill(c);
        expectClose(inputGradient(data, attributesOf(c)), reference(c, data, 'x'));
      }),
      { numRuns: 300 },
    );
  });

  it('agree with the plain backend, which knows no dilation', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async (drawn) => {
        const c: Case = { ...drawn, dilation: [1, 1] };
        if (outputSize(c).some((length) => length < 1)) return;
        const data = fill(c);
        const attributes = attributesOf(c);
        const [filter, input] = await onPlainBackend(() => [
          filterGradient(data, attributes),
          inputGradient(data, attributes),
        ]);
        expectClose(filterGradient(data, attributes), filter);
        expectClose(inputGradient(data, attributes), input);
      }),
      { numRuns: 30 },
    );
  });

  it('are the numerical derivatives of the convolution that they belong to', () => {
    fc.assert(
      fc.property(convolutions, fc.nat(), (c, pick) => {
        const data = fill(c);
        // L = Σ dy · conv(x, filter) is linear in each operand: the central difference is exact but for rounding.
        const pads = padsOf(c);
        const loss = (x: ArrayLike<number>, filter: ArrayLike<number>) => {
          let sum = 0;
          for (let sample = 0; sample < c.batch; sample++) {
            eachProduct(
              {
                x: data.shapes.x.slice(1) as never,
                filter: data.shapes.filter as never,
                y: data.shapes.dy.slice(1) as never,
              },
              { stride: c.stride, dilation: c.dilation, pad: [pads[0], pads[2]] },
              (a, f, b) => {
                sum +=
                  x[(sample * data.x.length) / c.batch + a] *
                  filter[f] *
                  data.dy[(sample * data.dy.length) / c.batch + b];
              },
            );
          }
          return sum;
        };
        const derivative = (values: Float32Array, at: number, of: (moved: Float64Array) => number) => {
          const up = Float64Array.from(values);
          const down = Float64Array.from(values);
          up[at] += 0.5;
          down[at] -= 0.5;
          return of(up) - of(down);
        };
        const inFilter = pick % data.filter.length;
        const inInput = pick % data.x.length;
        const byFilter = derivative(data.filter, inFilter, (moved) => loss(data.x, moved));
        const byInput = derivative(data.x, inInput, (moved) => loss(moved, data.filter));
        expect(filterGradient(data, attributesOf(c))[inFilter]).toBeCloseTo(byFilter, 3);
        expect(inputGradient(data, attributesOf(c))[inInput]).toBeCloseTo(byInput, 3);
      }),
      { numRuns: 40 },
    );
  });

  it('refuse the layout that they do not know instead of computing something else', () => {
    const data = fill({
      batch: 1,
      size: [4, 4],
      channels: [1, 1],
      kernel: [2, 2],
      stride: [1, 1],
      dilation: [1, 1],
      pad: 'valid',
      seed: 1,
    });
    const attributes = { strides: 1, pad: 'valid', dataFormat: 'NCHW' };
    expect(() => filterGradient(data, attributes)).toThrow("'NHWC' only");
  });

  it('go on working after the memory has grown', () => {
    const c: Case = {
      batch: 2,
      size: [9, 7],
      channels: [3, 10],
      kernel: [3, 3],
      stride: [2, 2],
      dilation: [1, 1],
      pad: 'same',
      seed: 7,
    };
    const data = fill(c);
    const before = filterGradient(data, attributesOf(c));
    const { memory } = (tf.backend() as unknown as { wasm: { asm: { memory: { buffer: ArrayBuffer } } } })
      .wasm.asm;
    const bytes = memory.buffer.byteLength;
    const large = tf.zeros([bytes / 4 + 1]);
    expect(memory.buffer.byteLength).toBeGreaterThan(bytes);
    expect(filterGradient(data, attributesOf(c))).toEqual(before);
    expectClose(inputGradient(data, attributesOf(c)), reference(c, data, 'x'));
    large.dispose();
  });
});

describe('matrix products on tfjs’s wasm backend', () => {
  const matrices = fc.record({
    m: fc.integer({ min: 1, max: 19 }),
    k: fc.integer({ min: 1, max: 19 }),
    n: fc.integer({ min: 1, max: 19 }),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    outer: fc.constantFrom<[number[], number[]]>(
      [[], []],
      [[3], [3]],
      [
        [2, 3],
        [2, 3],
      ],
      [
        [2, 1],
        [1, 3],
      ],
      [[1], [4]],
    ),
    seed: fc.nat(),
  });

  it('are right with either operand transposed, and where leading axes broadcast', () => {
    fc.assert(
      fc.property(matrices, ({ m, k, n, transposeA, transposeB, outer, seed }) => {
        const random = createRandom(`products ${seed}`);
        const shapeA = [...outer[0], ...(transposeA ? [k, m] : [m, k])];
        const shapeB = [...outer[1], ...(transposeB ? [n, k] : [k, n])];
        const numbers = (shape: number[]) =>
          Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal());
        const [a, b] = [numbers(shapeA), numbers(shapeB)];
        const got = tf.tidy(() =>
          tf.matMul(tf.tensor(a, shapeA), tf.tensor(b, shapeB), transposeA, transposeB),
        );
        const lead = tf.broadcast_util.assertAndGetBroadcastShape(outer[0], outer[1]);
        expect(got.shape).toEqual([...lead, m, n]);
        const values = got.dataSync();
        got.dispose();
        const expected = new Float64Array(values.length);
        for (let matrix = 0; matrix < tf.util.sizeFromShape(lead); matrix++) {
          const place = tf.util.indexToLoc(matrix, lead.length, tf.util.computeStrides(lead));
          const within = (shape: number[]) =>
            shape.reduce(
              (index, length, axis) =>
                index * length + (length === 1 ? 0 : place[lead.length - shape.length + axis]),
              0,
            );
          const aAt = within(outer[0]) * m * k;
          const bAt = within(outer[1]) * k * n;
          for (let row = 0; row < m; row++)
            for (let column = 0; column < n; column++)
              for (let inner = 0; inner < k; inner++)
                expected[(matrix * m + row) * n + column] +=
                  a[aAt + (transposeA ? inner * m + row : row * k + inner)] *
                  b[bAt + (transposeB ? column * k + inner : inner * n + column)];
        }
        expectClose(values, expected);
      }),
      { numRuns: 200 },
    );
  });
});

describe('sums on tfjs’s wasm backend', () => {
  const sums = fc.record({
    shape: fc.array(fc.integer({ min: 1, max: 19 }), { minLength: 1, maxLength: 4 }),
    axes: fc.uniqueArray(fc.nat(3), { maxLength: 4 }),
    keepDims: fc.boolean(),
    whole: fc.boolean(),
    seed: fc.nat(),
  });

  it('are right over any axes, of numbers of either type', () => {
    fc.assert(
      fc.property(sums, ({ shape, axes, keepDims, whole, seed }) => {
        const random = createRandom(`sums ${seed}`);
        const numbers = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () =>
          whole ? random.integer(1000) : random.normal(),
        );
        const over = axes.filter((axis) => axis < shape.length);
        const summed = new Set(over.length > 0 ? over : shape.keys());
        const kept = [...shape.keys()].filter((axis) => !summed.has(axis));
        const rest = kept.map((axis) => shape[axis]);
        const expected = new Float64Array(tf.util.sizeFromShape(rest));
        numbers.forEach((value, index) => {
          const place = tf.util.indexToLoc(index, shape.length, tf.util.computeStrides(shape));
          expected[kept.reduce((at, axis) => at * shape[axis] + place[axis], 0)] += value;
        });
        const sum = tf.tidy(() =>
          tf.sum(
            tf.tensor(numbers, shape, whole ? 'int32' : 'float32'),
            over.length > 0 ? over : undefined,
            keepDims,
          ),
        );
        expect(sum.shape).toEqual(
          keepDims ? shape.map((length, axis) => (summed.has(axis) ? 1 : length)) : rest,
        );
        expect(sum.dtype).toBe(whole ? 'int32' : 'float32');
        // tfjs's own, over other axes, adds one by one in float32.
        const leading = [...summed].every((axis) => axis < summed.size);
        const terms = numbers.length / expected.length;
        expectClose(sum.dataSync(), expected, (leading ? 3e-7 : 1e-5) * Math.sqrt(terms));
        sum.dispose();
      }),
      { numRuns: 200 },
    );
  });

  it('of millions are good to float32', () => {
    for (const columns of [1, 4, 16, 20]) {
      const rows = 400_000;
      const sum = tf.tidy(() => tf.sum(tf.fill([rows, columns], 0.1), 0).dataSync());
      expectClose(sum, new Float64Array(columns).fill(rows * Math.fround(0.1)), 1e-6);
    }
  });
});

describe('the kernels together', () => {
  it('leave no tensor behind', () => {
    const before = tf.memory().numTensors;
    const data = fill({
      batch: 2,
      size: [6, 6],
      channels: [2, 3],
      kernel: [3, 3],
      stride: [2, 2],
      dilation: [1, 1],
      pad: 'same',
      seed: 3,
    });
    for (let time = 0; time < 20; time++) {
      filterGradient(data, { strides: 2, pad: 'same', dataFormat: 'NHWC' });
      inputGradient(data, { strides: 2, pad: 'same', dataFormat: 'NHWC' });
      tf.tidy(() => tf.matMul(tf.ones([5, 4]), tf.ones([5, 3]), true, false).dataSync());
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
