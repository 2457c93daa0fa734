import type { ArtifactRecord, FingerprintFields, Metric } from '../core/artifact.ts';
import type { CodeModule } from '../core/declaration.ts';
import type { Digest } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import type { ObjectState } from './index-object.ts';
import { type LineageIndex, parseColumn } from './lineage-index.ts';

/** What lineage keeps of an object, also when it is not there any more. */
export interface ObjectRow {
  readonly fingerprint: Digest;
  readonly stage: string;
  readonly stepId: string;
  readonly state: ObjectState;
  readonly sizeBytes: number;
  readonly attempt: string;
  readonly resumedFrom: string | null;
  readonly host: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly publishedAt: string;
}

const OBJECT_COLUMNS = `objects.fingerprint, objects.stage, objects.step_id AS stepId, objects.state,
  objects.size_bytes AS sizeBytes, objects.attempt, objects.resumed_from AS resumedFrom, objects.host,
  objects.started_at AS startedAt, objects.duration_ms AS durationMs, objects.published_at AS publishedAt`;

/** Objects whose fingerprint starts so; more than one says that the prefix is too short. */
export function findObjects(index: LineageIndex, prefix: string): ObjectRow[] {
  return index.all<ObjectRow>(
    `SELECT ${OBJECT_COLUMNS} FROM objects WHERE fingerprint >= ? AND fingerprint < ? ORDER BY fingerprint LIMIT 20`,
    prefix,
    `${prefix}g`, // after every hexadecimal digit
  );
}

export function readObject(index: LineageIndex, fingerprint: Digest): ObjectRow | null {
  return (
    index.get<ObjectRow>(`SELECT ${OBJECT_COLUMNS} FROM objects WHERE fingerprint = ?`, fingerprint) ?? null
  );
}

/** artifact.json as it was when the object was recorded. */
export function readRecord(index: LineageIndex, fingerprint: Digest): ArtifactRecord | null {
  return index.read(() => {
    const row = index.get<{ record: string; modules: string | null }>(
      `SELECT record, modules FROM objects LEFT JOIN codes ON codes.digest = objects.code WHERE fingerprint = ?`,
      fingerprint,
    );
    if (!row) return null;
    const codeModules = parseColumn<CodeModule[]>(row.modules ?? '[]');
    return { ...parseColumn<ArtifactRecord>(row.record), codeModules };
  });
}

export function readMetrics(index: LineageIndex, fingerprint: Digest): Metric[] {
  return index
    .all<Omit<Metric, 'split'> & { split: string }>(
      'SELECT name, split, value, better FROM metrics WHERE fingerprint = ? ORDER BY split, name',
      fingerprint,
    )
    .map((metric) => ({ ...metric, split: metric.split === '' ? null : metric.split }));
}

/** Which objects have a file of this content, under which path: also for a file that was copied elsewhere. */
export function findByFileDigest(
  index: LineageIndex,
  digest: Digest,
): (ObjectRow & { readonly path: string })[] {
  return index.all(
    `SELECT ${OBJECT_COLUMNS}, path FROM outputs JOIN objects USING (fingerprint)
     WHERE outputs.digest = ? ORDER BY published_at`,
    digest,
  );
}

/** Which objects read a source file of this content. */
export function findBySourceDigest(
  index: LineageIndex,
  digest: Digest,
): (ObjectRow & { readonly parameter: string; readonly path: string })[] {
  return index.all(
    `SELECT ${OBJECT_COLUMNS}, parameter, path FROM sources JOIN objects USING (fingerprint)
     WHERE sources.digest = ? ORDER BY published_at`,
    digest,
  );
}

/** One input of an object, or one member of a collecting input. */
export interface UpstreamLink {
  readonly input: string;
  /** Of a collecting input: the member's point. */
  readonly point: JsonObject | null;
  /** The object it was read from; null where none is known that has all of these files. */
  readonly fingerprint: Digest | null;
  readonly files: readonly { readonly path: string; readonly digest: Digest }[];
}

/** What an object was made from. Where the job did not say, any object with the same files is as good. */
export function readUpstream(index: LineageIndex, fingerprint: Digest): UpstreamLink[] {
  return index.read(() => selectUpstream(index, fingerprint));
}

