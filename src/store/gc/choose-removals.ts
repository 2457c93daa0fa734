import type { Choice, Removal, Retention } from '../../core/collection.ts';
import type { Digest } from '../../core/digest.ts';
import { type LineageIndex, parseColumn } from '../lineage-index.ts';
import { listRuns, type RunRow } from '../read-runs.ts';
import type { StoreContext } from '../store-context.ts';
import { listPins } from './pins.ts';

interface Candidate {
  readonly fingerprint: Digest;
  readonly stage: string;
  readonly stepId: string;
  readonly sizeBytes: number;
  readonly durationMs: number;
  readonly publishedAt: string;
}

/**
 * What is to go by reachability: an object stays if a kept run's step has it, or a mapped step that stays was
 * made of it, or it is pinned. Of every pipeline the newest run and the newest that succeeded are kept always.
 */
export function chooseRemovals(context: StoreContext, retention: Retention): Choice {
  const { index, effects, folder } = context;
  const nowMs = effects.clock.nowMs();
  const pins = listPins(folder);
  const pinned = (kind: string) => new Set(pins.filter((pin) => pin.kind === kind).map(({ name }) => name));
  const pinnedRuns = pinned('run');
  const runs = listRuns(index, effects.processes);
  const kept = keptRuns(runs, pinnedRuns, { ...retention, nowMs });
  const uses = readUses(index, runs);
  const items = readItems(index);
  const reach = (roots: Iterable<Digest>) => {
    const reached = new Set(roots);
    for (const fingerprint of reached) for (const item of items.get(fingerprint) ?? []) reached.add(item); // a set grows while it is walked
    return reached;
  };
  const usedBy = (of: ReadonlySet<string>) =>
    [...uses].filter(([, ids]) => ids.some((id) => of.has(id))).map(([fingerprint]) => fingerprint);
  const firm = reach([...pinned('artifact'), ...usedBy(pinnedRuns)]); // stays whatever the size
  const reachable = reach([...firm, ...usedBy(kept)]);

  const parents = new Map([...items].flatMap(([parent, made]) => made.map((item) => [item, parent])));
  const lastUse = (fingerprint: Digest): string | null =>
    uses.get(fingerprint)?.[0] ??
    (parents.has(fingerprint) ? (uses.get(parents.get(fingerprint)!)?.[0] ?? null) : null);
  const candidates = index.all<Candidate>(
    `SELECT fingerprint, stage, step_id AS stepId, size_bytes AS sizeBytes, duration_ms AS durationMs,
       published_at AS publishedAt FROM objects WHERE state = 'published' ORDER BY fingerprint`,
  );
  const removals = new Map<Digest, Removal>();
  const remove = ({ publishedAt: _, ...candidate }: Candidate, because: Removal['because']) =>
    removals.set(candidate.fingerprint, { ...candidate, runId: lastUse(candidate.fingerprint), because });
  for (const candidate of candidates) {
    if (reachable.has(candidate.fingerprint)) continue;
    if (lastUse(candidate.fingerprint) !== null) remove(candidate, 'run-not-kept');
    else if (nowMs - Date.parse(candidate.publishedAt) >= retention.unreferencedMs)
      remove(candidate, 'unreferenced');
  }
  const sum = (of: readonly { readonly sizeBytes: number }[]) =>
    of.reduce((all, { sizeBytes }) => all + sizeBytes, 0);
  const stay = () => candidates.filter(({ fingerprint }) => !removals.has(fingerprint));
  if (retention.sizeMaxBytes !== null) {
    let sizeBytes = sum(stay());
    // Run ids begin with the time of their start, so that they sort by it.
    const key = (candidate: Candidate) => `${lastUse(candidate.fingerprint) ?? ''} ${candidate.publishedAt}`;
    const oldest = stay()
      .filter(({ fingerprint }) => !firm.has(fingerprint))
      .map((candidate) => ({ candidate, key: key(candidate) }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    for (const { candidate } of oldest) {
      if (sizeBytes <= retention.sizeMaxBytes) break;
      remove(candidate, 'size');
      sizeBytes -= candidate.sizeBytes;
    }
  }
  const rest = stay();
  const chosen = [...removals.values()];
  return {
    removals: chosen,
    kept: { objects: rest.length, sizeBytes: sum(rest), runs: kept.size },
    // A mapped step's time has its items' in it.
    recomputeMs: chosen
      .filter(({ fingerprint }) => !removals.has(parents.get(fingerprint) ?? ''))
      .reduce((all, { durationMs }) => all + durationMs, 0),
  };
}

function keptRuns(
  runs: readonly RunRow[],
  pinned: ReadonlySet<string>,
  {
    keepRuns,
    keepYoungerMs,
    nowMs,
  }: Pick<Retention, 'keepRuns' | 'keepYoungerMs'> & { readonly nowMs: number },
): ReadonlySet<string> {
  const kept = new Set<string>();
  const seen = new Map<string, { runs: number; succeeded: boolean }>();
  for (const { id, pipeline, status, startedAt } of runs) {
    const before = seen.get(pipeline) ?? { runs: 0, succeeded: false };
    const succeeded = status === 'succeeded';
    const always =
      before.runs === 0 || (succeeded && !before.succeeded) || status === 'running' || pinned.has(id);
    const unlimited = keepRuns === null && keepYoungerMs === null;
    const byNumber = keepRuns !== null && before.runs < keepRuns;
    const byAge = keepYoungerMs !== null && nowMs - Date.parse(startedAt) < keepYoungerMs;
    if (always || unlimited || byNumber || byAge) kept.add(id);
    seen.set(pipeline, { runs: before.runs + 1, succeeded: before.succeeded || succeeded });
  }
  return kept;
}

/** Fingerprint → the runs that used or made it, newest first. */
function readUses(index: LineageIndex, runs: readonly RunRow[]): Map<Digest, string[]> {
  const owners = index.all<{ id: string; owner: number }>(
    'SELECT id, coalesce(steps_of, seq) AS owner FROM runs ORDER BY seq DESC',
  );
  const idsOf = new Map<number, string[]>();
  const known = new Set(runs.map(({ id }) => id));
  for (const { id, owner } of owners) {
    if (known.has(id)) idsOf.set(owner, [...(idsOf.get(owner) ?? []), id]);
  }
  const uses = new Map<Digest, string[]>();
  const rows = index.all<{ seq: number; fingerprint: Digest }>(
    `SELECT run_seq AS seq, fingerprint FROM run_steps
     WHERE fingerprint IS NOT NULL AND verdict IN ('executed', 'reused') ORDER BY run_seq DESC`,
  );
  for (const { seq, fingerprint } of rows) {
    uses.set(fingerprint, [...(uses.get(fingerprint) ?? []), ...(idsOf.get(seq) ?? [])]);
  }
  for (const ids of uses.values()) ids.sort((a, b) => (a < b ? 1 : -1));
  return uses;
}

/** A mapped step's object → the objects of its items. */
function readItems(index: LineageIndex): Map<Digest, Digest[]> {
  return index.read(() => {
    const rows = index.all<{ fingerprint: Digest; items: string }>(
      `SELECT fingerprint, json_extract(record, '$.items') AS items FROM objects
       WHERE instr(record, '"items":') > 0 AND json_extract(record, '$.items') IS NOT NULL`,
    );
    return new Map(
      rows.map(({ fingerprint, items }) => [
        fingerprint,
        parseColumn<{ fingerprint: Digest }[]>(items).map((item) => item.fingerprint),
      ]),
    );
  });
}
