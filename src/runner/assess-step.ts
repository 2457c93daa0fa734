import type { FileDigests, FingerprintFields, Item, OutputFile } from '../core/artifact.ts';
import type { CatalogueEntry } from '../core/declaration.ts';
import type { Digest } from '../core/digest.ts';
import type { StaleReason } from '../core/events.ts';
import { ExpectedFailure } from '../core/failure.ts';
import type { Step } from '../core/plan.ts';
import { deriveSeed } from '../core/random.ts';
import type { EngineIdentity } from '../core/trainable.ts';
import { digestCommandOutput } from './digest-command-output.ts';
import { digestScripts } from './digest-scripts.ts';
import { fingerprintFields, fingerprintOf } from './fingerprint.ts';
import type { RunStore, StoredObject } from './run-store.ts';
import { type EarlierExecution, staleReasons } from './staleness.ts';

export interface Assessment {
  readonly fields: FingerprintFields;
  readonly fingerprint: Digest;
  /** The published artifact, sound; null where it must be made. */
  readonly object: StoredObject | null;
  /** Why it must be made; empty where there is an object. */
  readonly reasons: readonly StaleReason[];
}

export interface AssessmentContext {
  readonly pipeline: string;
  readonly entryOf: (stage: string) => CatalogueEntry;
  readonly engine: EngineIdentity;
  readonly store: RunStore;
  /** null for a point that a collecting step does without. */
  readonly outputsOf: (stepId: string) => readonly OutputFile[] | null;
  readonly sources: SourceDigests;
  readonly forced: ReadonlySet<string>;
}

/** What a step's artifact is decided by, and whether it is there. @throws ExpectedFailure where a source is missing. */
export async function assessStep(step: Step, context: AssessmentContext): Promise<Assessment> {
  const entry = context.entryOf(step.uses);
  const fields = fingerprintFields({
    step,
    entry,
    engine: context.engine,
    outputsOf: context.outputsOf,
    sources: await context.sources.of(step),
  });
  const fingerprint = fingerprintOf(fields);
  if (context.forced.has(step.id)) {
    return { fields, fingerprint, object: null, reasons: [{ code: 'forced', field: step.id }] };
  }
  const found = context.store.findObject(fingerprint);
  if (found.status === 'sound') return { fields, fingerprint, object: found.object, reasons: [] };
  if (found.status === 'damaged') {
    const code = (problem: string) => (problem === 'missing' ? 'output-missing' : 'output-damaged');
    return {
      fields,
      fingerprint,
      object: null,
      reasons: found.damaged.map(({ path, problem }) => ({ code: code(problem), field: path, to: problem })),
    };
  }
  const reasons: readonly StaleReason[] = found.removed
    ? [{ code: 'output-removed', field: step.id }]
    : reasonsAgainstEarlier(step, fields, entry, context);
  return { fields, fingerprint, object: null, reasons };
}

function reasonsAgainstEarlier(
  step: Step,
  fields: FingerprintFields,
  entry: CatalogueEntry,
  context: AssessmentContext,
): StaleReason[] {
  const earlier = earlierExecution(step, context);
  const reasons = staleReasons({ step, fields, codeModules: entry.modules, earlier });
  return reasons.length > 0 ? reasons : [{ code: 'output-missing', field: step.id }];
}

/** What the step came from before: of its stage, or, where it never had that, of whatever stage it had. */
export function earlierExecution(
  { id, uses }: Step,
  { store, pipeline }: AssessmentContext,
): EarlierExecution | null {
  const of = { pipeline, stepId: id };
  return store.nearestExecution({ ...of, stage: uses }) ?? store.nearestExecution({ ...of, stage: null });
}

export interface ItemOf {
  readonly step: Step;
  /** The step's own. */
  readonly fields: FingerprintFields;
  readonly item: Item;
}

/** As `assessStep`, for one item of a mapped step: of the input that is shared out, only its files count. */
export function assessItem({ step, fields, item }: ItemOf, context: AssessmentContext): Assessment {
  const { each } = context.entryOf(step.uses).declaration;
  const shared = fields.inputs[each!.input] as FileDigests;
  const files = item.files.map((path): [string, string] => {
    if (shared[path] === undefined)
      throw new Error(`${step.uses}: item ${item.key} names no file of its input: ${path}`);
    return [path, shared[path]];
  });
  const own: FingerprintFields = {
    ...fields,
    seed: fields.seed === null ? null : deriveSeed(fields.seed, item.key),
    inputs: { ...fields.inputs, [each!.input]: Object.fromEntries(files) },
    item: { key: item.key, value: item.value },
  };
  const fingerprint = fingerprintOf(own);
  const found = context.forced.has(step.id) ? null : context.store.findObject(fingerprint);
  return { fields: own, fingerprint, object: found?.status === 'sound' ? found.object : null, reasons: [] };
}

/**
 * What commands print says what is installed. Asking may take a second, so whoever looks again asks again only where
 * the last answer is older than this: an upgrade in the middle of a run is found by the steps that end after it.
 */
const ANSWER_HOLDS_MS = 30_000;

/** Digests of sources, each place read once a run. */
export interface SourceDigests {
  of(step: Step): Promise<{ readonly [parameter: string]: FileDigests }>;
  /** Looks again: for the check after a stage has read them. */
  again(step: Step): Promise<{ readonly [parameter: string]: FileDigests }>;
}

export function createSourceDigests(store: RunStore, answerHoldsMs = ANSWER_HOLDS_MS): SourceDigests {
  const known = new Map<string, { readonly digests: Promise<FileDigests>; readonly atMs: number }>();
  return { of: (step) => digestAll(step, false), again: (step) => digestAll(step, true) };

  async function digestAll(step: Step, anew: boolean) {
    const digests: { [parameter: string]: FileDigests } = {};
    for (const source of step.sources) {
      const key = `${source.kind}:${source.place ?? ''}:${source.path}`;
      const holdsMs = !anew ? Infinity : source.kind === 'output' ? answerHoldsMs : 0;
      let latest = known.get(key);
      if (!latest || performance.now() - latest.atMs >= holdsMs) {
        latest = { digests: digest(source), atMs: performance.now() };
        known.set(key, latest);
      }
      digests[source.parameter] = await latest.digests;
    }
    return digests;
  }

  async function digest(source: Step['sources'][number]): Promise<FileDigests> {
    const { path, kind } = source;
    if (kind === 'output') return digestCommandOutput(path);
    if (kind === 'code') return digestScripts(source, store);
    const result = await store.digestSource({ path, kind });
    if (!result.ok) throw new ExpectedFailure(result.failure);
    return result.digests;
  }
}
