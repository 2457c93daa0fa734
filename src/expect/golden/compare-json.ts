import { fail } from '../../core/failure.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Finding } from '../check.ts';
import type { GoldenPair } from './golden-pair.ts';

const SHOWN = 8;

/** Two JSON files: the same keys and texts, numbers that differ by no more than `within`. */
export function compareJson({ path, golden, bytes, tolerance }: GoldenPair): Finding {
  const differences = [
    ...differencesOf(parse(golden, `golden ${path}`), parse(bytes, path), tolerance.within ?? 0, ''),
  ];
  if (differences.length === 0) return { ok: true, got: 'values as the golden ones' };
  return {
    ok: false,
    got: `${differences.length} values differ`,
    details: differences.slice(0, SHOWN),
  };
}

function* differencesOf(
  before: Json | undefined,
  now: Json | undefined,
  within: number,
  at: string,
): Generator<string> {
  if (typeof before === 'number' && typeof now === 'number') {
    if (Math.abs(before - now) > within) yield `${at || 'value'}: ${before} → ${now}`;
    return;
  }
  if (isContainer(before) && isContainer(now) && Array.isArray(before) === Array.isArray(now)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const place = Array.isArray(now) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`;
      yield* differencesOf((before as JsonObject)[key], (now as JsonObject)[key], within, place);
    }
    return;
  }
  if (before !== now) yield `${at || 'value'}: ${show(before)} → ${show(now)}`;
}

function isContainer(value: Json | undefined): value is JsonObject | readonly Json[] {
  return typeof value === 'object' && value !== null;
}

function show(value: Json | undefined): string {
  if (value === undefined) return '(none)';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function parse(bytes: Uint8Array, what: string): Json {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch (error) {
    return fail('bad-input', `${what}: not JSON: ${(error as Error).message}`);
  }
}
