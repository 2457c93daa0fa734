import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import type { Plan } from '../../src/core/plan.ts';
import { planOf } from '../support/read-pipeline.ts';

type Tree = { [key: string]: Json };

/** What a step of each kind needs, by the kind of artifact, and a parameter of it that may be swept. */
const KINDS = {
  normalise: { needs: { images: 'image-set' }, offers: ['image-set'], parameter: ['size', 'size'] },
  split: { needs: { images: 'image-set', index: 'index' }, offers: ['dataset'], parameter: ['by', 'by'] },
  pretrain: {
    needs: { dataset: 'dataset' },
    offers: ['model', 'history'],
    parameter: ['embeddingDim', 'dim'],
  },
  'kmeans-init': {
    needs: { dataset: 'dataset', model: 'model' },
    offers: ['centres'],
    parameter: ['clusters', 'k'],
  },
  finetune: {
    needs: { dataset: 'dataset', model: 'model', centres: 'centres' },
    offers: ['model', 'history'],
    parameter: ['gamma', 'gamma'],
  },
  evaluate: {
    needs: { dataset: 'dataset', model: 'model', labels: 'labels' },
    offers: ['metrics'],
    parameter: null,
  },
  summarise: { needs: { m: 'metrics' }, offers: ['table'], parameter: null },
} as const;

const PARAMS: Tree = { size: [8, 8], by: 'slice', dim: 3, k: 3, gamma: 0.1, method: 'dcec' };
const VALUES: { [axis: string]: Json[] } = {
  size: [
    [8, 8],
    [16, 16],
    [4, 8],
  ],
  by: ['slice', 'subject', 'column'],
  dim: [1, 2, 3, null],
  k: [2, 3, 4],
  gamma: [0, 0.5, 'balanced'],
  method: ['dec', 'dcec'],
  seed: [0, 1, 2],
};

/** A valid pipeline: steps only take what steps before them offer; the sweep is over what they refer to. */
const pipeline: fc.Arbitrary<Tree> = fc
  .record({
    uses: fc.array(fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[])), { maxLength: 12 }),
    choices: fc.infiniteStream(fc.nat(1000)),
    seed: fc.nat(5),
  })
  .map(({ uses, choices, seed }) => {
    const choose = <T>(items: readonly T[]): T => items[(choices.next().value as number) % items.length];
    const offering = new Map<string, string[]>(
      ['image-set', 'labels', 'index'].map((kind) => [kind, ['s0']]),
    );
    const stages: { [key: string]: Tree } = { s0: { uses: 'ingest', with: { source: 'phantom' } } };
    const referred = new Set<string>();
    for (const kind of uses) {
      const { needs, offers, parameter } = KINDS[kind];
      if (Object.values(needs).some((needed) => !offering.has(needed))) continue;
      const key = `s${Object.keys(stages).length}`;
      const given: Tree = kind === 'kmeans-init' ? { clusters: 3 } : {};
      if (parameter && choose([true, true, false])) {
        given[parameter[0]] = `\${{ params.${parameter[1]} }}`;
        referred.add(parameter[1]);
      }
      if (kind === 'kmeans-init' && given.clusters === '${{ params.k }}') referred.add('k');
      if (kind === 'finetune' && choose([true, false])) {
        given.method = '${{ params.method }}';
        referred.add('method');
      }
      if (['pretrain', 'kmeans-init', 'finetune'].includes(kind)) referred.add('seed');
      const inputs = Object.entries(needs).map(([name, needed]) => [name, choose(offering.get(needed)!)]);
      stages[key] = { uses: kind, needs: Object.fromEntries(inputs), with: given };
      for (const offered of offers) offering.set(offered, [...(offering.get(offered) ?? []), key]);
    }
    const axes = [...referred].filter(() => choose([true, true, false]));
    const some = (axis: string): Json[] => VALUES[axis].slice(0, 1 + choose([0, 1, 2]));
    const grid = Object.fromEntries(axes.map((axis) => [axis, some(axis)]));
    for (const stage of Object.values(stages)) {
      if (stage.uses === 'summarise' && axes.length > 0 && choose([true, false])) {
        stage.over = axes.filter((_, index) => index === 0 || choose([true, false]));
      }
    }
    const whole: Tree = { seed, params: PARAMS, stages };
    return axes.length === 0 ? whole : { ...whole, sweep: { grid } };
  });

