import type { ArtifactRecord, Metric, OutputFile } from '../core/artifact.ts';
import type { Digest } from '../core/digest.ts';
import { parseArtifactRecord } from './artifact-record.ts';
import { readTextIfThere } from './files.ts';
import { ARTIFACT_FILE } from './layout.ts';

/** A published object, seen sound a moment ago. */
export class StoredObject {
  readonly outputs: readonly OutputFile[];
  readonly metrics: readonly Metric[];
  #record: ArtifactRecord | null;

  constructor(
    readonly fingerprint: Digest,
    readonly folder: string,
    known: { readonly outputs: readonly OutputFile[]; readonly metrics: readonly Metric[] },
    record: ArtifactRecord | null = null,
  ) {
    this.outputs = known.outputs;
    this.metrics = known.metrics;
    this.#record = record;
  }

  /** All of artifact.json, read when first asked for; `outputs` and `metrics` cost nothing. */
  get record(): ArtifactRecord {
    if (this.#record === null) {
      const parsed = parseArtifactRecord(readTextIfThere(`${this.folder}/${ARTIFACT_FILE}`) ?? '');
      if ('problem' in parsed) throw new Error(`${this.folder}/${ARTIFACT_FILE} ${parsed.problem}`);
      this.#record = parsed.record;
    }
    return this.#record;
  }
}
