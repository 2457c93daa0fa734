import type { Json } from '../core/json.ts';

/**
 * What `${{ … }}` may name: a parameter of the pipeline (or a value inside it), a swept axis, the
 * pipeline's seed.
 */
export type Reference =
  | { readonly kind: 'params'; readonly name: string; readonly inside: readonly string[] }
  | { readonly kind: 'sweep'; readonly axis: string }
  | { readonly kind: 'seed' };

/** A piece of a text: literal, or a reference with how it was written. */
export type Piece =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'reference'; readonly reference: Reference; readonly written: string }
  | { readonly kind: 'bad'; readonly written: string; readonly expression: string };

/** Might this text hold a reference or an escaped one? Cheap, and never wrong where it says no. */
export function mayRefer(text: string): boolean {
  return text.includes('${{');
}

/** Takes a text apart. `$${{` is a literal `${{`. */
export function parsePieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = '';
  let offset = 0;
  while (offset < text.length) {
    if (text.startsWith('$${{', offset)) {
      literal += '${{';
      offset += 4;
    } else if (text.startsWith('${{', offset)) {
      if (literal) pieces.push({ kind: 'literal', text: literal });
      literal = '';
      const close = text.indexOf('}}', offset);
      const end = close < 0 ? text.length : close + 2;
      const written = text.slice(offset, end);
      const expression = text.slice(offset + 3, close < 0 ? text.length : close).trim();
      const reference = close < 0 ? null : parseReference(expression);
      pieces.push(
        reference ? { kind: 'reference', reference, written } : { kind: 'bad', written, expression },
      );
      offset = end;
    } else {
      literal += text[offset];
      offset++;
    }
  }
  if (literal) pieces.push({ kind: 'literal', text: literal });
  return pieces;
}

function parseReference(expression: string): Reference | null {
  if (expression === 'seed') return { kind: 'seed' };
  const [head, name, ...inside] = expression.split('.');
  if (!name || [name, ...inside].some((part) => !/^[\w-]+$/.test(part))) return null;
  if (head === 'params') return { kind: 'params', name, inside };
  if (head === 'sweep' && inside.length === 0) return { kind: 'sweep', axis: name };
  return null;
}

/** Does any text in this value hold a reference (or an escaped one)? */
export function holdsReference(value: Json): boolean {
  if (typeof value === 'string') return mayRefer(value);
  if (value === null || typeof value !== 'object') return false;
  return Object.values(value).some(holdsReference);
}

/** All references below a value, with the path of the text that each stands in. */
export function* referencesIn(
  value: Json,
  path: readonly (string | number)[] = [],
): Generator<{ path: readonly (string | number)[]; piece: Exclude<Piece, { kind: 'literal' }> }> {
  if (typeof value === 'string') {
    if (!mayRefer(value)) return;
    for (const piece of parsePieces(value)) if (piece.kind !== 'literal') yield { path, piece };
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* referencesIn(item, [...path, index]);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) yield* referencesIn(item, [...path, key]);
  }
}
