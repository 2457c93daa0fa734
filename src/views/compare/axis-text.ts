import { canonicalJson, type Json } from '../../core/json.ts';

/** A value of an axis as people read it. */
export function axisText(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : canonicalJson(value);
}
