import { type LineageIndex, recordIfPossible } from './lineage-index.ts';
import { isSettled, stampOf } from './stamp.ts';
import type { StoreContext } from './store-context.ts';

/**
 * Looks into a folder only when names in it have changed since it was last found in order. `look` runs
 * unless the folder's stamp says that nothing was added; afterwards the stamp taken before is kept.
 */
export function lookIfChanged(context: StoreContext, folder: string, look: () => void): void {
  const takenMs = context.effects.clock.nowMs();
  const stamp = stampOf(`${context.folder}/${folder}`);
  if (stamp === null || stamp.text === knownStamp(context.index, folder)) return;
  look();
  if (isSettled(stamp, takenMs)) {
    recordIfPossible(() =>
      context.index.run(
        'INSERT OR REPLACE INTO folder_stamps (folder, stamp) VALUES (?, ?)',
        folder,
        stamp.text,
      ),
    );
  }
}

function knownStamp(index: LineageIndex, folder: string): string | null {
  return (
    index.get<{ stamp: string }>('SELECT stamp FROM folder_stamps WHERE folder = ?', folder)?.stamp ?? null
  );
}
