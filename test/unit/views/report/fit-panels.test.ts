import { describe, expect, it } from 'vitest';
import { fitPanels } from '../../../../src/views/report/fit-panels.ts';
import { renderPage } from '../../../../src/views/report/render-page.ts';
import { PARTS, reportOf } from './report-data.ts';

describe('figures in the room there is', () => {
  it('leaves a report that fits as it is', () => {
    const data = reportOf(3);
    expect(fitPanels(data, 1_000_000)).toBe(data);
  });

  it('leaves pictures out before anything else, of later points first, and counts them', () => {
    const data = reportOf(27);
    const fitted = fitPanels(data, 60_000);
    const kinds = Object.values(fitted.panels).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'scatter')).toHaveLength(27);
    expect(kinds.filter((kind) => kind === 'pictures')).toHaveLength(5); // 27 × 0.25 kB, then 10 kB each
    expect(fitted.leftOut).toBe(22);
    expect(fitted.points[0].panels).toHaveLength(2);
    expect(fitted.points[26].panels).toHaveLength(1);
    expect(renderPage(fitted, PARTS)).toContain('22 figures of points left out');
  });

  it('keeps within the bytes given', () => {
    const data = reportOf(27);
    for (const bytes of [0, 1, 5_000, 100_000, 200_000])
      expect(JSON.stringify(fitPanels(data, bytes).panels).length).toBeLessThanOrEqual(Math.max(2, bytes));
  });
});
