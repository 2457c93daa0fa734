import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Capacity, Demand, Grant } from '../../src/core/resources.ts';
import { type Claim, Ledger } from '../../src/runner/ledger.ts';

const capacityOf = (cpu: number, memoryMiB: number, gpus: number): Capacity => ({
  cpu,
  memoryMiB,
  gpus: Array.from({ length: gpus }, (_, index) => `gpu-${index}`),
});

const machine = fc.record({
  cpu: fc.integer({ min: 1, max: 8 }),
  memoryMiB: fc.integer({ min: 1, max: 100 }),
  gpus: fc.integer({ min: 0, max: 3 }),
  steps: fc.integer({ min: 1, max: 8 }),
});

interface Arrival {
  readonly demand: Demand;
  readonly priority: number;
  /** How many claims end before the next one arrives. */
  readonly endings: number;
}

/** Claims that the machine can hold, but for memory, which may be asked for beyond all there is. */
const scenario = machine.chain((of) =>
  fc.record({
    of: fc.constant(of),
    arrivals: fc.array(
      fc.record({
        demand: fc
          .record({
            cpu: fc.integer({ min: 1, max: of.cpu }),
            more: fc.integer({ min: 0, max: 10 }),
            memoryMiB: fc.integer({ min: 0, max: 150 }),
            gpu: fc.oneof(
              fc.integer({ min: 0, max: of.gpus }),
              fc.integer({ min: 1, max: 999 }).map((share) => (of.gpus === 0 ? 0 : share / 1000)),
            ),
          })
          .map(({ more, ...rest }) => ({ ...rest, threads: rest.cpu + more })),
        priority: fc.integer({ min: 0, max: 5 }),
        endings: fc.integer({ min: 0, max: 2 }),
      }),
      { minLength: 1, maxLength: 60 },
    ),
  }),
);

interface Observer {
  granted?(claim: Claim, grant: Grant, running: ReadonlyMap<Claim, Grant>): void;
}

/** Lets claims arrive, starts all that may start, ends the oldest; at last ends all. */
function play(
  of: { cpu: number; memoryMiB: number; gpus: number; steps: number },
  arrivals: readonly Arrival[],
  observer: Observer = {},
): { order: Claim[]; claims: Claim[] } {
  const ledger = new Ledger(capacityOf(of.cpu, of.memoryMiB, of.gpus), of.steps);
  const running = new Map<Claim, Grant>();
  const order: Claim[] = [];
  const claims = arrivals.map(({ demand, priority }) => ({ demand, priority }));
  const start = () => {
    while (ledger.ready) {
      const { claim, grant } = ledger.grantNext()!;
      running.set(claim, grant);
      order.push(claim);
      observer.granted?.(claim, grant, running);
    }
  };
  const endOldest = () => {
    const [oldest] = running.keys();
    if (!oldest) return;
    running.delete(oldest);
    ledger.release(oldest);
    start();
  };
  arrivals.forEach(({ endings }, index) => {
    ledger.enqueue(claims[index]);
    start();
    for (let count = 0; count < endings; count++) endOldest();
  });
  while (running.size > 0) endOldest();
  return { order, claims };
}

describe('the ledger', () => {
  it('never grants more than there is, nor more than the whole of a GPU', () => {
    fc.assert(
      fc.property(scenario, ({ of, arrivals }) => {
        play(of, arrivals, {
          granted: (claim, grant, running) => {
            const grants = [...running.values()];
            expect(running.size).toBeLessThanOrEqual(of.steps);
            expect(grants.reduce((sum, { threads }) => sum + threads, 0)).toBeLessThanOrEqual(of.cpu);
            expect(grant.gpus).toHaveLength(Math.ceil(claim.demand.gpu));
            const used = new Map<string, number>(); // in thousandths
            for (const [{ demand }, { gpus }] of running)
              for (const name of gpus)
                used.set(name, (used.get(name) ?? 0) + Math.round(Math.min(1, demand.gpu) * 1000));
            expect(Math.max(0, ...used.values())).toBeLessThanOrEqual(1000);
            const memoryMiB = [...running.keys()].reduce((sum, { demand }) => sum + demand.memoryMiB, 0);
            if (running.size > 1) expect(memoryMiB).toBeLessThanOrEqual(of.memoryMiB);
          },
        });
      }),
    );
  });

  it('gives every claim the cores it needs, and none more than it can use', () => {
    fc.assert(
      fc.property(scenario, ({ of, arrivals }) => {
        play(of, arrivals, {
          granted: ({ demand }, { threads }) => {
            expect(threads).toBeGreaterThanOrEqual(demand.cpu);
            expect(threads).toBeLessThanOrEqual(demand.threads);
          },
        });
      }),
    );
  });

  it('grants every claim once', () => {
    fc.assert(
      fc.property(scenario, ({ of, arrivals }) => {
        const { order, claims } = play(of, arrivals);
        expect(order).toHaveLength(claims.length);
        expect(new Set(order)).toEqual(new Set(claims));
      }),
    );
  });

  it('keeps the order of priority, then of arrival, among claims of equal demand', () => {
    fc.assert(
      fc.property(machine, fc.array(fc.integer({ min: 0, max: 3 })), (of, priorities) => {
        const demand = { cpu: 1, threads: 1, memoryMiB: 0, gpu: 0 };
        const ledger = new Ledger(capacityOf(of.cpu, of.memoryMiB, of.gpus), of.steps);
        const claims = priorities.map((priority) => ({ demand, priority }));
        for (const claim of claims) ledger.enqueue(claim);
        const order: Claim[] = [];
        for (let next = ledger.grantNext(); next; next = ledger.grantNext()) {
          order.push(next.claim);
          ledger.release(next.claim);
        }
        const sorted = claims
          .map((claim, index) => ({ claim, index }))
          .sort((a, b) => b.claim.priority - a.claim.priority || a.index - b.index);
        expect(order.map((claim) => claims.indexOf(claim))).toEqual(sorted.map(({ index }) => index));
      }),
    );
  });
});