function selectUpstream(index: LineageIndex, fingerprint: Digest): UpstreamLink[] {
  const rows = index.all<{
    input: string;
    member: number;
    path: string;
    digest: Digest;
    point: string | null;
    upstream: Digest | null;
  }>('SELECT * FROM inputs WHERE fingerprint = ? ORDER BY input, member, path', fingerprint);
  const links = new Map<string, typeof rows>();
  for (const row of rows) {
    const key = JSON.stringify([row.input, row.member]);
    links.set(key, [...(links.get(key) ?? []), row]);
  }
  return [...links.values()].map((files) => ({
    input: files[0].input,
    point: files[0].point === null ? null : parseColumn<JsonObject>(files[0].point),
    fingerprint: files[0].upstream ?? objectWithFiles(index, files),
    files: files.map(({ path, digest }) => ({ path, digest })),
  }));
}

/** What was made from an object, directly. */
export function readDownstream(index: LineageIndex, fingerprint: Digest): ObjectRow[] {
  return index.all<ObjectRow>(
    `SELECT DISTINCT ${OBJECT_COLUMNS} FROM objects JOIN (
       SELECT fingerprint FROM inputs WHERE upstream = ?
       UNION
       SELECT inputs.fingerprint FROM outputs JOIN inputs ON inputs.digest = outputs.digest AND inputs.path = outputs.path
       WHERE outputs.fingerprint = ? AND inputs.upstream IS NULL
     ) USING (fingerprint) ORDER BY published_at, fingerprint`,
    fingerprint,
    fingerprint,
  );
}

/** An object that has all of these files; the first by fingerprint where there are several. */
export function objectWithFiles(
  index: LineageIndex,
  files: readonly { path: string; digest: Digest }[],
): Digest | null {
  let candidates: Set<Digest> | null = null;
  for (const { path, digest } of files) {
    const having: Digest[] = index
      .all<{ fingerprint: Digest }>(
        'SELECT fingerprint FROM outputs WHERE digest = ? AND path = ?',
        digest,
        path,
      )
      .map((row) => row.fingerprint);
    candidates = new Set(having.filter((fingerprint) => candidates === null || candidates.has(fingerprint)));
  }
  return [...(candidates ?? [])].sort()[0] ?? null;
}

/** What an earlier execution of a step was made of, and made. */
export interface EarlierExecution {
  readonly fingerprint: Digest;
  readonly runId: string;
  readonly fields: FingerprintFields;
  readonly codeModules: readonly CodeModule[];
  readonly outputs: ArtifactRecord['outputs'];
}

/**
 * The nearest earlier execution of a step of a pipeline: the same step if it was ever made, else the
 * newest of the same key (another sweep point). Without a stage, of whatever stage the key had.
 */
export function nearestExecution(
  index: LineageIndex,
  {
    pipeline,
    stage,
    stepId,
  }: { readonly pipeline: string; readonly stage: string | null; readonly stepId: string },
): EarlierExecution | null {
  const key = stepId.split('@')[0];
  const columns = `SELECT run_steps.fingerprint, runs.id AS runId FROM run_steps JOIN runs ON runs.seq = run_steps.run_seq
    JOIN objects ON objects.fingerprint = run_steps.fingerprint
    WHERE run_steps.verdict IN ('executed', 'reused') AND runs.pipeline = ? AND run_steps.key = ?
    ${stage === null ? '' : 'AND run_steps.stage = ?'}`;
  const of = [pipeline, key, ...(stage === null ? [] : [stage])];
  const row =
    index.get<{ fingerprint: Digest; runId: string }>(
      `${columns} AND run_steps.step_id = ? ORDER BY run_seq DESC LIMIT 1`,
      ...of,
      stepId,
    ) ?? index.get<{ fingerprint: Digest; runId: string }>(`${columns} ORDER BY run_seq DESC LIMIT 1`, ...of);
  const record = row && readRecord(index, row.fingerprint);
  if (!row || !record) return null;
  const { fields, codeModules, outputs } = record;
  return { ...row, fields, codeModules, outputs };
}
