import type { ComparisonTable } from './compare-points.ts';
import { BEST } from './summary-table.ts';

/** A booktabs table; what is best beyond the spread is bold. @param left how many columns hold names. */
export function comparisonLatex({ columns, rows }: ComparisonTable, left: number): string {
  const alignment = columns.map((_, at) => (at < left ? 'l' : 'r')).join('');
  const line = (cells: readonly string[]) => `  ${cells.map(cellLatex).join(' & ')} \\\\`;
  return `${[
    '% needs \\usepackage{booktabs}',
    `\\begin{tabular}{${alignment}}`,
    '  \\toprule',
    line(columns),
    '  \\midrule',
    ...rows.map(line),
    '  \\bottomrule',
    '\\end{tabular}',
  ].join('\n')}\n`;
}

function cellLatex(text: string): string {
  const mark = ` ${BEST}`;
  if (!text.includes(mark)) return escapeLatex(text);
  return `\\textbf{${escapeLatex(text.replace(mark, ''))}}`;
}

const SPECIAL: { readonly [character: string]: string } = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '±': '$\\pm$',
  '−': '$-$',
  '→': '$\\to$',
  '[': '{[}', // at the start of a line after \\ it would be an option
  γ: '$\\gamma$',
};

/** Text as LaTeX sets it. */
export function escapeLatex(text: string): string {
  return text.replace(/[\\~^±−→[γ&%$#_{}]/g, (character) => SPECIAL[character] ?? `\\${character}`);
}
