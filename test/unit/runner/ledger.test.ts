import { describe, expect, it } from 'vitest';
import type { Demand } from '../../../src/core/resources.ts';
import { type Claim, Ledger } from '../../../src/runner/ledger.ts';

const claim = (demand: Partial<Demand> = {}, priority = 0): Claim => {
  const cpu = demand.cpu ?? 1;
  return { demand: { threads: cpu, memoryMiB: 0, gpu: 0, ...demand, cpu }, priority };
};

const ledgerOf = (cpu: number, { gpus = 0, memoryMiB = 1000, steps = 100 } = {}) =>
  new Ledger({ cpu, memoryMiB, gpus: Array.from({ length: gpus }, (_, index) => String(index)) }, steps);

/** Grants all that may start now. */
function startAll(ledger: Ledger): { claim: Claim; threads: number; gpus: readonly string[] }[] {
  const started: ReturnType<typeof startAll> = [];
  for (let next = ledger.grantNext(); next; next = ledger.grantNext())
    started.push({ claim: next.claim, ...next.grant });
  return started;
}

describe('the ledger', () => {
  it('gives two steps that need a GPU one after the other where there is one', () => {
    const ledger = ledgerOf(4, { gpus: 1 });
    const [first, second] = [claim({ gpu: 1 }), claim({ gpu: 1 })];
    ledger.enqueue(first);
    ledger.enqueue(second);
    expect(startAll(ledger).map(({ claim }) => claim)).toEqual([first]);
    ledger.release(first);
    expect(startAll(ledger)).toMatchObject([{ claim: second, gpus: ['0'] }]);
  });

  it('gives each of two steps a GPU of its own where there are two', () => {
    const ledger = ledgerOf(4, { gpus: 2 });
    ledger.enqueue(claim({ gpu: 1 }));
    ledger.enqueue(claim({ gpu: 1 }));
    expect(startAll(ledger).map(({ gpus }) => gpus)).toEqual([['0'], ['1']]);
  });

  it('shares one GPU among steps as far as their shares go, ten tenths being one', () => {
    const ledger = ledgerOf(20, { gpus: 1 });
    for (let count = 0; count < 11; count++) ledger.enqueue(claim({ gpu: 0.1 }));
    const started = startAll(ledger);
    expect(started.map(({ gpus }) => gpus)).toEqual(Array(10).fill(['0']));
    ledger.release(started[3].claim);
    expect(startAll(ledger)).toMatchObject([{ gpus: ['0'] }]);
  });

  it('fills a GPU that is shared already, so that another stays whole', () => {
    const ledger = ledgerOf(8, { gpus: 2 });
    for (const gpu of [0.5, 0.25, 0.25, 1]) ledger.enqueue(claim({ gpu }));
    expect(startAll(ledger).map(({ gpus }) => gpus)).toEqual([['0'], ['0'], ['0'], ['1']]);
  });

  it('gives a step no whole GPU of which others have a share', () => {
    const ledger = ledgerOf(8, { gpus: 1 });
    const [share, whole] = [claim({ gpu: 0.5 }), claim({ gpu: 1 })];
    ledger.enqueue(share);
    startAll(ledger);
    ledger.enqueue(whole);
    expect(startAll(ledger)).toEqual([]);
    ledger.release(share);
    expect(startAll(ledger)).toMatchObject([{ claim: whole, gpus: ['0'] }]);
  });

  it('lets a small step pass a large one that does not fit', () => {
    const ledger = ledgerOf(2);
    const [running, large, small] = [claim(), claim({ cpu: 2 }, 5), claim()];
    ledger.enqueue(running);
    startAll(ledger);
    ledger.enqueue(large);
    ledger.enqueue(small);
    expect(startAll(ledger).map(({ claim }) => claim)).toEqual([small]);
  });

  it('keeps what is freed for a large step that was passed over often enough', () => {
    const ledger = ledgerOf(2);
    const running = [claim()];
    ledger.enqueue(running[0]);
    startAll(ledger);
    const large = claim({ cpu: 2 });
    ledger.enqueue(large);
    let passed = 0;
    // Small steps without end, one core always busy: the large one would never find two free.
    for (let round = 0; round < 200; round++) {
      ledger.enqueue(claim());
      const started = startAll(ledger);
      running.push(...started.map(({ claim }) => claim));
      if (started.some(({ claim }) => claim === large)) break;
      passed += started.length;
      const ended = running.shift();
      if (ended) ledger.release(ended);
    }
    expect(running).toContain(large);
    expect(passed).toBe(16);
  });

  it('executes a step that asks for more memory than there is when nothing else is on', () => {
    const ledger = ledgerOf(4, { memoryMiB: 100 });
    const [huge, small] = [claim({ memoryMiB: 500 }), claim({ memoryMiB: 10 })];
    ledger.enqueue(small);
    startAll(ledger);
    ledger.enqueue(huge);
    expect(startAll(ledger)).toEqual([]);
    ledger.release(small);
    expect(startAll(ledger).map(({ claim }) => claim)).toEqual([huge]);
    ledger.enqueue(claim({ memoryMiB: 10 }));
    expect(startAll(ledger)).toEqual([]);
  });

  it('gives cores that nobody waits for to a step that can use them', () => {
    const ledger = ledgerOf(8);
    ledger.enqueue(claim({ cpu: 1, threads: 6 }));
    expect(startAll(ledger).map(({ threads }) => threads)).toEqual([6]);
  });

  it('shares spare cores evenly among those that can use them, after every step has what it needs', () => {
    const ledger = ledgerOf(8);
    ledger.enqueue(claim({ threads: 8 }));
    ledger.enqueue(claim({ threads: 8 }));
    ledger.enqueue(claim({ cpu: 2 }));
    expect(startAll(ledger).map(({ threads }) => threads)).toEqual([3, 3, 2]);
  });

  it('gives no step more than one core where as many wait as there are cores', () => {
    const ledger = ledgerOf(2);
    for (let count = 0; count < 5; count++) ledger.enqueue(claim({ threads: 8 }));
    expect(startAll(ledger).map(({ threads }) => threads)).toEqual([1, 1]);
  });

  it('gives all cores to the one step that -j 1 allows at a time', () => {
    const ledger = ledgerOf(4, { steps: 1 });
    ledger.enqueue(claim({ threads: 8 }));
    ledger.enqueue(claim({ threads: 8 }));
    expect(startAll(ledger).map(({ threads }) => threads)).toEqual([4]);
  });

  it('gives back all that it was given, once', () => {
    const ledger = ledgerOf(2);
    const one = claim({ cpu: 2 });
    ledger.enqueue(one);
    startAll(ledger);
    ledger.release(one);
    ledger.release(one);
    ledger.enqueue(claim({ cpu: 2 }));
    ledger.enqueue(claim({ cpu: 2 }));
    expect(startAll(ledger)).toHaveLength(1);
  });
});
