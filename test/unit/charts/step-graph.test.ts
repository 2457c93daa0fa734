import { describe, expect, it } from 'vitest';
import { drawStepGraph, type StepGraphInput } from '../../../src/charts/step-graph.ts';
import { descriptionOf, drawnTexts, elementsOf, readSvg, textFaults } from './read-svg.ts';

const node = (key: string, state: 'made' | 'failed' = 'made') => ({ key, note: 'one step', state });
const STUDY: StepGraphInput = {
  nodes: ['ingest', 'split', 'pretrain', 'kmeans', 'evaluate'].map((key) => node(key)),
  edges: [
    ['ingest', 'split'],
    ['split', 'pretrain'],
    ['split', 'kmeans'],
    ['pretrain', 'kmeans'],
    ['kmeans', 'evaluate'],
    ['ingest', 'evaluate'],
  ],
};
const boxes = (svg: string) =>
  elementsOf(readSvg(svg), 'rect')
    .filter(({ attributes }) => attributes.rx)
    .map(({ attributes }) => ({
      x: Number(attributes.x),
      y: Number(attributes.y),
      width: Number(attributes.width),
    }));
const arrows = (svg: string) => elementsOf(readSvg(svg), 'path');

describe('the graph of steps', () => {
  it('draws a step below all that it is made of', () => {
    const [ingest, split, pretrain, kmeans, evaluate] = boxes(drawStepGraph(STUDY)).map(({ y }) => y);
    expect([ingest, split, pretrain, kmeans, evaluate]).toEqual(
      [ingest, split, pretrain, kmeans, evaluate].sort((a, b) => a - b),
    );
    expect(new Set([ingest, split, pretrain, kmeans, evaluate]).size).toBe(5);
  });

  it('leaves out the arrows that others lead along too, and names all in words', () => {
    const svg = drawStepGraph(STUDY);
    expect(arrows(svg)).toHaveLength(4); // not split → kmeans, nor ingest → evaluate
    expect(descriptionOf(svg)).toContain('ingest to evaluate');
  });

  it('puts steps of one row side by side without touching', () => {
    const nodes = ['a', 'b', 'c', 'a step with a long name'].map((key) => node(key));
    const placed = boxes(drawStepGraph({ nodes, edges: [] })).sort((a, b) => a.x - b.x);
    expect(new Set(placed.map(({ y }) => y)).size).toBe(1);
    for (const [index, { x }] of placed.entries())
      if (index > 0) expect(x).toBeGreaterThanOrEqual(placed[index - 1].x + placed[index - 1].width + 10);
  });

  it('tells a failed step by more than colour', () => {
    const svg = drawStepGraph({
      nodes: [node('good'), { ...node('bad', 'failed'), note: 'failed' }],
      edges: [],
    });
    expect(drawnTexts(svg)).toContain('failed');
  });

  it('draws nothing, edges to nowhere and circles without end or fault', () => {
    expect(textFaults(drawStepGraph({ nodes: [], edges: [] }))).toEqual([]);
    const circle = drawStepGraph({
      nodes: [node('a'), node('b')],
      edges: [
        ['a', 'b'],
        ['b', 'a'],
        ['a', 'gone'],
      ],
    });
    expect(boxes(circle)).toHaveLength(2);
  });
});
