import { isAlias, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import type { Json } from '../core/json.ts';
import type { LineIndex } from './line-index.ts';
import { keyText, nodeRange } from './locate-node.ts';

/** Values that a file may stand for, those behind aliases counted each time. */
const VALUE_LIMIT = 200_000;

export interface NodeProblem {
  readonly range: readonly [start: number, end: number];
  readonly code: string;
  readonly message: (lines: LineIndex) => string;
  readonly hint?: string;
}

interface Anchored {
  readonly value: Json;
  /** How many values it stands for. */
  readonly count: number;
}

/** YAML's nodes as JSON, and all that JSON cannot hold or that was written twice. */
export function convertNodes(root: unknown, text: string): { value: Json; problems: NodeProblem[] } {
  const conversion = new Conversion(text);
  const value = conversion.convert(root);
  return { value: conversion.refused ? null : value, problems: conversion.problems };
}

class Conversion {
  readonly problems: NodeProblem[] = [];
  private readonly anchors = new Map<string, Anchored | 'unfinished'>();
  private count = 0;
  /** Too large to be looked at: the value is not whole. */
  refused = false;

  constructor(private readonly text: string) {}

  convert(node: unknown): Json {
    if (!isNode(node) || this.refused) return null;
    if (isAlias(node)) return this.resolveAlias(node);
    const before = this.count++;
    if (node.anchor) this.anchors.set(node.anchor, 'unfinished');
    const value = this.convertContent(node);
    if (node.anchor) this.anchors.set(node.anchor, { value, count: this.count - before });
    return value;
  }

  private resolveAlias(alias: Node & { source: string }): Json {
    const name = alias.source;
    const anchored = this.anchors.get(name);
    if (anchored === undefined) {
      this.refuse(
        alias,
        'yaml-syntax',
        `the alias '*${name}' stands for nothing: no '&${name}' comes before it`,
      );
      return null;
    }
    if (anchored === 'unfinished') {
      this.refuse(alias, 'alias-cycle', `the alias '*${name}' stands for a value that it is part of`);
      return null;
    }
    this.count += anchored.count;
    if (this.count > VALUE_LIMIT) {
      this.refused = true;
      this.refuse(
        alias,
        'alias-bomb',
        `aliases make this file stand for more than ${VALUE_LIMIT} values`,
        'an alias repeats all that its anchor holds, the aliases in it included',
      );
    }
    return anchored.value;
  }

  private convertContent(node: Node): Json {
    const { tag } = node as { tag?: string };
    if (tag !== undefined && !PLAIN_TAGS.has(tag)) {
      this.refuse(node, 'yaml-tag', `a pipeline has no use for the tag '${tag}'`);
      return null;
    }
    if (isScalar(node)) return this.convertScalar(node);
    if (isSeq(node)) return node.items.map((item) => this.convert(item));
    if (isMap(node)) return this.convertMap(node);
    return null;
  }

  private convertScalar(node: Node & { value: unknown; source?: string }): Json {
    const { value, source = '' } = node;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.refuse(node, 'not-finite', `${source} is not a finite number`);
      return null;
    }
    if (
      typeof value === 'number' &&
      Number.isInteger(value) &&
      !Number.isSafeInteger(value) &&
      /^[-+]?\d+$/.test(source)
    ) {
      this.refuse(
        node,
        'inexact-number',
        `${source} is too large to be held exactly`,
        'quote it if it is a name',
      );
      return null;
    }
    if (typeof value === 'bigint' || typeof value === 'object') return value === null ? null : String(value);
    return value as Json;
  }

  private convertMap(node: Node & { items: { key: unknown; value: unknown }[] }): Json {
    const object: { [key: string]: Json } = {};
    const first = new Map<string, number>();
    for (const pair of node.items) {
      const keyNode = isNode(pair.key) ? pair.key : node;
      if (isNode(pair.key)) this.noteAnchor(pair.key);
      const key = keyText(pair.key);
      if (key === null || key === '__proto__') {
        const written = key ?? this.text.slice(...nodeRange(keyNode)).split('\n')[0];
        this.refuse(keyNode, 'bad-key', `a key must be a word or a number, not '${written}'`);
        continue;
      }
      const [start] = nodeRange(keyNode);
      const earlier = first.get(key);
      if (earlier !== undefined) {
        this.problems.push({
          range: nodeRange(keyNode),
          code: 'duplicate-key',
          message: (lines) => `duplicate key '${key}': it stands on line ${lines.lineOf(earlier)} already`,
        });
      } else first.set(key, start);
      object[key] = this.convert(pair.value);
    }
    return object;
  }

  /** A key may be anchored too. */
  private noteAnchor(key: Node): void {
    const name = keyText(key);
    const { anchor } = key as { anchor?: string };
    if (anchor && name !== null) this.anchors.set(anchor, { value: name, count: 1 });
  }

  private refuse(node: Node, code: string, message: string, hint?: string): void {
    this.problems.push({ range: nodeRange(node), code, message: () => message, ...(hint ? { hint } : {}) });
  }
}

const PLAIN_TAGS = new Set(
  ['map', 'seq', 'str', 'int', 'float', 'bool', 'null'].map((name) => `tag:yaml.org,2002:${name}`),
);
