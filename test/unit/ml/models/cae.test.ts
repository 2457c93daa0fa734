import { describe, expect, it } from 'vitest';
import { ExpectedFailure } from '../../../../src/core/failure.ts';
import { networkShapes, parameterCount } from '../../../../src/core/network.ts';
import { type CaeParameters, caeNetwork, encoderOf, STUDY_NETWORK } from '../../../../src/ml/models/cae.ts';

const study = (embeddingDim: number) => caeNetwork({ ...STUDY_NETWORK, embeddingDim });
const dcec = (inputSize: readonly [number, number]) =>
  caeNetwork({
    inputSize,
    filters: [32, 64, 128],
    kernels: [5, 5, 3],
    strides: [2, 2, 2],
    paddings: ['same', 'same', 'valid'],
    embeddingDim: 10,
  });

describe('caeNetwork', () => {
  it('has the parameters of every layer of the study, Table 3.2', () => {
    const counts = networkShapes(study(3))
      .filter(({ parameters }) => parameters.length > 0)
      .map(({ parameters }) => parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0));
    expect(counts).toEqual([416, 12832, 9248, 1539, 2048, 9248, 12816, 401]);
    expect(parameterCount(study(3))).toBe(48548);
  });

  it('is the published DCEC on 28×28: 28 → 14 → 7 → 3, and back', () => {
    const sizes = networkShapes(dcec([28, 28]))
      .filter(({ output }) => output.length === 3)
      .map(({ output }) => output[0]);
    expect(sizes).toEqual([14, 7, 3, 3, 7, 14, 28]);
  });

  it.each([
    [[17, 31]],
    [[218, 182]],
    [[64, 65]],
  ] as const)('gives back images of %j, which no stride divides', (inputSize) => {
    const network = caeNetwork({ ...STUDY_NETWORK, inputSize, embeddingDim: 2 });
    expect(networkShapes(network).at(-1)!.output).toEqual([...inputSize, 1]);
  });

  it('ends linear, is rectified between, and has the embedding as asked', () => {
    const activations = ({ encoder, decoder }: ReturnType<typeof caeNetwork>) =>
      [...encoder, ...decoder].flatMap((layer) => ('activation' in layer ? [layer.activation] : []));
    const relus = ['relu', 'relu', 'relu'];
    expect(activations(study(3))).toEqual([...relus, 'linear', ...relus, 'linear']);
    const rectified = caeNetwork({ ...STUDY_NETWORK, embeddingDim: 3, embeddingActivation: 'relu' });
    expect(activations(rectified)).toEqual([...relus, 'relu', ...relus, 'linear']);
  });

  it('keeps the encoder where the decoder is dropped', () => {
    expect(encoderOf(study(3))).toEqual({ ...study(3), decoder: [] });
  });

  const wrong: [string, Partial<CaeParameters>, RegExp][] = [
    ['lists of different lengths', { kernels: [5, 5] }, /kernels: expected .* 3, and got 2/],
    ['too few paddings', { paddings: ['same'] }, /paddings: expected .* 3, and got 1/],
    ['no convolution', { filters: [], kernels: [], strides: [] }, /filters: .* none/],
    ['a stride of nothing', { strides: [4, 0, 2] }, /strides: .* got 0/],
    ['half a unit', { embeddingDim: 2.5 }, /embeddingDim: .* 2.5/],
    [
      'a kernel larger than what is left',
      { paddings: ['same', 'same', 'valid'], inputSize: [16, 16] },
      /encoder\.2/,
    ],
  ];
  it.each(wrong)('refuses %s, and names it', (_, change, message) => {
    const make = () => caeNetwork({ ...STUDY_NETWORK, embeddingDim: 3, ...change });
    expect(make).toThrow(ExpectedFailure);
    expect(make).toThrow(message);
  });
});
