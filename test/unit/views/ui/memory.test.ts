import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import { makeRun } from '../../../../bench/ui/make-run.mjs';
import { encodeLine } from '../../../../src/views/cells.ts';
import { symbolsFor } from '../../../../src/views/symbols.ts';
import { DataSource } from '../../../../src/views/ui/data-source.ts';
import { draw } from '../../../../src/views/ui/draw.ts';
import { arrangeRows } from '../../../../src/views/ui/point-table.ts';
import { INITIAL_STATE } from '../../../../src/views/ui/state.ts';
import { temporaryFolder } from '../../../support/clade.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

const collect: () => void = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();
const heapBytes = () => {
  collect();
  return process.memoryUsage().heapUsed;
};

const RUN = '20260101-000000-abcd';
const look = { symbols: symbolsFor({ LANG: 'C.UTF-8' }, 'linux'), depth: '256', unicode: true } as const;

describe('what clade ui holds of a run', () => {
  // Ten minutes at two looks a second, each with as many events as a step that trains tells in it.
  it('does not grow while a step trains for ten minutes', () => {
    makeRun(place.path, { points: 100 });
    const source = new DataSource(place.path);
    source.readRuns();
    source.follow(RUN);
    while (source.readEvents().more);
    const state = { ...INITIAL_STATE, screen: 'points' as const, runId: RUN };
    let done = 0;
    const watch = (looks: number) => {
      for (let at = 0; at < looks; at++) {
        const lines = Array.from({ length: 20 }, () => {
          const values = { loss: 1 / ++done, valLoss: 2 / done };
          const facts = { stepId: 'ingest', done, total: 1e9, unit: 'epoch', values };
          const time = new Date(1.7e12 + done).toISOString();
          return JSON.stringify({ event: 'step-progressed', at: time, runId: RUN, ...facts });
        });
        appendFileSync(join(place.path, 'runs', RUN, 'events.jsonl'), `${lines.join('\n')}\n`);
        source.readEvents();
        const table = source.table!;
        const screen = draw(
          state,
          {
            folder: place.path,
            runs: source.runs,
            run: source.run,
            table,
            rows: arrangeRows(table, state.table),
            columns: table.columns(),
            detail: null,
            loading: false,
            nowMs: 0,
            look,
          },
          { columns: 120, rows: 40 },
        );
        expect(screen.map((line) => encodeLine(line, '256'))).toHaveLength(40);
      }
    };
    watch(100);
    const before = heapBytes();
    watch(1200);
    expect(done).toBe(26_000);
    expect(source.run!.steps.get('ingest')!.progress!.done).toBe(done);
    expect(heapBytes() - before).toBeLessThan(256 * 1024);
  });
});
