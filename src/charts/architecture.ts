import { type LayerShapes, type Network, networkShapes } from '../core/network.ts';
import { formatCount } from './axes.ts';
import { BODY_HEIGHT, type Body, bodyWidth, drawBody } from './layer-body.ts';
import { drawTitle, MARGIN } from './layout.ts';
import { appearanceOf } from './palette.ts';
import { element, formatNumber, group, svgDocument } from './svg.ts';
import { drawText, LABEL_SIZE, MUTED, NOTE_SIZE, TICK_SIZE, widestText } from './text.ts';

export interface ArchitectureInput {
  readonly title?: string;
  readonly network: Network;
  /** Number of clusters, where a clustering layer stands on the embedding (DEC, DCEC). */
  readonly clusters?: number;
}

/** One picture in a row with the lines of text below it. */
interface Node extends Body {
  /** Layer, activation, output, parameters. */
  readonly lines: readonly [string, string, string, string];
}

const LINE_NAMES = ['layer', 'activation', 'output', 'parameters'];
const LINE = 15;
const NODE_GAP = 26;
const ROW_GAP = 22;

const COLOURS = {
  input: '#9a9a9a',
  conv: appearanceOf(0).colour,
  deconv: appearanceOf(2).colour,
  dense: appearanceOf(3).colour,
  embedding: appearanceOf(1).colour,
  shape: '#c4c4c4',
} as const;

/**
 * The layers of a network with shapes and parameter counts (Figures 3.2, 3.3): the encoder in one row, the
 * decoder below it, beginning again at the embedding. Heights follow the logarithm of the size of a feature
 * map or vector, thickness that of its channels.
 * @throws NetworkShapeError where layers do not fit together.
 */
export function drawArchitecture(input: ArchitectureInput): string {
  const { network, clusters, title } = input;
  const layers = networkShapes(network);
  const rows = rowsOf(network, layers, clusters);
  const names = widestText(LINE_NAMES, { size: NOTE_SIZE });
  const left = MARGIN + names + 14;
  const columns = rows.map(({ nodes }) => nodes.map((node) => nodeWidth(node)));
  const width = Math.max(...columns.map((row) => row.reduce((sum, one) => sum + one + NODE_GAP, -NODE_GAP)));
  const heading = drawTitle(title, { x: MARGIN, y: MARGIN, width: left - MARGIN + width });
  const rowHeight = LABEL_SIZE + 6 + BODY_HEIGHT + LINE_NAMES.length * LINE;
  const top = MARGIN + heading.height;
  const drawn = rows.map((row, index) =>
    drawRow(row, { x: left, y: top + index * (rowHeight + ROW_GAP), widths: columns[index] }),
  );
  const summary = summarise(layers, network, clusters);
  const bottom = top + rows.length * (rowHeight + ROW_GAP) - ROW_GAP + 12;
  return svgDocument(
    {
      width: left + width + MARGIN,
      height: bottom + TICK_SIZE + MARGIN,
      title: title ?? 'Network architecture',
      description: describe(rows, summary),
    },
    heading.svg,
    ...drawn,
    drawText({ text: summary, x: MARGIN, y: bottom + TICK_SIZE, size: TICK_SIZE }),
  );
}

interface Row {
  readonly name: string;
  readonly nodes: readonly Node[];
}

function rowsOf(network: Network, layers: readonly LayerShapes[], clusters: number | undefined): Row[] {
  const encoder = layers.filter(({ half }) => half === 'encoder');
  const decoder = layers.filter(({ half }) => half === 'decoder');
  const embedding = encoder[encoder.length - 1].output;
  const encoderNodes = [
    inputNode(network),
    ...encoder.map((layer, index) => layerNode(layer, index === encoder.length - 1)),
  ];
  if (clusters !== undefined) encoderNodes.push(clusteringNode(clusters, embedding[0]));
  const rows: Row[] = [{ name: 'Encoder', nodes: encoderNodes }];
  if (decoder.length > 0) {
    const start: Node = {
      kind: 'vector',
      shape: embedding,
      colour: COLOURS.embedding,
      lines: ['embedding', '', formatShape(embedding), ''],
      symbol: 'z',
    };
    rows.push({ name: 'Decoder', nodes: [start, ...decoder.map((layer) => layerNode(layer, false))] });
  }
  return rows;
}

function inputNode({ input }: Network): Node {
  return { kind: 'map', shape: input, colour: COLOURS.input, lines: ['input', '', formatShape(input), ''] };
}

function clusteringNode(clusters: number, dimensions: number): Node {
  return {
    kind: 'vector',
    shape: [clusters],
    colour: COLOURS.dense,
    lines: ['clustering', 'Student’s t', formatCount(clusters), formatCount(clusters * dimensions)],
    symbol: 'q',
  };
}

