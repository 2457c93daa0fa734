import type { Json, JsonObject } from '../core/json.ts';
import type { Point } from '../core/plan.ts';
import { showValue } from '../spec/describe-schema.ts';
import { own } from '../spec/own.ts';
import { type Piece, parsePieces, type Reference } from '../spec/references.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import { createShellQuoting } from './shell-quoting.ts';

export interface Expanded {
  readonly value: Json;
  /** The axes that the value was taken from. */
  readonly axes: ReadonlySet<string>;
  /** Why there is no value, where there is none. */
  readonly problem: string | null;
}

interface Reading {
  readonly axes: Set<string>;
  problem: string | null;
}

/** Expands `${{ … }}` at one point of the sweep. Parameters are expanded once, when first referred to. */
export class Expander {
  private readonly expandedParams = new Map<string, Expanded>();
  private readonly axes: ReadonlySet<string>;

  /** @param point values of axes, without references in them. */
  constructor(
    private readonly pipeline: EffectivePipeline,
    private readonly point: Point,
  ) {
    this.axes = new Set(Object.keys(point));
  }

  expand(value: Json): Expanded {
    const reading: Reading = { axes: new Set(), problem: null };
    return { value: this.visit(value, reading), axes: reading.axes, problem: reading.problem };
  }

  /** The same, for text that a shell reads: what stands in a reference's place is quoted, so that it stays one word. */
  expandShell(value: Json): Expanded {
    if (typeof value !== 'string') return this.expand(value);
    const pieces = parsePieces(value);
    if (pieces.length === 1) return this.expand(value);
    const reading: Reading = { axes: new Set(), problem: null };
    const quoting = createShellQuoting();
    const text = pieces.map((piece) => {
      const own = this.asText(piece, reading);
      return piece.kind === 'reference' ? quoting.quote(own) : quoting.pass(own);
    });
    return { value: text.join(''), axes: reading.axes, problem: reading.problem };
  }

  private visit(value: Json, reading: Reading): Json {
    if (typeof value === 'string') return value.includes('${{') ? this.visitText(value, reading) : value;
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((item) => this.visit(item, reading));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.visit(item, reading)]));
  }

  private visitText(text: string, reading: Reading): Json {
    const pieces = parsePieces(text);
    const [first] = pieces;
    // As a whole value a reference keeps its type; within text it becomes text.
    if (pieces.length === 1 && first.kind === 'reference')
      return this.resolve(first.reference, first.written, reading);
    return pieces.map((piece) => this.asText(piece, reading)).join('');
  }

  private asText(piece: Piece, reading: Reading): string {
    if (piece.kind === 'literal') return piece.text;
    if (piece.kind === 'bad') return piece.written; // the spec refused it
    const value = this.resolve(piece.reference, piece.written, reading);
    if (value === null || typeof value === 'object') {
      reading.problem ??= `${piece.written} is ${showValue(value)}, which cannot stand within text`;
      return '';
    }
    return String(value);
  }

  private resolve(reference: Reference, written: string, reading: Reading): Json {
    if (reference.kind === 'seed')
      return this.axes.has('seed') ? this.readAxis('seed', reading) : this.pipeline.seed;
    if (reference.kind === 'sweep') return this.readAxis(reference.axis, reading);
    const { name, inside } = reference;
    let value = this.axes.has(name) ? this.readAxis(name, reading) : this.readParam(name, reading);
    for (const key of inside) {
      const within = value !== null && typeof value === 'object' ? own(value as JsonObject, key) : undefined;
      if (within === undefined) {
        reading.problem ??= `${written} refers to nothing: there is no '${key}' in ${showValue(value)}`;
        return null;
      }
      value = within;
    }
    return value;
  }

  private readAxis(axis: string, reading: Reading): Json {
    reading.axes.add(axis);
    return own(this.point, axis) ?? null;
  }

  private readParam(name: string, reading: Reading): Json {
    let expanded = this.expandedParams.get(name);
    if (!expanded) {
      const written = own(this.pipeline.params, name) ?? null;
      // Only a sweep's values can close a circle: those of the parameters alone were refused before.
      this.expandedParams.set(name, { value: null, axes: new Set(), problem: `'${name}' refers to itself` });
      expanded = this.pipeline.overridden.has(name)
        ? { value: written, axes: new Set(), problem: null }
        : this.expand(written);
      this.expandedParams.set(name, expanded);
    }
    for (const axis of expanded.axes) reading.axes.add(axis);
    reading.problem ??= expanded.problem;
    return expanded.value;
  }
}
