import { MARGIN } from './layout.ts';
import { element, formatNumber, group, svgDocument } from './svg.ts';
import { baselineShift, drawText, INK, MUTED, measureText, NOTE_SIZE, TICK_SIZE } from './text.ts';

export interface StepGraphInput {
  readonly nodes: readonly {
    readonly key: string;
    /** Written below the key. */
    readonly note: string;
    readonly state: 'made' | 'failed' | 'skipped';
  }[];
  /** Keys: from what is made to what is made of it. An edge to an unknown key is left out. */
  readonly edges: readonly (readonly [from: string, to: string])[];
}

const BOX_HEIGHT = 40;
const ROW_GAP = 34;
const COLUMN_GAP = 18;
const PADDING = 12;
const BORDERS = { made: INK, failed: '#D55E00', skipped: '#999999' } as const;

/**
 * A directed graph without cycles from the top down: a node stands one row below the lowest of what it is
 * made of, and in a row beside those that share its sources (Sugiyama's layers, ordered by barycentre). An
 * edge that other edges lead to as well is not drawn (transitive reduction); the description names it.
 */
export function drawStepGraph({ nodes, edges }: StepGraphInput): string {
  const known = edges.filter(([from, to]) =>
    [from, to].every((key) => nodes.some((node) => node.key === key)),
  );
  const drawn = reduceEdges(known);
  const rows = orderRows(nodes, drawn);
  const widthOf = (node: Node) =>
    2 * PADDING +
    Math.max(
      measureText(node.key, { size: TICK_SIZE, bold: true }),
      measureText(node.note, { size: NOTE_SIZE }),
    );
  const rowWidth = (row: readonly Node[]) =>
    row.reduce((sum, node) => sum + widthOf(node), 0) + COLUMN_GAP * Math.max(0, row.length - 1);
  const width = Math.max(1, ...rows.map(rowWidth));
  const places = new Map<string, Place>();
  for (const [index, row] of rows.entries()) {
    let x = MARGIN + (width - rowWidth(row)) / 2;
    for (const node of row) {
      places.set(node.key, { x, y: MARGIN + index * (BOX_HEIGHT + ROW_GAP), width: widthOf(node) });
      x += widthOf(node) + COLUMN_GAP;
    }
  }
  return svgDocument(
    {
      width: width + 2 * MARGIN,
      height: Math.max(1, rows.length) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 2 * MARGIN,
      title: 'Steps and what they are made of',
      description: `${nodes.length} steps: ${known.map(([from, to]) => `${from} to ${to}`).join(', ')}.`,
    },
    group(
      { fill: 'none', stroke: '#8a8a8a', 'stroke-width': 1.2 },
      ...drawn.map(([from, to]) => drawEdge(places.get(from)!, places.get(to)!)),
    ),
    ...nodes.map((node) => drawNode(node, places.get(node.key)!)),
  );
}

type Node = StepGraphInput['nodes'][number];
interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Without the edges whose end is reached from their beginning over other nodes too. */
function reduceEdges(edges: StepGraphInput['edges']): StepGraphInput['edges'] {
  const next = new Map<string, string[]>();
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const isRoundabout = (from: string, to: string) => {
    const seen = new Set<string>();
    const queue = (next.get(from) ?? []).filter((key) => key !== to);
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      if (key === to) return true;
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(...(next.get(key) ?? []));
    }
    return false;
  };
  return edges.filter(([from, to]) => !isRoundabout(from, to));
}

function orderRows(nodes: readonly Node[], edges: StepGraphInput['edges']): Node[][] {
  const level = new Map(nodes.map(({ key }) => [key, 0]));
  // As often as the longest path can be long; a cycle would end there too.
  for (let pass = 0; pass < nodes.length; pass++) {
    for (const [from, to] of edges) level.set(to, Math.max(level.get(to)!, level.get(from)! + 1));
    if (edges.every(([from, to]) => level.get(to)! > level.get(from)!)) break;
  }
  const rows: Node[][] = [];
  for (const node of nodes) {
    const at = Math.min(level.get(node.key)!, nodes.length - 1);
    while (rows.length <= at) rows.push([]);
    rows[at].push(node);
  }
  const filled = rows.filter((row) => row.length > 0);
  const position = new Map<string, number>();
  for (const row of filled) {
    const centre = (node: Node, index: number) => {
      const sources = edges.flatMap(([from, to]) => (to === node.key ? (position.get(from) ?? []) : []));
      return sources.length === 0
        ? index / row.length
        : sources.reduce((sum, at) => sum + at, 0) / sources.length;
    };
    const centres = new Map(row.map((node, index) => [node.key, centre(node, index)]));
    row.sort((a, b) => centres.get(a.key)! - centres.get(b.key)!);
    for (const [index, node] of row.entries()) position.set(node.key, (index + 0.5) / row.length);
  }
  return filled;
}

function drawEdge(from: Place, to: Place): string {
  const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + BOX_HEIGHT, to.x + to.width / 2, to.y];
  const bend = (y2 - y1) / 2;
  const n = formatNumber;
  const curve = `M${n(x1)} ${n(y1)}C${n(x1)} ${n(y1 + bend)} ${n(x2)} ${n(y2 - bend)} ${n(x2)} ${n(y2 - 5)}`;
  return element('path', { d: `${curve}m-3.5 -1l3.5 6l3.5 -6` });
}

function drawNode({ key, note, state }: Node, { x, y, width }: Place): string {
  const middle = x + width / 2;
  return group(
    {},
    element('rect', {
      x,
      y,
      width,
      height: BOX_HEIGHT,
      rx: 5,
      fill: '#fff',
      stroke: BORDERS[state],
      'stroke-width': state === 'made' ? 1 : 2,
      'stroke-dasharray': state === 'skipped' ? '4 3' : undefined,
    }),
    drawText({
      text: key,
      x: middle,
      y: y + 15 + baselineShift(TICK_SIZE) - 2,
      anchor: 'middle',
      bold: true,
    }),
    drawText({
      text: note,
      x: middle,
      y: y + 29 + baselineShift(NOTE_SIZE),
      anchor: 'middle',
      size: NOTE_SIZE,
      colour: MUTED,
    }),
  );
}
