import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';

/** Waits until something holds, as long as a slow machine may need. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1200 && !holds(); tries++) await sleep(25);
  expect(holds()).toBe(true);
}
