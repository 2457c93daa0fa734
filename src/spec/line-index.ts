import type { Position } from '../core/diagnostic.ts';

export interface LineIndex {
  /** Line of an offset, from 1. */
  readonly lineOf: (offset: number) => number;
  /** The place of a range; what goes on in further lines is not underlined. */
  readonly place: (file: string, start: number, end: number) => Position;
}

/** Finds lines and columns. The YAML library's own counter loses lines within broken scalars. */
export function indexLines(text: string): LineIndex {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  const lineOf = (offset: number): number => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
  const place = (file: string, from: number, to: number): Position => {
    const start = Math.min(Math.max(0, from), text.length);
    const line = lineOf(start);
    const rest = text.slice(start, Math.max(start, to)).search(/[\r\n]/);
    const length = rest < 0 ? to - start : rest;
    return { file, line, column: start - starts[line - 1] + 1, length: Math.max(1, length) };
  };
  return { lineOf, place };
}
