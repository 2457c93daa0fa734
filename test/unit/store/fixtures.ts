import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ArtifactRecord, FingerprintFields, Metric } from '../../../src/core/artifact.ts';
import { recordChecksum, sealRecord } from '../../../src/core/artifact-seal.ts';
import type { Retention } from '../../../src/core/collection.ts';
import { digestBytes, digestOf } from '../../../src/core/digest.ts';
import type { Json } from '../../../src/core/json.ts';
import type { Attempt } from '../../../src/store/attempts.ts';
import type { Lease } from '../../../src/store/lease.ts';
import { openDatabase } from '../../../src/store/open-database.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import type { RunFolder } from '../../../src/store/run-folder.ts';
import type { StoredObject } from '../../../src/store/stored-object.ts';

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clade-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that is closed after the test. */
export function temporaryStore(folder = join(temporaryFolder(), 'artifacts')): Store {
  const store = openStore({ folder });
  onTestFinished(() => store.close());
  return store;
}

export function fieldsOf(some: Partial<FingerprintFields> = {}): FingerprintFields {
  return {
    stage: 'copy',
    code: digestBytes('code'),
    parameters: {},
    seed: null,
    engine: null,
    inputs: {},
    sources: {},
    ...some,
  };
}

export function fingerprintOf(fields: FingerprintFields): string {
  return digestOf('fingerprint', fields as unknown as Json);
}

/** Nothing but what no run used goes. */
export const KEEP_ALL: Retention = {
  keepRuns: null,
  keepYoungerMs: null,
  sizeMaxBytes: null,
  unreferencedMs: 0,
  checkpointMs: 1e12,
  quarantineMs: 1e12,
};

export interface Work {
  readonly fields: FingerprintFields;
  readonly files?: { readonly [path: string]: string };
  readonly metrics?: readonly Metric[];
  readonly stepId?: string;
  readonly sourcesRead?: ArtifactRecord['sourcesRead'];
  /** Changes the record before it is written. */
  readonly change?: (record: ArtifactRecord) => ArtifactRecord;
}

/** Does what a worker does in its attempt. */
export function finishWork(attempt: Attempt, lease: Pick<Lease, 'epoch'>, work: Work): ArtifactRecord {
  const { fields, files = { 'out.txt': 'hello' }, metrics = [], stepId = 'copy' } = work;
  for (const [path, content] of Object.entries(files)) {
    const file = join(attempt.folder, 'work', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const unsealed: Omit<ArtifactRecord, 'format' | 'checksum'> = {
    fingerprint: fingerprintOf(fields),
    fields,
    stepId,
    outputs: Object.entries(files).map(([path, content]) => ({
      path,
      digest: digestBytes(content),
      sizeBytes: Buffer.byteLength(content),
    })),
    metrics,
    notes: [],
    sourcesRead: work.sourcesRead ?? {},
    codeModules: [{ name: 'src/copy.ts', digest: digestBytes('module') }],
    attempt: attempt.id,
    leaseEpoch: lease.epoch,
    versions: { clade: '0', node: process.version },
    machine: { host: 'here', platform: process.platform, arch: process.arch, cpu: 'any' },
    startedAt: '2026-11-23T05:12:00.000Z',
    durationMs: 12,
    resumedFrom: null,
  };
  const { checksum: _, ...record } = sealRecord(unsealed);
  const changed = work.change?.(record) ?? record;
  const written = changed.format === 2 ? { ...changed, checksum: recordChecksum(changed) } : changed;
  writeFileSync(join(attempt.folder, 'work', 'artifact.json'), `${JSON.stringify(written, null, 1)}\n`);
  return written;
}

export async function takeLease(store: Store, fingerprint: string, runId = 'r1'): Promise<Lease> {
  const claim = await store.claim(fingerprint, runId);
  if (!('lease' in claim)) throw new Error(`no lease: ${JSON.stringify(claim)}`);
  return claim.lease;
}

export async function beginAttempt(
  store: Store,
  work: Work,
  runId = 'r1',
): Promise<{ attempt: Attempt; lease: Lease }> {
  const fingerprint = fingerprintOf(work.fields);
  const lease = await takeLease(store, fingerprint, runId);
  const attempt = store.createAttempt({ runId, stepId: work.stepId ?? 'copy', fingerprint });
  return { attempt, lease };
}

/** Lease, attempt, work, publication. */
export async function publishWork(store: Store, work: Work, runId = 'r1'): Promise<StoredObject> {
  const { attempt, lease } = await beginAttempt(store, work, runId);
  finishWork(attempt, lease, work);
  const publication = await store.publish(attempt, lease);
  if (!publication.ok) throw new Error(publication.failure.message);
  return publication.object;
}

/** Ends a run as the runner does: told by its last event first. */
export function endRun(run: RunFolder, end: Parameters<RunFolder['finish']>[0]): void {
  run.append({ event: 'run-finished', at: '2026-11-23T05:12:01.000Z', runId: run.id, ...end });
  run.finish(end);
}

/** Looks into the index as a person with an SQLite client would. */
export function query(store: Store, sql: string): { [column: string]: unknown }[] {
  const db = openDatabase(join(store.folder, 'lineage.db'));
  try {
    const statement = db.prepare(sql);
    if (statement.reader) return statement.all() as { [column: string]: unknown }[];
    statement.run();
    return [];
  } finally {
    db.close();
  }
}
