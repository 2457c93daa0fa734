import { describe, expect, it } from 'vitest';
import { EMPTY_RUN } from '../../../../src/views/run-state.ts';
import { symbolsFor } from '../../../../src/views/symbols.ts';
import { displayWidth } from '../../../../src/views/text-table.ts';
import { drawPoints } from '../../../../src/views/ui/draw-points.ts';
import { type PointRow, PointTable } from '../../../../src/views/ui/point-table.ts';
import { INITIAL_STATE, type UiData } from '../../../../src/views/ui/state.ts';

const look = { symbols: symbolsFor({ LANG: 'C.UTF-8' }, 'linux'), depth: 'none', unicode: true } as const;
const POINTS = [
  { embeddingDim: 3, gamma: 0.01, seed: 0 },
  { embeddingDim: 3, gamma: 0.1, seed: 0 },
];
const METRICS = ['evaluate-cae.test.acc', 'evaluate-dcec.test.acc', 'evaluate-dcec.test.nmi'];

function shown(columns: number, column = 0): string[] {
  const table = new PointTable(POINTS, new Map());
  const rows: PointRow[] = table.rows.map((row) => ({
    ...row,
    metrics: Object.fromEntries(METRICS.map((name) => [name, 0.25])),
  }));
  const data: UiData = {
    folder: 'artifacts',
    runs: [],
    run: EMPTY_RUN,
    table,
    rows,
    columns: [...table.axes, ...METRICS],
    detail: null,
    loading: false,
    nowMs: 0,
    look,
  };
  const lines = drawPoints({ ...INITIAL_STATE, screen: 'points', column }, data, { columns, rows: 10 });
  return lines.map((line) => line.map(({ text }) => text).join(''));
}

describe('the table of points', () => {
  it('shows parameters as they were written, and metrics in four digits', () => {
    expect(shown(100)[1]).toMatch(/^> . +3 +0\.01 +0 +0\.2500/);
    expect(shown(100)[2]).toMatch(/ 0\.1 +0 +0\.2500/);
  });

  it('shows a metric at 60 columns too, whose title may be cut, its values not', () => {
    expect(shown(60)[0]).toMatch(/embeddingDim +gamma +seed +evaluate-cae\.test\.acc *$/);
    expect(shown(54)[0]).toMatch(/embeddingDim +gamma +seed +evalu\S*~\S*\.acc *$/);
    for (const columns of [54, 60]) expect(shown(columns)[1]).toMatch(/ 0\.2500 *$/);
  });

  it.each([40, 60, 80, 100, 200])('stays within %i columns, and shows the chosen column', (columns) => {
    for (const column of [0, 2, 3, 5]) {
      const lines = shown(columns, column);
      expect(Math.max(...lines.map((line) => displayWidth(line.trimEnd())))).toBeLessThanOrEqual(columns);
      const end = ['embeddingDim', 'seed', 'cae.test.acc', 'test.nmi'][[0, 2, 3, 5].indexOf(column)];
      expect(lines[0]).toContain(end.slice(-6));
    }
  });
});
