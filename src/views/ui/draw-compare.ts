import { spreadOfValues } from '../../core/spread.ts';
import { fitText, type Line, plain, type Span } from '../cells.ts';
import { axisText } from '../compare/axis-text.ts';
import { formatNumber } from '../format.ts';
import { displayWidth } from '../text-table.ts';
import { shortName } from './draw-points.ts';
import { type PointRow, valueIn } from './point-table.ts';
import type { UiData, UiState } from './state.ts';

interface Group {
  readonly point: PointRow['point'];
  readonly rows: readonly PointRow[];
}

/** Marked points side by side: a row a parameter or metric, the difference to the baseline beside each value. */
export function drawCompare(
  state: UiState,
  data: UiData,
  { columns, rows }: { columns: number; rows: number },
): Line[] {
  const all = data.table?.rows ?? [];
  const marked = state.marked.flatMap((key) => all.find((row) => row.key === key) ?? []);
  if (marked.length === 0) return [plain(' the marked points are gone')];
  const groups = groupRows(marked, state.overSeeds);
  const base = Math.min(state.baseline, groups.length - 1);
  // The baseline first, so that it is never out of sight.
  const order = [groups[base], ...groups.filter((_, at) => at !== base)];
  const names = (data.table?.columns() ?? []).filter((name) => {
    if (state.overSeeds && name === 'seed') return false;
    const texts = groups.map((group) => JSON.stringify(valuesOf(group, name)));
    return !state.onlyDiffering || groups.length < 2 || new Set(texts).size > 1;
  });
  const labels = new Map(names.map((name) => [name, shortName(name, names)]));
  const isMetric = (name: string) => data.table?.better.has(name) ?? false;
  const cellsOf = (name: string) =>
    order.map((group, at) => cellOf({ group, base: order[0], name, at, isMetric: isMetric(name), data }));
  const titles = order.map((group, at) => {
    const label = at === 0 ? 'baseline' : `point ${groups.indexOf(group) + 1}`;
    return group.rows.length > 1 ? `${label} n=${group.rows.length}` : label;
  });
  const rowsShown = names.slice(state.scroll, state.scroll + rows - 2).map((name) => ({
    label: labels.get(name)!,
    cells: cellsOf(name),
  }));
  const texts = [...titles, ...rowsShown.flatMap(({ cells }) => cells.map(({ text }) => text))];
  const cell = Math.max(...texts.map(displayWidth)) + 2;
  // Two points fit beside the names wherever a terminal is wide enough for anything.
  const most = Math.max(12, Math.min(40, columns - 2 - 2 * cell));
  const nameWidth = Math.min(most, Math.max(10, ...[...labels.values()].map((name) => name.length)));
  const shown = Math.min(order.length, Math.max(1, Math.floor((columns - nameWidth - 2) / cell)));
  const title: Line = [
    { text: fitText(` ${groups.length} of ${marked.length} marked`, nameWidth + 2) },
    ...titles.slice(0, shown).flatMap((text, at): Line => {
      const gap = ' '.repeat(Math.max(0, cell - displayWidth(text)));
      return [{ text: gap }, { text, style: { bold: true, inverse: at === 0 } }];
    }),
  ];
  const lines = rowsShown.map(
    ({ label, cells }): Line => [
      { text: ` ${fitText(label, nameWidth)} ` },
      ...cells
        .slice(0, shown)
        .map(({ text, style }): Span => ({ text: fitText(text, cell, 'right'), style })),
    ],
  );
  const hidden = order.length - shown;
  return [
    title,
    ...(lines.length > 0 ? lines : [plain(' they do not differ')]),
    plain(hidden > 0 ? ` ${hidden} more do not fit` : '', { dim: true }),
  ];
}

interface CellRequest {
  readonly group: Group;
  readonly base: Group;
  readonly name: string;
  readonly at: number;
  readonly isMetric: boolean;
  readonly data: UiData;
}

function cellOf({ group, base, name, at, isMetric, data }: CellRequest): Span {
  if (!isMetric) return { text: axisText(group.point[name]) };
  const [here, there] = [statistics(group, name), statistics(base, name)];
  if (!here) return { text: '' };
  const spread = here.sd === null ? '' : ` ${data.look.unicode ? '±' : '+-'}${formatNumber(here.sd)}`;
  if (at === 0 || !there) return { text: formatNumber(here.mean) + spread };
  const difference = here.mean - there.mean;
  // Means of the same values added in another order are the same.
  const delta = Math.abs(difference) <= 1e-12 * Math.abs(here.mean) ? 0 : difference;
  const better = data.table!.better.get(name);
  const good = better === 'higher' ? delta > 0 : delta < 0;
  const judged = better !== 'neither' && Math.abs(delta) > noiseOf(here.sd, there.sd);
  const text = `${formatNumber(here.mean)}${spread} ${delta >= 0 ? '+' : ''}${formatNumber(delta)}${judged ? (good ? '^' : 'v') : ' '}`;
  return { text, style: judged ? { fg: good ? 'green' : 'red' } : undefined };
}

/** What is no difference, as in `clade compare`: both spreads together; anything where one of them is not known. */
function noiseOf(here: number | null, there: number | null): number {
  if (here === null && there === null) return 0;
  return here === null || there === null ? Number.POSITIVE_INFINITY : Math.sqrt(here * here + there * there);
}

/** Points that agree but for their seed are one group. */
function groupRows(rows: readonly PointRow[], overSeeds: boolean): Group[] {
  if (!overSeeds) return rows.map((row) => ({ point: row.point, rows: [row] }));
  const groups = new Map<string, { point: PointRow['point']; rows: PointRow[] }>();
  for (const row of rows) {
    const { seed: _, ...point } = row.point;
    const key = JSON.stringify(point);
    const group = groups.get(key) ?? { point, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function valuesOf({ point, rows }: Group, name: string) {
  return name in point ? point[name] : [...new Set(rows.map((row) => valueIn(row, name)))];
}

const statistics = ({ rows }: Group, name: string) =>
  spreadOfValues(rows.flatMap((row) => row.metrics[name] ?? []));
