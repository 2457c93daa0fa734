import { spreadOfValues } from '../../core/spread.ts';
import { fitText, type Line, plain, type Span } from '../cells.ts';
import { formatNumber } from '../format.ts';
import { cellText, shortName } from './draw-points.ts';
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
  const cell = 20;
  const labels = new Map(names.map((name) => [name, shortName(name, names)]));
  // Two points fit beside the names wherever a terminal is wide enough for anything.
  const most = Math.max(12, Math.min(40, columns - 2 - 2 * cell));
  const nameWidth = Math.min(most, Math.max(10, ...[...labels.values()].map((name) => name.length)));
  const shown = order.slice(0, Math.max(1, Math.floor((columns - nameWidth - 2) / cell)));
  const title: Line = [
    { text: fitText(` ${groups.length} of ${marked.length} marked`, nameWidth + 2) },
    ...shown.map((group, at): Span => {
      const label = at === 0 ? 'baseline' : `point ${groups.indexOf(group) + 1}`;
      const seeds = group.rows.length > 1 ? ` n=${group.rows.length}` : '';
      return { text: fitText(label + seeds, cell, 'right'), style: { bold: true, inverse: at === 0 } };
    }),
  ];
  const lines = names.map((name): Line => {
    const isMetric = data.table?.better.has(name) ?? false;
    return [
      { text: ` ${fitText(labels.get(name)!, nameWidth)} ` },
      ...shown.map((group, at): Span => cellOf({ group, base: order[0], name, at, isMetric, data, cell })),
    ];
  });
  const hidden = order.length - shown.length;
  return [
    title,
    ...(lines.length > 0
      ? lines.slice(state.scroll, state.scroll + rows - 2)
      : [plain(' they do not differ')]),
    plain(hidden > 0 ? ` ${hidden} more do not fit` : '', { dim: true }),
  ];
}

function cellOf({
  group,
  base,
  name,
  at,
  isMetric,
  data,
  cell,
}: {
  group: Group;
  base: Group;
  name: string;
  at: number;
  isMetric: boolean;
  data: UiData;
  cell: number;
}): Span {
  if (!isMetric) return { text: fitText(cellText(group.point[name]), cell, 'right') };
  const [here, there] = [statistics(group, name), statistics(base, name)];
  if (!here) return { text: ' '.repeat(cell) };
  const spread = here.sd === null ? '' : ` ${data.look.unicode ? '±' : '+-'}${formatNumber(here.sd)}`;
  if (at === 0 || !there) return { text: fitText(formatNumber(here.mean) + spread, cell, 'right') };
  const delta = here.mean - there.mean;
  const better = data.table!.better.get(name);
  const good = better === 'higher' ? delta > 0 : delta < 0;
  const judged = better !== 'neither' && Math.abs(delta) > noiseOf(here.sd, there.sd);
  const text = `${formatNumber(here.mean)}${spread} ${delta >= 0 ? '+' : ''}${formatNumber(delta)}${judged ? (good ? '^' : 'v') : ' '}`;
  return { text: fitText(text, cell, 'right'), style: judged ? { fg: good ? 'green' : 'red' } : undefined };
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
  return name in point ? point[name] : rows.map((row) => valueIn(row, name));
}

const statistics = ({ rows }: Group, name: string) =>
  spreadOfValues(rows.flatMap((row) => row.metrics[name] ?? []));
