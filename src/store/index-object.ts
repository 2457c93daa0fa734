import type { ArtifactRecord, CollectedDigests, FileDigests } from '../core/artifact.ts';
import type { Digest } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import { canonicalJson } from '../core/json.ts';
import type { LineageIndex } from './lineage-index.ts';
import { type ObjectEntry, writeEntry } from './object-entry.ts';

/** Input name → fingerprint of the object it was read from; of a collecting input one for each member. */
export type Upstream = { readonly [input: string]: Digest | readonly Digest[] };

export interface IndexedObject {
  readonly record: ArtifactRecord;
  readonly entry: ObjectEntry;
  readonly publishedAt: string;
  /** null where it is not known any more: lineage then goes by the digests. */
  readonly upstream: Upstream | null;
}

/** Writes all rows of an object, in place of what an earlier object of the fingerprint left. */
export function indexObject(
  index: LineageIndex,
  { record, entry, publishedAt, upstream }: IndexedObject,
): void {
  const { fingerprint, fields } = record;
  index.transaction(() => {
    for (const table of ['outputs', 'inputs', 'sources', 'metrics']) {
      index.run(`DELETE FROM ${table} WHERE fingerprint = ?`, fingerprint);
    }
    const { codeModules, ...withoutModules } = record;
    index.run(
      'INSERT OR IGNORE INTO codes (digest, modules) VALUES (?, ?)',
      fields.code,
      JSON.stringify(codeModules),
    );
    index.run(
      `INSERT OR REPLACE INTO objects (fingerprint, stage, step_id, code, seed, engine, parameters, state,
         size_bytes, attempt, resumed_from, host, started_at, duration_ms, published_at, record)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'published', ?, ?, ?, ?, ?, ?, ?, ?)`,
      fingerprint,
      fields.stage,
      record.stepId,
      fields.code,
      fields.seed,
      fields.engine?.name ?? null,
      canonicalJson(fields.parameters),
      record.outputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      record.attempt,
      record.resumedFrom,
      record.machine.host,
      record.startedAt,
      record.durationMs,
      publishedAt,
      JSON.stringify(withoutModules),
    );
    for (const { path, digest, sizeBytes } of record.outputs) {
      index.run(
        'INSERT INTO outputs (fingerprint, path, digest, size_bytes) VALUES (?, ?, ?, ?)',
        fingerprint,
        path,
        digest,
        sizeBytes,
      );
    }
    indexInputs(index, record, upstream ?? {});
    for (const [parameter, files] of Object.entries(fields.sources)) {
      for (const [path, digest] of Object.entries(files)) {
        index.run(
          'INSERT INTO sources (fingerprint, parameter, path, digest) VALUES (?, ?, ?, ?)',
          fingerprint,
          parameter,
          path,
          digest,
        );
      }
    }
    for (const { name, split, value, better } of record.metrics) {
      index.run(
        'INSERT OR REPLACE INTO metrics (fingerprint, name, split, value, better) VALUES (?, ?, ?, ?, ?)',
        fingerprint,
        name,
        split ?? '',
        value,
        better,
      );
    }
    writeEntry(index, fingerprint, entry);
    failpoint('index-object-written');
  });
}

/** `missing`: gone without our doing; `quarantined`: moved there because its content was wrong; `removed`: by `clade gc`. */
export type ObjectState = 'published' | 'missing' | 'quarantined' | 'removed';

/** What is known of it stays, for lineage; it is not served any more. */
export function withdrawObject(
  index: LineageIndex,
  fingerprint: Digest,
  state: Exclude<ObjectState, 'published'>,
): void {
  index.transaction(() => {
    index.run('UPDATE objects SET state = ? WHERE fingerprint = ?', state, fingerprint);
    index.run('DELETE FROM entries WHERE fingerprint = ?', fingerprint);
  });
}

export function stateOf(index: LineageIndex, fingerprint: Digest): ObjectState | null {
  const row = index.get<{ state: ObjectState }>(
    'SELECT state FROM objects WHERE fingerprint = ?',
    fingerprint,
  );
  return row?.state ?? null;
}

function indexInputs(index: LineageIndex, { fingerprint, fields }: ArtifactRecord, upstream: Upstream): void {
  for (const [input, given] of Object.entries(fields.inputs)) {
    const from = upstream[input];
    const members: readonly { point: string | null; files: FileDigests; from: Digest | null }[] =
      Array.isArray(given)
        ? (given as readonly CollectedDigests[]).map(({ point, files }, at) => ({
            point: canonicalJson(point),
            files,
            from: Array.isArray(from) ? from[at] || null : null,
          }))
        : [
            {
              point: null,
              files: given as FileDigests,
              from: typeof from === 'string' ? from || null : null,
            },
          ];
    members.forEach((member, at) => {
      for (const [path, digest] of Object.entries(member.files)) {
        index.run(
          'INSERT INTO inputs (fingerprint, input, member, path, digest, point, upstream) VALUES (?, ?, ?, ?, ?, ?, ?)',
          fingerprint,
          input,
          at,
          path,
          digest,
          member.point,
          member.from,
        );
      }
    });
  }
}
