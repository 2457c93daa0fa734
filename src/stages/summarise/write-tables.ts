import type { Spread } from '../../core/spread.ts';
import { writeArtifactFile } from '../../formats/artifact-file.ts';
import { writeCsv } from '../../formats/csv.ts';
import { type Group, spreadOf } from './group-entries.ts';
import { type Entry, valueText } from './read-entries.ts';

export interface Table {
  readonly groups: readonly Group[];
  /** Axes that make rows. */
  readonly axes: readonly string[];
  /** Full names of metrics. */
  readonly columns: readonly string[];
  readonly caption: string;
}

export async function writeTables(folder: string, table: Table): Promise<void> {
  await writeArtifactFile(folder, 'table.csv', toCsv(table));
  await writeArtifactFile(folder, 'table.md', toMarkdown(table));
  await writeArtifactFile(folder, 'table.tex', toLatex(table));
}

/** Every entry with its metrics as they are. */
export async function writePoints(
  folder: string,
  {
    entries,
    axes,
    columns,
  }: { entries: readonly Entry[]; axes: readonly string[]; columns: readonly string[] },
): Promise<void> {
  const rows = entries.map(({ input, point, values }) => [
    input,
    ...axes.map((axis) => valueText(point[axis])),
    ...columns.map((column) => values.get(column) ?? ''),
  ]);
  await writeArtifactFile(folder, 'points.csv', writeCsv(['step', ...axes, ...columns], rows));
}

function toCsv({ groups, axes, columns }: Table): string {
  const header = ['step', ...axes, 'n', ...columns.flatMap((column) => [`${column}.mean`, `${column}.sd`])];
  const rows = groups.map((group) => [
    ...rowHead(group, axes),
    ...columns.flatMap((column) => {
      const spread = spreadOf(group, column);
      return [spread?.mean ?? '', spread?.sd ?? ''];
    }),
  ]);
  return writeCsv(header, rows);
}

function toMarkdown({ groups, axes, columns, caption }: Table): string {
  const header = ['step', ...axes, 'n', ...columns.map(columnTitle)];
  const align = header.map((_, index) => (index === 0 ? '---' : '---:'));
  const rows = groups.map((group) => [
    ...rowHead(group, axes),
    ...columns.map((column) => cellText(spreadOf(group, column), ' ± ')),
  ]);
  const lines = [header, align, ...rows].map(
    (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`,
  );
  return `${caption ? `${caption}\n\n` : ''}${lines.join('\n')}\n\nMean ± standard deviation over n.\n`;
}

function toLatex({ groups, axes, columns, caption }: Table): string {
  const line = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`;
  const header = ['step', ...axes, '$n$', ...columns.map(columnTitle)];
  const rows = groups.map((group) => [
    ...rowHead(group, axes).map((cell) => escapeLatex(String(cell))),
    ...columns.map((column) => cellText(spreadOf(group, column), ' $\\pm$ ')),
  ]);
  return [
    '% needs \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    ...(caption ? [`  \\caption{${escapeLatex(caption)}}`] : []),
    `  \\begin{tabular}{l${'r'.repeat(header.length - 1)}}`,
    '    \\toprule',
    line(header.map((cell) => (cell === '$n$' ? cell : escapeLatex(cell)))),
    '    \\midrule',
    ...rows.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}

function rowHead({ input, point, entries }: Group, axes: readonly string[]): (string | number)[] {
  return [input, ...axes.map((axis) => valueText(point[axis])), entries.length];
}

/** `ACC (test)` of `test.acc`. */
export function columnTitle(column: string): string {
  const [split, metric] = column.includes('.') ? column.split('.') : [null, column];
  const known: { readonly [name: string]: string } = {
    acc: 'ACC',
    nmi: 'NMI',
    ari: 'ARI',
    mse: 'MSE',
    kl: 'KL',
  };
  return `${known[metric] ?? metric}${split === null ? '' : ` (${split})`}`;
}

function cellText(spread: Spread | null, plusMinus: string): string {
  if (!spread) return '';
  const digits = digitsFor(spread.mean);
  const mean = spread.mean.toFixed(digits);
  return spread.sd === null ? mean : `${mean}${plusMinus}${spread.sd.toFixed(digits)}`;
}

/** Three digits after the point, or as many as show three significant ones: .622, .00171. */
function digitsFor(value: number): number {
  const exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
  return Math.min(12, Math.max(3, 2 - exponent));
}

function escapeLatex(text: string): string {
  const escapes: { readonly [character: string]: string } = {
    '\\': '\\textbackslash{}',
    '~': '\\textasciitilde{}',
    '^': '\\textasciicircum{}',
  };
  return text.replace(/[\\~^&%$#_{}]/g, (character) => escapes[character] ?? `\\${character}`);
}
