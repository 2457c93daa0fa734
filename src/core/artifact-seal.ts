import type { ArtifactRecord } from './artifact.ts';
import { type Digest, digestOf } from './digest.ts';
import type { Json } from './json.ts';

/** Completes a record: with a checksum over all of it, a flipped bit anywhere in the file shows. */
export function sealRecord(record: Omit<ArtifactRecord, 'format' | 'checksum'>): ArtifactRecord {
  const sealed = { format: 2 as const, ...record };
  return { ...sealed, checksum: recordChecksum(sealed) };
}

/** Over the record without its checksum. */
export function recordChecksum(record: Omit<ArtifactRecord, 'checksum'>): Digest {
  const { checksum: _, ...rest } = record as ArtifactRecord;
  return digestOf('artifact', rest as unknown as Json);
}