/** The same pipeline with the keys of all mappings but axes and steps in another order. */
function permute(value: Json, order: () => number, path: readonly string[] = []): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item, index) => permute(item, order, [...path, String(index)]));
  const entries = Object.entries(value).map(([key, item]): [string, Json] => [
    key,
    permute(item, order, [...path, key]),
  ]);
  const ordered = entries.map((entry) => ({ entry, rank: order() })).sort((a, b) => a.rank - b.rank);
  return Object.fromEntries(path.at(-1) === 'grid' ? entries : ordered.map(({ entry }) => entry));
}

const check = (property: (plan: Plan, tree: Tree) => void, numRuns = 60) =>
  fc.assert(
    fc.property(pipeline, (tree) => property(planOf(JSON.stringify(tree)), tree)),
    { numRuns },
  );

describe('planPipeline, for any valid pipeline', () => {
  it('puts inputs before what needs them', () => {
    check(({ steps }) => {
      const seen = new Set<string>();
      for (const { id, dependsOn } of steps) {
        for (const input of dependsOn) expect(seen).toContain(input);
        seen.add(id);
      }
    });
  });

  it('gives each step an id of its own, on file systems that ignore case too, which names its axes', () => {
    check(({ steps, axes }) => {
      expect(new Set(steps.map(({ id }) => id.toLowerCase())).size).toBe(steps.length);
      for (const { id, key, point } of steps) {
        const named = Object.keys(point);
        expect(axes.filter((axis) => named.includes(axis))).toEqual(named);
        expect(id.startsWith(named.length === 0 ? key : `${key}@${named[0]}=`)).toBe(true);
        expect(id).toMatch(/^[A-Za-z0-9@=._+\-[\]{}%,~]+$/);
      }
    });
  });

  it('plans no more steps than points times keys, and each of them for some point', () => {
    check(({ steps, points, stepsOfPoint }, tree) => {
      const keys = Object.keys(tree.stages as Tree);
      expect(steps.length).toBeLessThanOrEqual(points.length * keys.length);
      expect(new Set(stepsOfPoint.flatMap((byKey) => Object.values(byKey)))).toEqual(
        new Set(steps.map(({ id }) => id)),
      );
      for (const byKey of stepsOfPoint) expect(Object.keys(byKey)).toEqual(keys);
    });
  });

  it('shares equal steps of a key, and none that differ', () => {
    check(({ steps }) => {
      const keys = steps.map(({ key, structuralKey }) => `${key} ${structuralKey}`);
      expect(new Set(keys).size).toBe(steps.length);
      const content = new Map<string, string>();
      const structural = new Map(steps.map(({ id, structuralKey }) => [id, structuralKey]));
      for (const { uses, identity, seed, inputs, structuralKey } of steps) {
        const whole = JSON.stringify([
          uses,
          Object.entries(identity).sort(),
          seed,
          Object.entries(inputs)
            .sort()
            .map(([name, input]) => [
              name,
              input.kind === 'one'
                ? structural.get(input.step)
                : input.members.map(({ step, point }) => [structural.get(step), point]),
            ]),
        ]);
        expect(content.get(structuralKey) ?? whole).toBe(whole);
        content.set(structuralKey, whole);
      }
    });
  });

  it('gives a point the step that its own values make', () => {
    check(({ steps, points, stepsOfPoint }, tree) => {
      const byId = new Map(steps.map((step) => [step.id, step]));
      for (const [index, point] of points.entries()) {
        for (const [key, id] of Object.entries(stepsOfPoint[index])) {
          const { params, uses } = byId.get(id)!;
          const written = (tree.stages as { [key: string]: { with: Tree } })[key].with;
          for (const [name, value] of Object.entries(written)) {
            const axis = /^\$\{\{ params\.(\w+) \}\}$/.exec(String(value))?.[1] ?? '';
            if (!(axis in point) || (name === 'gamma' && params.method === 'dec')) continue;
            // What is given as null is not given: the fake declaration's default for embeddingDim is 3.
            expect([uses, name, params[name]]).toEqual([uses, name, point[axis] ?? 3]);
          }
        }
      }
    });
  });

  it('takes no notice of the order of keys in what structural keys are made of', () => {
    fc.assert(
      fc.property(pipeline, fc.infiniteStream(fc.nat(1000)), (tree, ranks) => {
        const permuted = permute(tree, () => ranks.next().value as number);
        const keysOf = (plan: Plan) =>
          new Map(plan.steps.map(({ id, structuralKey }) => [id, structuralKey]));
        expect(keysOf(planOf(JSON.stringify(permuted)))).toEqual(keysOf(planOf(JSON.stringify(tree))));
      }),
      { numRuns: 60 },
    );
  });
});
