import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactRecord } from '../../core/artifact.ts';
import type { Digest } from '../../core/digest.ts';
import { parseArtifactRecord } from '../artifact-record.ts';
import { listNames, readTextIfThere, replaceFile } from '../files.ts';
import { ARTIFACT_FILE, objectFolder, removedFolder, shardOf } from '../layout.ts';
import type { StoreContext } from '../store-context.ts';

/**
 * What a removed object was stays in a file: `gc/removed/<fp[0..2]>/<fp>.json`, its artifact.json. Runs that used it
 * keep their metrics and lineage so, also when the index is made anew.
 */
export function keepRecord({ folder, effects }: StoreContext, fingerprint: Digest): void {
  const text = readTextIfThere(join(objectFolder(folder, fingerprint), ARTIFACT_FILE));
  if (text === null) return;
  const place = join(removedFolder(folder), shardOf(fingerprint));
  mkdirSync(place, { recursive: true });
  const temporary = join(place, `.tmp-${process.pid}-${effects.randomHex(8)}`);
  replaceFile(join(place, `${fingerprint}.json`), text, temporary);
}

/** All that are whole. Some of them may have been made again. */
export function* readRemovedRecords({ folder }: Pick<StoreContext, 'folder'>): Generator<ArtifactRecord> {
  const place = removedFolder(folder);
  for (const shard of listNames(place)) {
    for (const name of listNames(join(place, shard))) {
      const parsed = parseArtifactRecord(readTextIfThere(join(place, shard, name)) ?? '');
      if ('record' in parsed && name === `${parsed.record.fingerprint}.json`) yield parsed.record;
    }
  }
}
