import { createHash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputFile } from '../core/artifact.ts';
import { byCodeUnit } from '../core/json.ts';
import { syncFolder } from './write-durably.ts';

/** Every file below `work`, digested and synced to the disk, folders too; sorted by path. */
export async function digestOutputs(work: string): Promise<OutputFile[]> {
  const outputs: OutputFile[] = [];
  await visit(work, '');
  return outputs.sort((a, b) => byCodeUnit(a.path, b.path));

  async function visit(folder: string, prefix: string): Promise<void> {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = prefix + entry.name;
      if (entry.isDirectory()) await visit(join(folder, entry.name), `${path}/`);
      else outputs.push({ path, ...(await digestAndSync(join(folder, entry.name))) });
    }
    await syncFolder(folder);
  }
}

async function digestAndSync(path: string): Promise<{ digest: string; sizeBytes: number }> {
  const file = await open(path, 'r+');
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.alloc(1 << 20);
    let sizeBytes = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, sizeBytes);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      sizeBytes += bytesRead;
    }
    await file.sync();
    return { digest: hash.digest('hex'), sizeBytes };
  } finally {
    await file.close();
  }
}
