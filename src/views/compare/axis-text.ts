import { canonicalJson, type Json, type JsonObject } from '../../core/json.ts';

/** A value of an axis as people read it. */
export function axisText(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** `gamma=0.1, seed=0` */
export function pointText(point: JsonObject): string {
  const values = Object.entries(point).map(([axis, value]) => `${axis}=${axisText(value)}`);
  return values.join(', ') || 'the only point';
}
