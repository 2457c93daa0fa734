import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactRecord, Item, JobOutcome, JobPart } from '../core/artifact.ts';
import type { Digest } from '../core/digest.ts';
import type { StaleReason } from '../core/events.ts';
import { type Failure, toFailure } from '../core/failure.ts';
import type { Step } from '../core/plan.ts';
import type { Grant } from '../core/resources.ts';
import type { EngineIdentity } from '../core/trainable.ts';
import { assessItem, type SourceDigests } from './assess-step.ts';
import { isMapped } from './execute-mapped.ts';
import { fingerprintFields, fingerprintOf } from './fingerprint.ts';
import { changedSource, type JobSubject, runJob } from './run-job.ts';
import type { RunStore, StoredObject } from './run-store.ts';
import { staleReasons } from './staleness.ts';

export interface RerunRequest {
  readonly step: Step;
  /** What was published. */
  readonly stored: ArtifactRecord;
  readonly engine: EngineIdentity;
  /** Told nothing, and never written. */
  readonly store: RunStore;
  readonly options: JobSubject['options'];
  readonly sources: SourceDigests;
  /** Artifact of a step that this one needs; null for a point that it was made without. */
  readonly inputOf: (stepId: string) => StoredObject | null;
  /** For this step alone; it exists. */
  readonly folder: string;
  readonly grant: Grant;
}

/** What was made this time. */
export interface Remade {
  /** The step's id; of an item, with its key. */
  readonly name: string;
  readonly fingerprint: Digest;
  readonly folder: string;
  readonly record: ArtifactRecord;
}

export type Rerun =
  /** The artifacts of its items, and its own. */
  | { readonly status: 'made'; readonly remade: readonly Remade[] }
  /** What decides the artifact is not what it was: nothing was executed. */
  | { readonly status: 'refused'; readonly reasons: readonly StaleReason[]; readonly failure: Failure | null }
  | { readonly status: 'failed'; readonly failure: Failure };

/**
 * Executes a published step again, in a folder of its own and without lease or checkpoint, provided that
 * all that decided its artifact is what it was then.
 */
export async function rerunStep(request: RerunRequest): Promise<Rerun> {
  const { step, stored, engine, options, sources, inputOf } = request;
  const entry = options.catalogue.stages[step.uses];
  let fields: ArtifactRecord['fields'];
  try {
    const outputsOf = (id: string) => inputOf(id)?.outputs ?? null;
    fields = fingerprintFields({ step, entry, engine, outputsOf, sources: await sources.of(step) });
  } catch (thrown) {
    return { status: 'refused', reasons: [], failure: toFailure(thrown) };
  }
  if (fingerprintOf(fields) !== stored.fingerprint) {
    const reasons = staleReasons({ step, fields, codeModules: entry.modules, earlier: stored });
    return { status: 'refused', reasons, failure: null };
  }
  const made = await makeAgain(request, fields);
  if (made.status !== 'made') return made;
  const changed = changedSource(fields.sources, await sources.again(step));
  if (changed === null) return made;
  const message = `${changed} changed while ${step.id} read it: nothing can be said of it`;
  return { status: 'failed', failure: { reason: 'source-changed', message } };
}

async function makeAgain(request: RerunRequest, fields: ArtifactRecord['fields']): Promise<Rerun> {
  const { step, stored, options, folder, grant } = request;
  const remade: Remade[] = [];
  const whole = { name: step.id, item: null, assessed: { fields, fingerprint: stored.fingerprint } };
  const parts = isMapped(step, options.catalogue) ? await makeItems() : WHOLE;
  if ('status' in parts) return parts;
  const outcome = await execute(whole, parts, 'step');
  return outcome.status === 'failed' ? outcome : { status: 'made', remade };

  async function makeItems(): Promise<JobPart | Extract<Rerun, { status: 'failed' }>> {
    const startedAt = new Date().toISOString();
    const listed = await execute(whole, { kind: 'items' }, 'items');
    if (listed.status === 'failed') return listed;
    const items = (listed as Extract<JobOutcome, { status: 'itemised' }>).items;
    const made: (Item & { folder: string; fingerprint: Digest })[] = [];
    for (const [at, item] of items.entries()) {
      const assessed = assessOf(item);
      const of = { name: `${step.id}/${item.key}`, item, assessed };
      const outcome = await execute(of, { kind: 'item', item }, `item-${at}`);
      if (outcome.status === 'failed') return outcome;
      made.push({ ...item, folder: remade.at(-1)!.folder, fingerprint: assessed.fingerprint });
    }
    return { kind: 'join', items: made, startedAt };
  }

  /** Whether it is there does not matter. */
  function assessOf(item: Item) {
    const entryOf = (stage: string) => options.catalogue.stages[stage];
    const { store, engine, sources } = request;
    const forced = new Set([step.id]);
    const context = { pipeline: '', entryOf, engine, store, sources, forced, outputsOf: () => null };
    return assessItem({ step, fields, item }, context);
  }

  async function execute(
    subject: Pick<JobSubject, 'name' | 'item' | 'assessed'>,
    part: JobPart,
    place: string,
  ): Promise<JobOutcome> {
    const id = `${step.structuralKey.slice(0, 16)}-${place}`; // workers know an attempt by its folder's name
    const attempt = { id, folder: join(folder, id), checkpoint: null };
    mkdirSync(attempt.folder);
    const inputFolder = (id: string) => request.inputOf(id)?.folder ?? null;
    const job = { attempt, lease: NO_LEASE, part, grant, inputs: null }; // whoever asks looks at them, before and after
    const outcome = await runJob({ ...subject, step, options, inputFolder }, job);
    const { fingerprint } = subject.assessed;
    if (outcome.status === 'succeeded')
      remade.push({
        name: subject.name,
        fingerprint,
        folder: join(attempt.folder, 'work'),
        record: outcome.record,
      });
    return outcome;
  }
}

const WHOLE = { kind: 'whole' } as const;
/** Nothing is published, so nobody needs to be kept off. */
const NO_LEASE = { epoch: 0, setWorker: () => {} };
