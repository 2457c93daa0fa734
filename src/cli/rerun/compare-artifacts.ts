import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactRecord, OutputFile } from '../../core/artifact.ts';
import { byCodeUnit, canonicalJson, type Json } from '../../core/json.ts';
import type { RerunDifference } from '../../core/rerun-report.ts';
import { compareFiles } from '../../expect/golden/compare-files.ts';

export interface ComparedArtifact {
  readonly folder: string;
  readonly record: Pick<ArtifactRecord, 'outputs' | 'metrics' | 'items'>;
}

/** What of an artifact came out otherwise, file by file; empty where every byte is the same. */
export function compareArtifacts(stored: ComparedArtifact, made: ComparedArtifact): RerunDifference[] {
  const byPath = (outputs: readonly OutputFile[]) => new Map(outputs.map((output) => [output.path, output]));
  const [before, now] = [byPath(stored.record.outputs), byPath(made.record.outputs)];
  const paths = [...new Set([...before.keys(), ...now.keys()])].sort(byCodeUnit);
  const differences = paths.flatMap((path): RerunDifference[] => {
    const [earlier, later] = [before.get(path), now.get(path)];
    if (!later) return [{ path, problem: 'not written this time' }];
    if (!earlier) return [{ path, problem: 'written this time alone' }];
    return earlier.digest === later.digest ? [] : [{ path, problem: whereOf(earlier, later) }];
  });
  const items = ({ record }: ComparedArtifact) => canonicalJson((record.items ?? []) as unknown as Json);
  if (items(stored) !== items(made)) differences.push({ path: RECORD, problem: 'other items' });
  return [...differences, ...metricsThatDiffer(stored, made)];

  function whereOf({ path, sizeBytes }: OutputFile, later: OutputFile): string {
    if (Math.max(sizeBytes, later.sizeBytes) > READ_BYTES_MAX)
      return `other bytes, ${later.sizeBytes} instead of ${sizeBytes}`;
    const read = (folder: string) => readFileSync(join(folder, path));
    return describeDifference(path, read(stored.folder), read(made.folder));
  }
}

const RECORD = 'artifact.json';
/** Larger files are told apart by their digests alone. */
const READ_BYTES_MAX = 256 << 20;

/** The first place at which two files differ, as far as their kind is known. */
export function describeDifference(path: string, before: Uint8Array, now: Uint8Array): string {
  try {
    const { ok, got, details = [] } = compareFiles({ path, golden: before, bytes: now, tolerance: {} });
    if (ok) return 'other bytes, the same values';
    return [got, ...details.slice(0, path.endsWith('.txt') ? 2 : 1)].join(': ');
  } catch {
    return 'other bytes'; // not what its name says
  }
}

function metricsThatDiffer(stored: ComparedArtifact, made: ComparedArtifact): RerunDifference[] {
  const nameOf = ({ name, split }: { name: string; split: string | null }) =>
    split ? `${split}.${name}` : name;
  const byName = ({ record }: ComparedArtifact) =>
    new Map(record.metrics.map((metric) => [nameOf(metric), metric.value]));
  const [before, now] = [byName(stored), byName(made)];
  return [...new Set([...before.keys(), ...now.keys()])]
    .filter((name) => !Object.is(before.get(name), now.get(name)))
    .map((name) => ({
      path: RECORD,
      problem: `metric ${name}: ${before.get(name) ?? '(none)'} → ${now.get(name) ?? '(none)'}`,
    }));
}
