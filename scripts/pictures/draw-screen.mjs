// Lines of a terminal with colour codes (ECMA-48 SGR) as an SVG of a dark window. Blocks and braille are drawn
// as shapes and each run of text is given its width, so that the picture is the same with any monospaced font.
const [CELL_WIDTH, CELL_HEIGHT, MARGIN, BASELINE] = [8.4, 18, 14, 13.4];
const [GROUND, INK] = ['#1b1f27', '#d8dee9'];
const NAMED = ['#20242c', '#f07178', '#a3d977', '#ffcb6b', '#7aa2f7', '#c792ea', '#6fc3df', '#d8dee9'];
const BRIGHT = ['#5c6370', '#ff8b92', '#b9ec8d', '#ffe08a', '#9ab8ff', '#deb0ff', '#8fe0f7', '#ffffff'];
const SPARKS = '▁▂▃▄▅▆▇█';
/** Dots of braille by their bit: column, row. */
const DOTS = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
  [1, 2],
  [0, 3],
  [1, 3],
];

/** @returns the SVG; as wide as `columns` cells */
export function drawScreen(lines, { columns, title }) {
  const shapes = [];
  const texts = [];
  lines.forEach((line, row) => {
    const cells = readCells(line).slice(0, columns);
    const y = MARGIN + row * CELL_HEIGHT;
    runsOf(cells, ({ style }) => style.ground).forEach(({ from, length, value }) => {
      if (value) shapes.push(rect(from, y, { columns: length, height: CELL_HEIGHT, colour: value }));
    });
    cells.forEach(({ character, style }, column) => {
      const shape = shapeOf(character, column, y, style);
      if (shape) shapes.push(shape);
    });
    const key = ({ character, style }) =>
      character === ' ' || isShape(character) ? '' : `${style.ink}|${style.bold}|${style.dim}`;
    for (const { from, length, value } of runsOf(cells, key)) {
      if (value === '') continue;
      const [ink, bold, dim] = value.split('|');
      const text = cells
        .slice(from, from + length)
        .map(({ character }) => character)
        .join('');
      const looks = `${ink === INK ? '' : ` fill="${ink}"`}${bold === 'true' ? ' font-weight="bold"' : ''}${dim === 'true' ? ' opacity="0.6"' : ''}`;
      texts.push(
        `<text x="${round(MARGIN + from * CELL_WIDTH)}" y="${round(y + BASELINE)}" textLength="${round(length * CELL_WIDTH)}"${looks}>${escaped(text)}</text>`,
      );
    }
  });
  const width = round(columns * CELL_WIDTH + 2 * MARGIN);
  const height = round(lines.length * CELL_HEIGHT + 2 * MARGIN);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="${INK}"><title>${escaped(title)}</title><rect width="100%" height="100%" rx="8" fill="${GROUND}"/>
${[...shapes, ...texts].join('\n')}
</svg>
`;
}

const isShape = (character) =>
  character >= '\u2580' && character <= '\u28ff' && !/[\u25a0-\u27ff]/.test(character);

function shapeOf(character, column, y, style) {
  const colour = style.ink;
  const opacity = style.dim ? 0.6 : 1;
  const spark = SPARKS.indexOf(character);
  if (spark >= 0) {
    const height = ((spark + 1) / 8) * CELL_HEIGHT;
    return rect(column, y + CELL_HEIGHT - height, { columns: 1, height, colour, opacity });
  }
  if (character === '▀') return rect(column, y, { columns: 1, height: CELL_HEIGHT / 2, colour, opacity });
  if (character === '░') return rect(column, y, { columns: 1, height: CELL_HEIGHT, colour, opacity: 0.25 });
  const bits = character.codePointAt(0) - 0x2800;
  if (bits <= 0 || bits > 255) return null;
  const dots = DOTS.filter((_, bit) => bits & (1 << bit)).map(([dotColumn, dotRow]) => {
    const cx = MARGIN + column * CELL_WIDTH + CELL_WIDTH * (0.25 + 0.5 * dotColumn);
    const cy = y + CELL_HEIGHT * (0.125 + 0.25 * dotRow);
    return `M${round(cx - 1.5)} ${round(cy)}a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0`;
  });
  return `<path d="${dots.join('')}" fill="${colour}"/>`;
}

function rect(column, y, { columns, height, colour, opacity = 1 }) {
  const x = MARGIN + column * CELL_WIDTH;
  // Neighbours of one colour must not show the ground between them; faint ones must not lie over each other.
  const seam = opacity < 1 ? 0 : 0.3;
  const faint = opacity < 1 ? ` opacity="${opacity}"` : '';
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(columns * CELL_WIDTH + seam)}" height="${round(height + seam)}" fill="${colour}"${faint}/>`;
}

/** Neighbours with one value as `{ from, length, value }`. */
function runsOf(cells, of) {
  const runs = [];
  cells.forEach((cell, at) => {
    const value = of(cell);
    const last = runs.at(-1);
    if (last && last.value === value) last.length++;
    else runs.push({ from: at, length: 1, value });
  });
  return runs;
}

/** One `{ character, style }` a column. */
function readCells(line) {
  const cells = [];
  let codes = plain();
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    const match = /^\u001b\[([0-9;]*)m$/.exec(part);
    if (match) codes = applied(codes, match[1].split(';').map(Number));
    else for (const character of part) cells.push({ character, style: styleOf(codes) });
  }
  return cells;
}

const plain = () => ({ ink: null, ground: null, bold: false, dim: false, inverse: false });

function styleOf({ ink, ground, bold, dim, inverse }) {
  if (inverse) return { ink: ground ?? GROUND, ground: ink ?? INK, bold, dim: false };
  return { ink: ink ?? INK, ground, bold, dim };
}

function applied(before, codes) {
  let style = { ...before };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 0) style = plain();
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 7) style.inverse = true;
    else if (code === 22) style.bold = style.dim = false;
    else if (code === 27) style.inverse = false;
    else if (code === 39) style.ink = null;
    else if (code === 49) style.ground = null;
    else if (code >= 30 && code <= 37) style.ink = NAMED[code - 30];
    else if (code >= 40 && code <= 47) style.ground = NAMED[code - 40];
    else if (code >= 90 && code <= 97) style.ink = BRIGHT[code - 90];
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(codes.slice(at + 1));
      style[code === 38 ? 'ink' : 'ground'] = colour;
      at += used;
    }
  }
  return style;
}

/** What follows 38 or 48: `2;r;g;b` or an index of xterm's palette `5;n`. */
function extended([kind, ...rest]) {
  if (kind === 2) return [hex(rest.slice(0, 3)), 4];
  const [index] = rest;
  if (index < 8) return [NAMED[index], 2];
  if (index < 16) return [BRIGHT[index - 8], 2];
  if (index > 231) return [hex(Array(3).fill(8 + 10 * (index - 232))), 2];
  const level = (value) => (value === 0 ? 0 : 55 + 40 * value);
  const cube = index - 16;
  return [hex([level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)]), 2];
}

const hex = (parts) => `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
const round = (value) => Math.round(value * 100) / 100;
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
