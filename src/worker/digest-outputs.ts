import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputFile } from '../core/artifact.ts';
import { byCodeUnit } from '../core/json.ts';

/** Every file below `work`, digested; sorted by path. Synchronous: for small files turns of the loop cost more than the work. */
export function digestOutputs(work: string): OutputFile[] {
  const outputs: OutputFile[] = [];
  visit(work, '');
  return outputs.sort((a, b) => byCodeUnit(a.path, b.path));

  function visit(folder: string, prefix: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = prefix + entry.name;
      if (entry.isDirectory()) visit(join(folder, entry.name), `${path}/`);
      else outputs.push({ path, ...digestFile(join(folder, entry.name)) });
    }
  }
}

let buffer: Buffer | null = null;

function digestFile(path: string): { digest: string; sizeBytes: number } {
  buffer ??= Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for (;;) {
      const bytesRead = readSync(file, buffer, 0, buffer.length, null);
      if (bytesRead === 0) return { digest: hash.digest('hex'), sizeBytes };
      hash.update(buffer.subarray(0, bytesRead));
      sizeBytes += bytesRead;
    }
  } finally {
    closeSync(file);
  }
}
