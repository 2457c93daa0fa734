import { type NumberArray, npyType, readNpy } from '../../formats/npy.ts';
import { readSafetensors } from '../../formats/safetensors.ts';
import type { Finding } from '../check.ts';
import { indexText, shapeText } from '../inspect-array.ts';
import type { GoldenPair } from './golden-pair.ts';

interface Values {
  readonly data: NumberArray;
  readonly shape: readonly number[];
}

/** Two NPY files: the same shape and type, and values that differ by no more than `within`. */
export function compareArrays({ path, golden, bytes, tolerance }: GoldenPair): Finding {
  const types = [npyType(golden, `golden ${path}`), npyType(bytes, path)];
  if (types[0] !== types[1]) return { ok: false, got: `values of type ${types[1]} instead of ${types[0]}` };
  const difference = compareValues(
    readNpy(golden, `golden ${path}`),
    readNpy(bytes, path),
    tolerance.within ?? 0,
  );
  return difference ? { ok: false, got: difference } : { ok: true, got: 'values as the golden ones' };
}

/** Two safetensors files: the same tensors, each as `compareArrays` has it. */
export function compareTensors({ path, golden, bytes, tolerance }: GoldenPair): Finding {
  const before = readSafetensors(golden, `golden ${path}`).tensors;
  const now = readSafetensors(bytes, path).tensors;
  const missing = [...before.keys()].filter((name) => !now.has(name));
  const further = [...now.keys()].filter((name) => !before.has(name));
  const details = [
    ...missing.map((name) => `${name}: missing`),
    ...further.map((name) => `${name}: not in the golden file`),
  ];
  for (const [name, tensor] of now) {
    const earlier = before.get(name);
    const difference = earlier && compareValues(earlier, tensor, tolerance.within ?? 0);
    if (difference) details.push(`${name}: ${difference}`);
  }
  if (details.length === 0) return { ok: true, got: 'tensors as the golden ones' };
  return {
    ok: false,
    got: `${details.length} of ${before.size} tensors differ`,
    details: details.slice(0, 8),
  };
}

/** What differs, or null. Values that are not finite must be the same. */
function compareValues(golden: Values, now: Values, within: number): string | null {
  if (shapeText(golden.shape) !== shapeText(now.shape))
    return `shape ${shapeText(now.shape)} instead of ${shapeText(golden.shape)}`;
  if (golden.data.constructor !== now.data.constructor)
    return `values of type ${now.data.constructor.name} instead of ${golden.data.constructor.name}`;
  let differing = 0;
  let worst = -1;
  let worstDistance = -1;
  for (let at = 0; at < now.data.length; at++) {
    const [before, after] = [golden.data[at], now.data[at]];
    if (Object.is(before, after)) continue;
    const distance = Math.abs(after - before);
    if (distance <= within) continue;
    differing++;
    const size = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    if (size > worstDistance) [worst, worstDistance] = [at, size];
  }
  if (differing === 0) return null;
  const place = `${golden.data[worst]} → ${now.data[worst]} at ${indexText(worst, now.shape)}`;
  return `${differing} of ${now.data.length} values differ, most ${place}`;
}
