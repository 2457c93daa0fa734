import { describe, expect, it } from 'vitest';
import { drawArchitecture } from '../../../src/charts/architecture.ts';
import type { ConvLayer, DeconvLayer, Network } from '../../../src/core/network.ts';
import { descriptionOf, drawnTexts, elementsOf, readSvg, textFaults } from './read-svg.ts';

const conv = (filters: number, kernel: number, stride: number): ConvLayer => ({
  kind: 'conv',
  filters,
  kernel,
  stride,
  padding: 'same',
  activation: 'relu',
});
const deconv = (filters: number, kernel: number, stride: number, side: number): DeconvLayer => ({
  ...conv(filters, kernel, stride),
  kind: 'deconv',
  activation: side === 128 ? 'linear' : 'relu',
  output: [side, side],
});

/** The study's network, Table 3.2. */
const study: Network = {
  input: [128, 128, 1],
  encoder: [
    conv(16, 5, 4),
    conv(32, 5, 4),
    conv(32, 3, 2),
    { kind: 'flatten' },
    { kind: 'dense', units: 3, activation: 'linear' },
  ],
  decoder: [
    { kind: 'dense', units: 512, activation: 'relu' },
    { kind: 'reshape', shape: [4, 4, 32] },
    deconv(32, 3, 2, 8),
    deconv(16, 5, 4, 32),
    deconv(1, 5, 4, 128),
  ],
};

describe('architecture', () => {
  it('shows the shapes and parameter counts of Table 3.2, and their sum', () => {
    const svg = drawArchitecture({ network: study });
    const counts = ['416', '12,832', '9,248', '1,539', '2,048', '9,248', '12,816', '401'];
    expect(drawnTexts(svg).filter((text) => counts.includes(text))).toEqual(counts);
    expect(drawnTexts(svg)).toEqual(
      expect.arrayContaining([
        '128×128×1',
        '32×32×16',
        '8×8×32',
        '4×4×32',
        '512',
        'conv 5×5 /4',
        'deconv 3×3 /2',
      ]),
    );
    expect(drawnTexts(svg)).toContain('Parameters: encoder 24,035 + decoder 24,513 = 48,548');
    expect(textFaults(svg)).toEqual([]);
  });

  it('shows few units as discs, at the end of the encoder and the start of the decoder', () => {
    expect(elementsOf(readSvg(drawArchitecture({ network: study })), 'circle')).toHaveLength(6);
  });

  it('adds a clustering layer of clusters × dimensions parameters', () => {
    const svg = drawArchitecture({ network: study, clusters: 4, title: 'DCEC' });
    expect(drawnTexts(svg)).toEqual(expect.arrayContaining(['clustering', 'Student’s t', '12', 'q']));
    expect(descriptionOf(svg)).toContain('clustering layer 12 = 48,560');
    expect(textFaults(svg)).toEqual([]);
  });

  it('draws an encoder alone in one row', () => {
    const svg = drawArchitecture({ network: { ...study, decoder: [] } });
    expect(drawnTexts(svg)).toContain('Encoder');
    expect(drawnTexts(svg)).not.toContain('Decoder');
    expect(drawnTexts(svg)).toContain('Parameters: 24,035');
  });

  it('names valid padding, and fits a deep network of any size', () => {
    const deep: Network = {
      input: [1024, 1024, 3],
      encoder: [
        ...Array.from({ length: 8 }, () => ({ ...conv(512, 7, 2), padding: 'valid' as const })).slice(0, 7),
        { kind: 'flatten' },
        { kind: 'dense', units: 100, activation: 'relu' },
      ],
      decoder: [],
    };
    const svg = drawArchitecture({ network: deep });
    expect(drawnTexts(svg)).toContain('conv 7×7 /2 valid');
    expect(textFaults(svg)).toEqual([]);
  });

  it('refuses layers that do not fit together', () => {
    const network: Network = { ...study, decoder: [], encoder: [conv(1, 3, 1)] };
    expect(() => drawArchitecture({ network })).toThrow('must end in a dense layer');
  });
});
