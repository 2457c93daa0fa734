import { type Digest, digestOf } from '../core/digest.ts';
import { byCodeUnit } from '../core/json.ts';
import type { StepVerdict } from './run-record.ts';

type Settled = Pick<StepVerdict, 'fingerprint' | 'verdict'> & { readonly step: { readonly id: string } };

/** Equal for runs whose steps have the same artifacts; null where a step has none. */
export function stepsDigestOf(verdicts: readonly Settled[]): Digest | null {
  if (verdicts.some(({ verdict }) => verdict === 'failed' || verdict === 'skipped')) return null;
  const pairs = verdicts.map(({ step, fingerprint }) => [step.id, fingerprint] as const);
  return digestOf(
    'steps',
    pairs.sort(([a], [b]) => byCodeUnit(a, b)),
  );
}
