import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPlannedSteps } from '../../../src/store/read-run-folders.ts';
import { temporaryFolder } from '../../support/clade.ts';

const ID = '20260101-000000-abcd';
let place = temporaryFolder();
beforeEach(() => {
  place = temporaryFolder();
  mkdirSync(join(place.path, 'runs', ID), { recursive: true });
});
afterEach(() => place.remove());

describe('steps as they were planned', () => {
  it('are in the order of the plan, however they settled, also of more than a read takes', () => {
    const ids = Array.from({ length: 9000 }, (_, index) => `finetune@gamma=0.1,seed=${index}`);
    const lines = [
      { event: 'run-started', runId: ID },
      ...ids.map((stepId) => ({
        event: 'step-planned',
        at: '2026-01-01T00:00:00.000Z',
        runId: ID,
        stepId,
        uses: 'finetune',
      })),
      { event: 'step-finished', stepId: ids[1] },
      { event: 'step-finished', stepId: ids[0] },
    ];
    writeFileSync(
      join(place.path, 'runs', ID, 'events.jsonl'),
      lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
    expect(readPlannedSteps(place.path, ID)).toEqual(ids);
  });

  it('are none where the events are gone', () => expect(readPlannedSteps(place.path, ID)).toEqual([]));
});
