import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '../core/artifact.ts';
import {
  CHECKPOINT_MANIFEST,
  CHECKPOINTS_KEPT,
  checkpointFolderName,
  checkpointNumber,
  decodeCheckpointManifest,
  describeCheckpoint,
  encodeCheckpointManifest,
  matchesManifest,
} from '../core/checkpoint-format.ts';
import { failpoint } from '../core/failpoint.ts';
import type { Checkpoints } from '../core/stage.ts';

/** A kill costs at most this much work and one unit of the loop. `CLADE_CHECKPOINT_MS` is for tests. */
const INTERVAL_MS = Number(process.env.CLADE_CHECKPOINT_MS ?? 10_000);

/** Checkpoints of one attempt; it goes on from the one that its job names. */
export function createCheckpoints(job: Job): Checkpoints {
  const folder = join(job.folder, 'checkpoint');
  const from = job.checkpoint?.folder ?? null;
  // Numbers grow across the attempts that continue one another: the highest is the newest.
  let number = from === null ? 0 : (checkpointNumber(from.split(/[\\/]/).at(-1)!) ?? 0);
  let savedMs = performance.now();

  return {
    due: () => performance.now() - savedMs >= INTERVAL_MS,

    async load() {
      if (from === null) return null;
      const manifest = decodeCheckpointManifest(await readFile(join(from, CHECKPOINT_MANIFEST), 'utf8'));
      if (manifest?.fingerprint !== job.fingerprint) return null;
      const files = new Map<string, Uint8Array>();
      for (const file of manifest.files) {
        const bytes = await readFile(join(from, file.name));
        if (!matchesManifest(file, bytes)) return null; // rotten: start afresh rather than go on wrongly
        files.set(file.name, bytes);
      }
      return files;
    },

    async save(files) {
      number++;
      const temporary = join(folder, `.tmp-${number}`);
      await mkdir(temporary, { recursive: true });
      for (const [name, bytes] of files) {
        await writeSynced(join(temporary, name), bytes);
        failpoint('worker-mid-checkpoint');
      }
      const manifest = describeCheckpoint(job.fingerprint, number, files);
      await writeSynced(join(temporary, CHECKPOINT_MANIFEST), encodeCheckpointManifest(manifest));
      await syncFolder(temporary);
      failpoint('worker-before-checkpoint');
      await rename(temporary, join(folder, checkpointFolderName(number)));
      await syncFolder(folder);
      failpoint('worker-after-checkpoint');
      await removeOld(folder);
      failpoint('worker-checkpoint-saved');
      savedMs = performance.now();
    },
  };
}

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename in this folder outlive a power cut. Windows cannot open folders and needs none of it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeOld(folder: string): Promise<void> {
  const numbers = (await readdir(folder)).map(checkpointNumber).filter((number) => number !== null);
  numbers.sort((a, b) => b - a);
  for (const old of numbers.slice(CHECKPOINTS_KEPT)) {
    await rm(join(folder, checkpointFolderName(old)), { recursive: true });
  }
}
