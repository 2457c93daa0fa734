import { describe, expect, it } from 'vitest';
import { categoryScale, linearScale } from '../../../src/charts/axes.ts';
import { drawFrame } from '../../../src/charts/frame.ts';
import { svgDocument } from '../../../src/charts/svg.ts';
import { drawnTexts, textBoxes, textFaults } from './read-svg.ts';

const yAxis = { scale: linearScale([0, 1]), label: 'y' };
const whole = (frame: { svg: string; outerWidth: number; outerHeight: number }) =>
  svgDocument(
    { width: frame.outerWidth, height: frame.outerHeight, title: 't', description: 'd' },
    frame.svg,
  );

describe('frame', () => {
  it('maps the ends of the domains onto the corners of the inner area', () => {
    const frame = drawFrame({
      x: 5,
      y: 7,
      width: 200,
      height: 100,
      xAxis: { scale: linearScale([0, 10]) },
      yAxis,
    });
    expect([frame.px(0), frame.px(10)]).toEqual([frame.left, frame.left + 200]);
    expect([frame.py(0), frame.py(1)]).toEqual([frame.top + 100, frame.top]);
  });

  it('keeps labels inside its outer size, whatever their length', () => {
    for (const high of [1, 1e5, 1e-5, 2.5e9]) {
      const scale = linearScale([-high, high]);
      const frame = drawFrame({
        x: 0,
        y: 0,
        width: 300,
        height: 150,
        xAxis: { scale, label: 'x' },
        yAxis: { scale, label: 'y' },
      });
      expect(textFaults(whole(frame))).toEqual([]);
    }
  });

  it('slants names that do not fit side by side', () => {
    const axis = (names: string[]) => ({ scale: categoryScale(names), label: 'method' });
    const draw = (names: string[]) =>
      whole(drawFrame({ x: 0, y: 0, width: 200, height: 100, xAxis: axis(names), yAxis }));
    const slanted = (svg: string) =>
      textBoxes(svg).filter(({ rotated, text }) => rotated && text !== 'y').length;
    expect(slanted(draw(['a', 'b']))).toBe(0);
    const long = draw(['k-means on pixels', 'k-means on the embedding', 'finetuned']);
    expect(slanted(long)).toBe(3);
    expect(textFaults(long)).toEqual([]);
  });

  it('leaves out tick labels that would overlap', () => {
    const values = [1000, 1001, 1002, 1500, 2000];
    const scale = linearScale([1000, 2000], { values, nice: false });
    const svg = whole(
      drawFrame({ x: 0, y: 0, width: 200, height: 100, xAxis: { scale }, yAxis: { ...yAxis, bare: true } }),
    );
    expect(drawnTexts(svg)).toEqual(['1,000', '1,500', '2,000']);
  });
});
