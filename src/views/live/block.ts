import type { Line } from '../cells.ts';
import { displayWidth } from '../text-table.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Synchronised output: terminals that know it show no halves; others pass over it. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const ERASE_BELOW = '\u001b[J';
/**
 * In the first column, before the text: a terminal that was narrower remembers which rows it wrapped, and would join
 * them when it is wider, were they only written over.
 */
const ERASE_TO_END = '\u001b[K';

export interface BlockOutput {
  readonly columns?: number;
  /** What was written and not taken yet, bytes. */
  readonly writableLength: number;
  write(text: string): unknown;
}

/**
 * Some lines at the end of what a terminal shows, painted over in place; the scrollback above stays as it is.
 * The cursor waits in the row below them. What a terminal has not taken yet is never added to: a slow line
 * gets fewer pictures, not later ones.
 */
export class Block {
  #shown: readonly { readonly text: string; readonly width: number }[] = [];
  #columns = 0;
  #hidden = false;
  #above: string[] = [];

  constructor(
    readonly out: BlockOutput,
    /** Lines as the terminal takes them. */
    readonly lay: (lines: readonly Line[], columns: number) => readonly string[],
  ) {}

  /** Lines that stay: they go above the block with the next picture. */
  keep(lines: readonly string[]): void {
    this.#above.push(...lines);
  }

  /** @returns whether it was painted, or the terminal is not ready. */
  paint(lines: readonly Line[]): boolean {
    if (this.out.writableLength > 0) return false;
    const columns = this.out.columns || 80;
    const laid = this.lay(lines, columns);
    const next = lines.map((line, at) => ({
      text: laid[at] ?? '',
      width: line.reduce((sum, { text }) => sum + displayWidth(text), 0),
    }));
    const whole = this.#above.length > 0 || columns !== this.#columns;
    const same = whole ? 0 : firstDifference(this.#shown, next);
    if (!whole && same === next.length && same === this.#shown.length) return true;
    const up = whole ? this.#rowsNow(columns) : this.#shown.length - same;
    let out = this.#hidden ? '' : HIDE_CURSOR;
    if (up > 0) out += `\u001b[${up}A`;
    for (const line of this.#above) out += `${ERASE_TO_END}${line}${ERASE_TO_END}\r\n`;
    for (let at = same; at < next.length; at++) {
      const unchanged = !whole && this.#shown[at]?.text === next[at].text;
      out += unchanged ? '\r\n' : `${ERASE_TO_END}${next[at].text}\r\n`;
    }
    this.out.write(`${BEGIN}\r${out}${ERASE_BELOW}${END}`);
    this.#hidden = true;
    this.#shown = next;
    this.#columns = columns;
    this.#above = [];
    return true;
  }

  /** Takes the block away; what was to be kept stays. */
  clear(): void {
    if (!this.#hidden) return;
    const up = this.#rowsNow(this.out.columns || 80);
    const above = this.#above.map((line) => `${line}\r\n`).join('');
    const back = up > 0 ? `\u001b[${up}A` : '';
    // Row by row: what is erased below the top left corner, tmux puts into its scrollback.
    this.out.write(`\r${back}${`${ERASE_TO_END}\r\n`.repeat(up)}${back}${above}${SHOW_CURSOR}`);
    this.#forget();
    this.#above = [];
  }

  /** The cursor comes back and the lines stay where they are; the next picture is painted below. */
  release(): void {
    if (!this.#hidden) return;
    this.out.write(SHOW_CURSOR);
    this.#forget();
  }

  #forget(): void {
    this.#shown = [];
    this.#hidden = false;
  }

  /** A terminal that became narrower has wrapped the lines by now. */
  #rowsNow(columns: number): number {
    return this.#shown.reduce((sum, { width }) => sum + Math.max(1, Math.ceil(width / columns)), 0);
  }
}

function firstDifference(a: readonly { text: string }[], b: readonly { text: string }[]): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at].text === b[at].text) at++;
  return at;
}
