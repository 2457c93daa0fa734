import { describe, expect, it } from 'vitest';
import { fitPanels } from '../../../../src/views/report/fit-panels.ts';
import { renderPage } from '../../../../src/views/report/render-page.ts';
import type { ReportData } from '../../../../src/views/report/report-data.ts';
import { PARTS, reportOf } from './report-data.ts';

const data = reportOf(27);
const panelsOf = ({ panels }: ReportData, kind: string) =>
  Object.values(panels).filter((panel) => panel.kind === kind);
const bytesOf = ({ panels, images }: ReportData) => JSON.stringify({ panels, images }).length;

describe('figures in the room there is', () => {
  it('leaves a report that fits as it is', () => {
    expect(fitPanels(data, 1_000_000)).toEqual(data);
  });

  it('shows fewer pictures of every point, of the same images, before any point has none', () => {
    // 27 × 0.4 kB of numbers; a pair each is 5 kB that all share, and 27 × 5 kB
    const fitted = fitPanels(data, 320_000);
    expect(fitted.leftOut).toBe(0);
    for (const panel of panelsOf(fitted, 'pictures'))
      expect(panel).toMatchObject({
        title: 'Images and their reconstructions, 2 of 3',
        pairs: [
          ['ct', expect.anything()],
          ['mri', expect.anything()],
        ],
      });
    expect(fitted.images).not.toHaveProperty('pet');
    expect(fitted.images).not.toHaveProperty('pet-of-1');
  });

  it('leaves pictures out before anything else, of later points first, and counts them', () => {
    const fitted = fitPanels(data, 60_000);
    const shown = panelsOf(fitted, 'pictures').length;
    expect(panelsOf(fitted, 'scatter')).toHaveLength(27);
    expect(shown).toBeGreaterThan(0);
    expect(fitted.leftOut).toBe(27 - shown);
    expect(fitted.points[0].panels).toHaveLength(2);
    expect(fitted.points[26].panels).toHaveLength(1);
    expect(renderPage(fitted, PARTS)).toContain(`${27 - shown} figures of points left out`);
  });

  it('keeps within the bytes given', () => {
    for (const bytes of [0, 1, 5_000, 100_000, 200_000, 400_000])
      expect(bytesOf(fitPanels(data, bytes))).toBeLessThanOrEqual(
        Math.max(bytesOf(fitPanels(data, 0)), bytes),
      );
  });
});
