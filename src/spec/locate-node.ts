import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { ValuePath } from './problem.ts';

type Range = readonly [start: number, end: number];

/** Offsets of the key or value at a path, or of the nearest thing around it that is written. */
export function locate(contents: unknown, path: ValuePath, what: 'key' | 'value', text: string): Range {
  let found: Range = isNode(contents) ? valueRange(contents, text) : [0, 1];
  let node: unknown = contents;
  for (const [depth, part] of path.entries()) {
    if (isAlias(node)) return found; // what an alias stands for is written elsewhere: the alias is the place
    if (isMap(node)) {
      const pair = pairOf(node, String(part));
      if (!pair) return found;
      const key = isNode(pair.key) ? nodeRange(pair.key) : found;
      const value = isNode(pair.value) ? valueRange(pair.value, text) : null;
      const last = depth === path.length - 1;
      // A block mapping is no place one can underline: the key above it is.
      found = last && what === 'value' && value && value[1] > value[0] ? value : key;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(part)];
      if (!isNode(item)) return found;
      found = valueRange(item, text);
      node = item;
    } else return found;
  }
  return found;
}

/** Pairs of mappings by their keys: places are asked for all parameters of all stages. */
const pairs = new WeakMap<YAMLMap, ReadonlyMap<string | null, Pair>>();

/** The pair under a key; the last one, should there be several. */
function pairOf(map: YAMLMap, key: string): Pair | undefined {
  let known = pairs.get(map);
  if (!known) {
    known = new Map(map.items.map((pair) => [keyText(pair.key), pair]));
    pairs.set(map, known);
  }
  return known.get(key);
}

/** The name that a key stands for; null where it is no plain scalar. */
export function keyText(key: unknown): string | null {
  if (!isScalar(key)) return null;
  if (typeof key.value === 'string') return key.value;
  if (key.value === null) return null;
  return typeof key.source === 'string' ? key.source : String(key.value);
}

function nodeRange(node: Node): Range {
  return node.range ? [node.range[0], node.range[1]] : [0, 1];
}

function valueRange(node: Node, text: string): Range {
  const [start, end] = nodeRange(node);
  return [start, start + text.slice(start, end).trimEnd().length];
}

export { nodeRange };
