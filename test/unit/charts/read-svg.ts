import { measureText } from '../../../src/charts/text.ts';

/** An element of a picture. */
export interface SvgElement {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: SvgElement[];
  /** Character data directly inside, entities decoded. */
  text: string;
}

const ENTITIES: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** A strict reader of the XML that charts write. @throws where it is not well-formed. */
export function readSvg(svg: string): SvgElement {
  const root: SvgElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const token = /<(\/?)([A-Za-z]+)((?:\s+[A-Za-z:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (let match = token.exec(svg); match; match = token.exec(svg)) {
    end = token.lastIndex;
    const [, closing, name, attributes, empty, text] = match;
    const parent = open[open.length - 1];
    if (text !== undefined) parent.text += decode(text);
    else if (closing) {
      if (parent.name !== name) throw new Error(`</${name}> closes <${parent.name}>`);
      open.pop();
    } else {
      const element = { name, attributes: readAttributes(attributes), children: [], text: '' };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (end !== svg.length) throw new Error(`not XML at ${end}: ${svg.slice(end, end + 60)}`);
  if (open.length !== 1 || root.children.length !== 1) throw new Error('not one closed root element');
  return root.children[0];
}

function readAttributes(source: string): { [name: string]: string } {
  const attributes: { [name: string]: string } = {};
  for (const [, name, value] of source.matchAll(/([A-Za-z:-]+)="([^"]*)"/g)) {
    if (name in attributes) throw new Error(`attribute ${name} twice`);
    attributes[name] = decode(value);
  }
  return attributes;
}

function decode(text: string): string {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) throw new Error('a character that XML forbids');
  return text.replace(/&([^;]*;?)/g, (whole, name: string) => {
    const character = ENTITIES[name.replace(';', '')];
    if (!character || !name.endsWith(';')) throw new Error(`a bare & in ${whole}`);
    return character;
  });
}

/** All elements with a name, in document order. */
export function elementsOf(root: SvgElement, name: string): SvgElement[] {
  return root.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...elementsOf(child, name),
  ]);
}

/** The texts that are drawn (not title or desc). */
export function drawnTexts(svg: string): string[] {
  return elementsOf(readSvg(svg), 'text').map(({ text }) => text);
}

export function descriptionOf(svg: string): string {
  return elementsOf(readSvg(svg), 'desc')[0].text;
}

export interface TextBox {
  readonly text: string;
  readonly rotated: boolean;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Boxes about the drawn texts, px; a rotated one is the box about its rotated corners. */
export function textBoxes(svg: string): TextBox[] {
  return elementsOf(readSvg(svg), 'text').map(({ text, attributes }) => {
    const size = Number(attributes['font-size']);
    const width = measureText(text, { size, bold: attributes['font-weight'] === 'bold' });
    const [x, y] = [Number(attributes.x), Number(attributes.y)];
    const anchor = attributes['text-anchor'];
    const start = anchor === 'middle' ? -width / 2 : anchor === 'end' ? -width : 0;
    const degrees = Number(/rotate\((-?[\d.]+)/.exec(attributes.transform ?? '')?.[1] ?? 0);
    const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
    // Digits and capitals rise 0.73 em; descenders reach 0.2 em below the baseline.
    const corners = [start, start + width].flatMap((dx) =>
      [-0.73 * size, 0.2 * size].map((dy) => [x + dx * cosine - dy * sine, y + dx * sine + dy * cosine]),
    );
    const [xs, ys] = [corners.map((corner) => corner[0]), corners.map((corner) => corner[1])];
    return {
      text,
      rotated: degrees !== 0,
      left: Math.min(...xs),
      right: Math.max(...xs),
      top: Math.min(...ys),
      bottom: Math.max(...ys),
    };
  });
}

/** Pairs of level texts that cover each other, and texts that leave the picture: none in a good picture. */
export function textFaults(svg: string): string[] {
  const { width, height } = readSvg(svg).attributes;
  const boxes = textBoxes(svg);
  const outside = boxes
    .filter((box) => box.left < 0 || box.top < 0 || box.right > Number(width) || box.bottom > Number(height))
    .map(({ text }) => `'${text}' leaves the picture`);
  const level = boxes.filter(({ rotated }) => !rotated);
  const overlaps = level.flatMap((one, index) =>
    level
      .slice(index + 1)
      .filter(
        (two) => one.left < two.right && two.left < one.right && one.top < two.bottom && two.top < one.bottom,
      )
      .map((two) => `'${one.text}' and '${two.text}' overlap`),
  );
  return [...outside, ...overlaps];
}

/** The numbers of all coordinates in path data. */
export function pathNumbers(d: string): number[] {
  return [...d.matchAll(/-?\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits));
}
