import type { ArtifactRecord, Metric } from '../core/artifact.ts';
import type { Digest } from '../core/digest.ts';
import { logTail } from './attempts.ts';
import { type Effects, systemEffects } from './effects.ts';
import { findObject, tellDamage } from './find-object.ts';
import { objectFolder } from './layout.ts';
import { type Holder, Leases } from './leases.ts';
import type { LineageIndex } from './lineage-index.ts';
import { openIndexForReading } from './open-index.ts';
import {
  type EarlierExecution,
  findByFileDigest,
  findBySourceDigest,
  findObjects,
  nearestExecution,
  type ObjectRow,
  readDownstream,
  readMetrics,
  readObject,
  readRecord,
  readUpstream,
  type UpstreamLink,
} from './read-objects.ts';
import {
  findPlace,
  findRuns,
  listRuns,
  type RunFilter,
  type RunRow,
  type RunStepRow,
  readDurations,
  readRunSteps,
} from './read-runs.ts';
import { reindex } from './reindex.ts';
import type { StoreContext } from './store-context.ts';
import { Trash } from './trash.ts';

/** Everything that lineage answers. Opened by `openLineage`, or part of an open store. */
export class Lineage {
  readonly #index: LineageIndex;
  readonly #effects: Effects;

  constructor(
    /** The artifacts folder. */
    readonly folder: string,
    index: LineageIndex,
    effects: Effects,
  ) {
    this.#index = index;
    this.#effects = effects;
  }

  /** Newest first. */
  listRuns(filter?: RunFilter): RunRow[] {
    return listRuns(this.#index, this.#effects.processes, filter);
  }

  /** `latest`, an id, or the start of one: none, the one, or all that it may mean. */
  findRuns(wanted: string): RunRow[] {
    return findRuns(this.#index, this.#effects.processes, wanted);
  }

  steps(runId: string): RunStepRow[] {
    return readRunSteps(this.#index, runId);
  }

  /** The newest run that has an artifact, and the step that it is of there. */
  placeOf(fingerprint: Digest): { readonly runId: string; readonly stepId: string } | null {
    return findPlace(this.#index, fingerprint);
  }

  /** By fingerprint or the start of one. */
  findObjects(prefix: string): ObjectRow[] {
    return findObjects(this.#index, prefix);
  }

  object(fingerprint: Digest): ObjectRow | null {
    return readObject(this.#index, fingerprint);
  }

  record(fingerprint: Digest): ArtifactRecord | null {
    return readRecord(this.#index, fingerprint);
  }

  metrics(fingerprint: Digest): Metric[] {
    return readMetrics(this.#index, fingerprint);
  }

  /** What is wrong with the files of an object (`said.txt: changed`), as far as stamps show; null for nothing. */
  damageOf(fingerprint: Digest): string | null {
    const found = findObject(lookingAt(this.folder, this.#index, this.#effects), fingerprint);
    return found.status === 'damaged' ? tellDamage(found.damaged) : null;
  }

  objectFolder(fingerprint: Digest): string {
    return objectFolder(this.folder, fingerprint);
  }

  findByFileDigest(digest: Digest): (ObjectRow & { readonly path: string })[] {
    return findByFileDigest(this.#index, digest);
  }

  findBySourceDigest(digest: Digest): (ObjectRow & { readonly parameter: string; readonly path: string })[] {
    return findBySourceDigest(this.#index, digest);
  }

  upstream(fingerprint: Digest): UpstreamLink[] {
    return readUpstream(this.#index, fingerprint);
  }

  downstream(fingerprint: Digest): ObjectRow[] {
    return readDownstream(this.#index, fingerprint);
  }

  nearestExecution(of: {
    readonly pipeline: string;
    readonly stage: string | null;
    readonly stepId: string;
  }): EarlierExecution | null {
    return nearestExecution(this.#index, of);
  }

  /** Milliseconds that executions of a stage took, newest first. */
  durations(stage: string): number[] {
    return readDurations(this.#index, stage);
  }

  /** Who computes a fingerprint now. */
  holderOf(fingerprint: Digest): Holder | null {
    return new Leases(this.folder, this.#effects).holderOf(fingerprint);
  }

  logTail(attempt: string, lines?: number): string[] {
    return logTail(this, { id: attempt }, lines);
  }

  close(): void {
    this.#index.close();
  }
}

/** For views: looks at an artifacts folder and writes nothing, whether or not it may be written or exists at all. */
export function openLineage(folder: string, effects: Effects = systemEffects): Lineage {
  const { index, empty } = openIndexForReading(folder);
  index.refill = () => void reindex(lookingAt(folder, index, effects));
  if (empty) index.refill();
  return new Lineage(folder, index, effects);
}

function lookingAt(folder: string, index: LineageIndex, effects: Effects): StoreContext {
  return { folder, index, effects, trash: new Trash(folder, effects), readOnly: true };
}
