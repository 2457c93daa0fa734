import xterm from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { type Line, plain } from '../../../../src/views/cells.ts';
import { Block } from '../../../../src/views/live/block.ts';
import { drawRun } from '../../../../src/views/live/draw-run.ts';
import { createInkFrame } from '../../../../src/views/live/ink-frame.tsx';
import { EMPTY_RUN, reduceRun } from '../../../../src/views/run-state.ts';
import { symbolsFor } from '../../../../src/views/symbols.ts';
import { progressed, runEvents, STARTED, started } from '../../../support/run-events.ts';

/** A terminal that keeps what was written to it, and shows it as xterm would. */
class Paper {
  written = '';
  writableLength = 0;
  readonly terminal: InstanceType<typeof xterm.Terminal>;

  constructor(
    public columns = 40,
    readonly rows = 10,
  ) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  }

  write(text: string): boolean {
    this.written += text;
    this.terminal.write(text);
    return true;
  }

  resize(columns: number): void {
    this.columns = columns;
    this.terminal.resize(columns, this.rows);
  }

  /** All of the scrollback, without trailing empty rows. */
  async text(): Promise<string[]> {
    await new Promise<void>((done) => this.terminal.write('', done));
    const { active } = this.terminal.buffer;
    const rows = Array.from({ length: active.length }, (_, row) =>
      active.getLine(row)!.translateToString(true),
    );
    while (rows.at(-1) === '') rows.pop();
    return rows;
  }
}

const lines = (...texts: string[]): Line[] => texts.map((text) => plain(text));

describe('Block', () => {
  it('paints over itself, below what was there before', async () => {
    const paper = new Paper();
    const block = new Block(paper, createInkFrame('none').lay);
    paper.write('before\r\n');
    block.paint(lines('one', 'two', 'three'));
    block.paint(lines('one', 'TWO'));
    expect(await paper.text()).toEqual(['before', 'one', 'TWO']);
    block.paint(lines('one', 'TWO', '3', '4'));
    expect(await paper.text()).toEqual(['before', 'one', 'TWO', '3', '4']);
    block.clear();
    expect(await paper.text()).toEqual(['before']);
    expect(paper.written.endsWith('\u001b[?25h')).toBe(true); // the cursor is there again
  });

  it('writes only the lines that changed, and nothing where none did', () => {
    const paper = new Paper();
    const block = new Block(paper, createInkFrame('none').lay);
    block.paint(lines('a long line that stays', 'x1', 'tail'));
    paper.written = '';
    block.paint(lines('a long line that stays', 'x2', 'tail'));
    expect(paper.written).toContain('x2');
    expect(paper.written).not.toMatch(/stays|tail/);
    paper.written = '';
    block.paint(lines('a long line that stays', 'x2', 'tail'));
    expect(paper.written).toBe('');
  });

  it('keeps lines above it, in the scrollback', async () => {
    const paper = new Paper();
    const block = new Block(paper, createInkFrame('none').lay);
    block.paint(lines('one'));
    block.keep(['note: kept']);
    block.paint(lines('two'));
    expect(await paper.text()).toEqual(['note: kept', 'two']);
    block.keep(['and this']);
    block.clear();
    expect(await paper.text()).toEqual(['note: kept', 'and this']);
  });

  it('leaves no pieces behind where the terminal becomes narrower and wraps its lines, or wider', async () => {
    const paper = new Paper(40);
    const block = new Block(paper, createInkFrame('none').lay);
    paper.write('before\r\n');
    block.paint(lines('x'.repeat(39), 'y'.repeat(30)));
    for (const columns of [16, 25, 40, 12]) {
      paper.resize(columns);
      const next = lines('x'.repeat(columns - 1), 'y'.repeat(8));
      block.paint(next);
      expect(await paper.text()).toEqual(['before', 'x'.repeat(columns - 1), 'y'.repeat(8)]);
    }
  });

  it('eats nothing above it where the terminal becomes narrower and wider again', async () => {
    const paper = new Paper(40);
    const block = new Block(paper, createInkFrame('none').lay);
    const above = Array.from({ length: 30 }, (_, row) => `line ${row}`);
    paper.write(above.map((line) => `${line}\r\n`).join(''));
    block.paint(lines('x'.repeat(39), 'y'.repeat(8)));
    for (const columns of [22, 40, 15, 40, 22, 40]) {
      paper.resize(columns);
      // What was wrapped is told in two lines now: no terminal may take them for one when it is wider.
      const next = columns < 40 ? ['a', 'b', 'c'] : ['x'.repeat(39), 'y'.repeat(8)];
      block.paint(lines(...next));
      expect(await paper.text(), `${columns}`).toEqual([...above, ...next]);
    }
  });

  it('writes nothing while the terminal has not taken the last picture, and then the newest', async () => {
    const paper = new Paper();
    const block = new Block(paper, createInkFrame('none').lay);
    paper.writableLength = 100;
    expect(block.paint(lines('one'))).toBe(false);
    expect(paper.written).toBe('');
    paper.writableLength = 0;
    expect(block.paint(lines('two'))).toBe(true);
    expect(await paper.text()).toEqual(['two']);
  });

  it('needs less than 10 KiB a second for eight steps that train, at five pictures a second, and clears nothing', () => {
    const paper = new Paper(200, 50);
    const block = new Block(paper, createInkFrame('truecolor').lay);
    const symbols = symbolsFor({ LANG: 'C.UTF-8' }, 'linux');
    const look = { symbols, depth: 'truecolor', unicode: true } as const;
    const ids = Array.from({ length: 8 }, (_, at) => `pretrain@embeddingDim=${at},seed=0`);
    const events = runEvents(STARTED, ...ids.map(started));
    let state = events.reduce(reduceRun, EMPTY_RUN);
    const startMs = Date.parse(events.at(-1)!.at);
    const [pictures, everyMs] = [100, 200];
    for (let picture = 0; picture < pictures; picture++) {
      const nowMs = startMs + picture * everyMs;
      for (const [at, id] of ids.entries()) {
        const body = progressed(id, picture, 1 / (picture + at + 1));
        state = reduceRun(state, { ...runEvents(body)[0], at: new Date(nowMs).toISOString() });
      }
      block.paint(drawRun({ state, nowMs, look, columns: 200, rows: 50, interrupting: false }));
    }
    const bytes = Buffer.byteLength(paper.written);
    expect(bytes / ((pictures * everyMs) / 1000)).toBeLessThan(10 * 1024);
    expect(bytes).toBeGreaterThan(pictures * 100); // something was painted each time
    expect(paper.written).not.toMatch(/\u001b\[[23]J/);
  });
});
