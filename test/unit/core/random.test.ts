import { describe, expect, it } from 'vitest';
import { createRandom, deriveSeed } from '../../../src/core/random.ts';
import golden from '../../golden/core/random-sequence.json' with { type: 'json' };

describe('the sequence (a second implementation: golden/core/random-sequence.py)', () => {
  it.each(Object.entries(golden))('of seed "%s"', (seed, expected) => {
    const uniform = createRandom(seed);
    expect(expected.next.map(() => uniform.next())).toEqual(expected.next);
    const whole = createRandom(seed);
    expect([1, 2, 10, 1000, 3_000_000_000, 2 ** 32].map((bound) => whole.integer(bound))).toEqual(
      expected.integer,
    );
    const normal = createRandom(seed);
    for (const value of expected.normal) expect(normal.normal()).toBeCloseTo(value, 13);
    expect([...createRandom(seed).permutation(12)]).toEqual(expected.permutation);
    expect(createRandom(seed).fork('batch').next()).toBe(expected.fork);
  });
});

/** Pearson's χ² of counts against equal shares. */
function chiSquare(counts: ArrayLike<number>, total: number): number {
  const share = total / counts.length;
  return Array.from(counts).reduce((sum, count) => sum + ((count - share) * (count - share)) / share, 0);
}

describe('distribution', () => {
  // χ² with 99 degrees of freedom exceeds 148.2 with probability .001, and falls below 61.1 as rarely.
  it('next is uniform over 100 cells', () => {
    const random = createRandom('uniform');
    const counts = new Float64Array(100);
    for (let draw = 0; draw < 100_000; draw++) counts[Math.floor(random.next() * 100)] += 1;
    expect(chiSquare(counts, 100_000)).toBeLessThan(148.2);
    expect(chiSquare(counts, 100_000)).toBeGreaterThan(61.1);
  });

  it('integer has no modulo bias at a bound of 3/4 of the range', () => {
    // A plain modulo would give the lower third of the values half of all draws, not a third.
    const random = createRandom('bias');
    const bound = 3 * 2 ** 30;
    let lower = 0;
    for (let draw = 0; draw < 30_000; draw++) if (random.integer(bound) < 2 ** 30) lower += 1;
    expect(Math.abs(lower / 30_000 - 1 / 3)).toBeLessThan(0.01); // 3.7 standard errors
  });

  it('normal has the moments of a standard normal', () => {
    const random = createRandom('normal');
    const draws = Array.from({ length: 100_000 }, () => random.normal());
    const moment = (order: number) => draws.reduce((sum, value) => sum + value ** order, 0) / draws.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.012); // standard error .0032
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.017); // .0045
    expect(Math.abs(moment(3))).toBeLessThan(0.05); // .0122
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.12); // .031
  });

  it('every permutation of three is equally likely', () => {
    const random = createRandom('permutation');
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 12_000; draw++) {
      const order = random.permutation(3).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    expect(chiSquare([...counts.values()], 12_000)).toBeLessThan(20.5); // 5 degrees of freedom, p = .001
  });
});

describe('fork', () => {
  it('depends on the label and the seed, not on what was drawn', () => {
    const drawn = createRandom('seed');
    for (let draw = 0; draw < 10; draw++) drawn.normal();
    expect(drawn.fork('a').next()).toBe(createRandom('seed').fork('a').next());
    expect(drawn.fork('a').next()).not.toBe(drawn.fork('b').next());
    expect(createRandom('other').fork('a').next()).not.toBe(drawn.fork('a').next());
  });

  it('leaves its parent where it was', () => {
    const parent = createRandom('seed');
    const before = parent.state();
    parent.fork('a').next();
    expect(parent.state()).toEqual(before);
  });

  it('is uncorrelated with its parent and its siblings', () => {
    const parent = createRandom('seed');
    const one = parent.fork('1');
    const two = parent.fork('2');
    for (const [a, b] of [
      [parent, one],
      [one, two],
    ]) {
      let product = 0;
      for (let draw = 0; draw < 20_000; draw++) product += (a.next() - 0.5) * (b.next() - 0.5);
      expect(Math.abs((12 * product) / 20_000)).toBeLessThan(0.025); // 3.5 standard errors
    }
  });

  it('distinguishes nested labels from joined ones', () => {
    const random = createRandom('seed');
    expect(random.fork('a').fork('b').next()).not.toBe(random.fork('ab').next());
    expect(random.fork('a').fork('b').next()).not.toBe(random.fork('b').fork('a').next());
  });
});

describe('state', () => {
  it('survives JSON and continues the sequence, the waiting half of a normal pair included', () => {
    const random = createRandom('seed');
    random.normal();
    const state = JSON.parse(JSON.stringify(random.state()));
    const expected = [random.normal(), random.normal(), random.next()];
    const restored = createRandom('seed');
    restored.restore(state);
    expect([restored.normal(), restored.normal(), restored.next()]).toEqual(expected);
  });

  it('is a copy: drawing on does not change it', () => {
    const random = createRandom('seed');
    const state = random.state();
    const kept = structuredClone(state);
    random.next();
    expect(state).toEqual(kept);
  });
});

describe('deriveSeed', () => {
  it('gives 64 hexadecimal digits that depend on the seed, its type and the kind', () => {
    const seeds = [
      deriveSeed(1, 'pretrain'),
      deriveSeed('1', 'pretrain'),
      deriveSeed(1, 'finetune'),
      deriveSeed(2, 'pretrain'),
    ];
    expect(new Set(seeds).size).toBe(4);
    for (const seed of seeds) expect(seed).toMatch(/^[0-9a-f]{64}$/);
    expect(deriveSeed(1, 'pretrain')).toBe(seeds[0]);
  });
});
