import type { Diagnostic } from '../core/diagnostic.ts';

/** Longer lines are shown as a window around the place. */
const LINE_WIDTH = 120;

/**
 * A diagnostic as people read it: `file:line:column: error: message`, the line, carets below it, the hint.
 * @param text the pipeline file's text, which the position refers to.
 */
export function renderDiagnostic(diagnostic: Diagnostic, text: string): string {
  const { severity, message, hint, position } = diagnostic;
  const hintLine = hint ? [`  = ${hint}`] : [];
  if (!position) return [`${severity}: ${printable(message)}`, ...hintLine.map(printable)].join('\n');
  const head = `${position.file}:${position.line}:${position.column}: ${severity}: ${printable(message)}`;
  const line = lineOf(text, position.line);
  if (line === null || line.trim() === '') return [head, ...hintLine.map(printable)].join('\n');

  const { shown, start } = windowAround(line, position.column - 1);
  const before = shown.slice(0, start);
  const marked = shown.slice(start, start + position.length);
  const carets = '^'.repeat(Math.max(1, displayWidth(marked)));
  const gutter = String(position.line);
  const margin = ' '.repeat(gutter.length);
  return [
    head,
    `  ${gutter} | ${printable(shown)}`,
    `  ${margin} | ${padding(before)}${carets}`,
    ...hintLine.map((hint) => `  ${margin} ${printable(hint.slice(2))}`),
  ].join('\n');
}

function lineOf(text: string, line: number): string | null {
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return null;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
}

function windowAround(line: string, offset: number): { shown: string; start: number } {
  if (line.length <= LINE_WIDTH) return { shown: line, start: offset };
  const from = Math.max(0, Math.min(offset - LINE_WIDTH / 3, line.length - LINE_WIDTH));
  const cut = Math.floor(from);
  const head = cut > 0 ? '…' : '';
  const tail = cut + LINE_WIDTH < line.length ? '…' : '';
  return { shown: head + line.slice(cut, cut + LINE_WIDTH) + tail, start: offset - cut + head.length };
}

/** Control characters could move the cursor of the reader's terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** As wide as the text on a terminal, tabs kept, so that the carets stand below what they mean. */
function padding(text: string): string {
  return text.replace(/[^\t]/gu, (character) => ' '.repeat(displayWidth(character)));
}

function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** East Asian wide and fullwidth forms and pictographs (Unicode UAX 11), by block. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
