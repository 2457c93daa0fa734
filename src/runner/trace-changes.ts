import type { ArtifactRecord } from '../core/artifact.ts';
import type { Digest } from '../core/digest.ts';
import type { LineageChange } from '../core/events.ts';
import { canonicalJson, type JsonObject } from '../core/json.ts';
import type { Step } from '../core/plan.ts';
import { staleReasons } from './staleness.ts';

/** What lineage must know of objects to compare two of them. */
export interface RecordSource {
  record(fingerprint: Digest): ArtifactRecord | null;
  upstream(fingerprint: Digest): readonly {
    readonly input: string;
    readonly point: JsonObject | null;
    readonly fingerprint: Digest | null;
  }[];
}

export interface Trace {
  readonly earlier: Digest;
  readonly later: Digest;
  readonly source: RecordSource;
  /** What the run at hand calls an object's step; null where it has none: then the record's own name. */
  readonly nameOf: (fingerprint: Digest) => string | null;
  /** For the places of parameters. */
  readonly positionsOf: (stepId: string) => Step['positions'];
}

/**
 * What decided that an object is not what an earlier one was: the fields that differ, and for inputs
 * that differ those of the steps that made them, up to the first causes. Nearest steps last, as they ran.
 */
export function traceChanges({ earlier, later, source, nameOf, positionsOf }: Trace): LineageChange[] {
  const seen = new Set<string>();
  const changes: LineageChange[] = [];
  visit(earlier, later);
  return changes;

  function visit(then: Digest, now: Digest): void {
    const pair = `${then} ${now}`;
    if (then === now || seen.has(pair)) return;
    seen.add(pair);
    const [before, after] = [source.record(then), source.record(now)];
    if (!before || !after) return;
    const stepId = nameOf(now) ?? after.stepId;
    const step = { id: stepId, positions: positionsOf(stepId), inputs: {} };
    const reasons = staleReasons({
      step,
      fields: after.fields,
      codeModules: after.codeModules,
      earlier: before,
    });
    const explained = new Set(followInputs(then, now, before, after));
    for (const reason of reasons) {
      // An input whose maker is known is told by what changed there.
      if (reason.code === 'input-changed' && explained.has(reason.field.split(': ')[0])) continue;
      changes.push({ stepId, ...reason });
    }
  }

  /** @returns the inputs whose change is told by the steps that made them. */
  function followInputs(then: Digest, now: Digest, before: ArtifactRecord, after: ArtifactRecord): string[] {
    const key = (link: { readonly input: string; readonly point: JsonObject | null }) =>
      canonicalJson([link.input, link.point]);
    const makers = new Map(source.upstream(then).map((link) => [key(link), link.fingerprint]));
    const followed: string[] = [];
    for (const link of source.upstream(now)) {
      const [was, is] = [before.fields.inputs[link.input], after.fields.inputs[link.input]];
      if (was === undefined || canonicalJson(was as never) === canonicalJson(is as never)) continue;
      const maker = makers.get(key(link));
      if (!maker || !link.fingerprint || maker === link.fingerprint) continue;
      visit(maker, link.fingerprint);
      followed.push(link.input);
    }
    return followed;
  }
}
