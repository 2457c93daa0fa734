import { isNode, isScalar, parseDocument } from 'yaml';
import type { Json } from '../core/json.ts';
import { pathText, type ValuePath } from './problem.ts';

export interface ValueEdit {
  readonly path: ValuePath;
  /** A single value: a number, a text, true, false or null. */
  readonly value: Json;
}

/**
 * The text of a pipeline file with other values at these places; every other character, comments and
 * blanks included, stays as it is.
 * @returns the text and the line of each edit; a problem where a place holds no single value that is written there.
 */
export function editValues(
  text: string,
  edits: readonly ValueEdit[],
): { readonly text: string; readonly lines: readonly number[] } | { readonly problem: string } {
  const document = parseDocument(text, { version: '1.2', schema: 'core', logLevel: 'error' });
  const splices: { readonly start: number; readonly end: number; readonly insert: string }[] = [];
  for (const { path, value } of edits) {
    const node = document.getIn(path, true);
    if (isNode(node) && !isScalar(node))
      return { problem: `'${pathText(path)}' holds no single value: it cannot be rewritten` };
    if (!isScalar(node) || !node.range)
      return { problem: `'${pathText(path)}' is written elsewhere, or not at all: it cannot be rewritten` };
    const [start, end] = node.range;
    const blank = start === end && text[start - 1] === ':' ? ' ' : '';
    splices.push({ start, end, insert: `${blank}${valueText(value)}` });
  }
  const lines = splices.map(({ start }) => text.slice(0, start).split('\n').length);
  splices.sort((a, b) => b.start - a.start);
  let edited = text;
  for (const { start, end, insert } of splices) edited = edited.slice(0, start) + insert + edited.slice(end);
  return { text: edited, lines };
}

/** Text in quotes, so that no digest is taken for a number. */
function valueText(value: Json): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}