function layerNode(shapes: LayerShapes, isEmbedding: boolean): Node {
  const { layer, output } = shapes;
  const count = countParameters(shapes);
  const kind = output.length === 3 ? 'map' : 'vector';
  const colour = isEmbedding ? COLOURS.embedding : colourOf(layer.kind);
  const activation = 'activation' in layer ? (layer.activation === 'relu' ? 'ReLU' : layer.activation) : '';
  const lines = [
    layerName(layer),
    activation,
    output.join('×'),
    count > 0 ? formatCount(count) : '',
  ] as const;
  return { kind, shape: output, colour, lines, symbol: isEmbedding ? 'z' : undefined };
}

function colourOf(kind: LayerShapes['layer']['kind']): string {
  return kind === 'flatten' || kind === 'reshape' ? COLOURS.shape : COLOURS[kind];
}

/** 'conv 5×5 /4': the stride after the slash; 'same' padding is not named. */
function layerName(layer: LayerShapes['layer']): string {
  if (layer.kind !== 'conv' && layer.kind !== 'deconv') return layer.kind;
  const padding = layer.padding === 'valid' ? ' valid' : '';
  return `${layer.kind} ${layer.kernel}×${layer.kernel} /${layer.stride}${padding}`;
}

function formatShape(shape: readonly number[]): string {
  return shape.length === 1 ? formatCount(shape[0]) : shape.join('×');
}

function countParameters({ parameters }: LayerShapes): number {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

function nodeWidth(node: Node): number {
  return Math.max(bodyWidth(node), widestText(node.lines, { size: NOTE_SIZE }));
}

function drawRow({ name, nodes }: Row, at: { x: number; y: number; widths: readonly number[] }): string {
  const middle = at.y + LABEL_SIZE + 6 + BODY_HEIGHT / 2;
  const textTop = middle + BODY_HEIGHT / 2 + NOTE_SIZE;
  let x = at.x;
  let free = 0;
  const drawn = nodes.map((node, index) => {
    const centre = x + at.widths[index] / 2;
    const half = bodyWidth(node) / 2;
    const arrow = index > 0 ? drawArrow(free + 4, centre - half - 4, middle) : '';
    free = centre + half;
    x += at.widths[index] + NODE_GAP;
    const lines = node.lines.map((text, line) =>
      text === ''
        ? ''
        : drawText({
            text,
            x: centre,
            y: textTop + line * LINE,
            size: NOTE_SIZE,
            anchor: 'middle',
            colour: line === 1 ? MUTED : undefined,
          }),
    );
    return group({}, arrow, drawBody(node, centre, middle), ...lines);
  });
  const lineNames = LINE_NAMES.map((text, line) =>
    drawText({ text, x: at.x - 14, y: textTop + line * LINE, size: NOTE_SIZE, anchor: 'end', colour: MUTED }),
  );
  const heading = drawText({ text: name, x: MARGIN, y: at.y + LABEL_SIZE, size: LABEL_SIZE });
  return group({}, heading, ...lineNames, ...drawn);
}

function drawArrow(from: number, to: number, y: number): string {
  if (to - from < 6) return '';
  const n = (value: number) => formatNumber(value, 1);
  return element('path', {
    d: `M${n(from)} ${n(y)}H${n(to - 1)}M${n(to - 5)} ${n(y - 3)}L${n(to)} ${n(y)}L${n(to - 5)} ${n(y + 3)}`,
    fill: 'none',
    stroke: '#666666',
    'stroke-width': 1.1,
  });
}

function summarise(layers: readonly LayerShapes[], network: Network, clusters: number | undefined): string {
  const count = (half: 'encoder' | 'decoder') =>
    layers.filter((layer) => layer.half === half).reduce((sum, layer) => sum + countParameters(layer), 0);
  const parts: [string, number][] = [['encoder', count('encoder')]];
  if (network.decoder.length > 0) parts.push(['decoder', count('decoder')]);
  const embedding = layers.filter(({ half }) => half === 'encoder').at(-1)!.output[0];
  if (clusters !== undefined) parts.push(['clustering layer', clusters * embedding]);
  const total = parts.reduce((sum, [, one]) => sum + one, 0);
  const terms = parts.map(([name, one]) => `${name} ${formatCount(one)}`).join(' + ');
  return parts.length > 1
    ? `Parameters: ${terms} = ${formatCount(total)}`
    : `Parameters: ${formatCount(total)}`;
}

function describe(rows: readonly Row[], summary: string): string {
  const layers = rows.map(({ name, nodes }) => {
    const names = nodes.map(
      ({ lines }) => `${lines[0]} (${lines[2]}${lines[3] ? `, ${lines[3]} parameters` : ''})`,
    );
    return `${name}: ${names.join(', ')}`;
  });
  return `${layers.join('. ')}. ${summary}.`;
}
