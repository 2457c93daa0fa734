import type { Diagnostic } from '../core/diagnostic.ts';

/** Deeper than any pipeline, and far from the end of the stack of what reads it. */
export const DEPTH_LIMIT = 64;

/** What the lexer puts before a document, a broken flow collection and a scalar; stands for no text. */
const CONTROL = new Set(['\u0002', '\u0018', '\u001f']);

/**
 * Finds the place where collections nest too deeply, from the tokens alone: the composer is
 * recursive, so it must not see such a text. Linear, and ends at the first such place.
 */
export function checkNesting(tokens: Iterable<string>, file: string): Diagnostic | null {
  let offset = 0;
  let line = 1;
  let lineStart = 0;
  let flowDepth = 0;
  /** Columns where the enclosing block collections may have begun: each lies deeper in than the one around it. */
  const columns: number[] = [];
  let opensBlock = true;
  let previous = '';
  for (const token of tokens) {
    const isScalar = previous === '\u001f';
    previous = token;
    if (CONTROL.has(token)) continue;
    const column = offset - lineStart;
    const indicator = !isScalar && (token === '-' || token === '?');
    if (!isScalar && (token === '[' || token === '{')) flowDepth++;
    else if (!isScalar && (token === ']' || token === '}')) flowDepth = Math.max(0, flowDepth - 1);
    else if (flowDepth === 0 && (indicator || (opensBlock && !/^[\s#]/.test(token)))) {
      while (columns.length > 0 && columns[columns.length - 1] >= column) columns.pop();
      columns.push(column);
    }
    if (flowDepth + columns.length > DEPTH_LIMIT) {
      return {
        severity: 'error',
        code: 'too-deep',
        message: `lists and mappings nest more than ${DEPTH_LIMIT} deep here`,
        position: { file, line, column: column + 1, length: 1 },
      };
    }
    if (!/^[ \t]+$/.test(token)) opensBlock = indicator || token.endsWith('\n');
    for (let index = token.indexOf('\n'); index >= 0; index = token.indexOf('\n', index + 1)) {
      line++;
      lineStart = offset + index + 1;
    }
    offset += token.length;
  }
  return null;
}
