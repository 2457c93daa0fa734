import { copyPlace, type Inventory, makePlace, type Place, runClade, takeInventory } from './crash-place.ts';
import { expectInOrder } from './expect-in-order.ts';

/** A place in which nothing ran yet, one after a whole run, and what such a run makes. To be removed by the caller. */
export async function runUndisturbed(): Promise<{ fresh: Place; finished: Place; undisturbed: Inventory }> {
  const fresh = makePlace();
  const finished = copyPlace(fresh);
  const end = await runClade(finished);
  const undisturbed = takeInventory(finished.artifacts);
  expectInOrder(finished, end, { undisturbed });
  return { fresh, finished, undisturbed };
}
