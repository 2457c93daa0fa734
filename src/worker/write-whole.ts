import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { failpoint } from '../core/failpoint.ts';

/**
 * Writes a file so that its readers see it whole or not at all. It is not synced: the store syncs what it
 * publishes, once, and looks into every file first; until then a power cut costs the attempt.
 */
export function writeWhole(path: string, content: string, mode = 0o644): void {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    writeFileSync(temporary, content, { mode });
    failpoint('worker-before-rename');
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
