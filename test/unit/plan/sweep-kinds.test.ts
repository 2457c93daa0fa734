import { describe, expect, it } from 'vitest';
import { planOf, problemsOf } from '../../support/read-pipeline.ts';

const HEAD = `params: { d: 3, gamma: 0.1, method: dcec }
stages:
  i: { uses: ingest, with: { source: phantom } }
  s: { uses: split, needs: { images: i, index: i } }
  p: { uses: pretrain, needs: { dataset: s }, with: { embeddingDim: "\${{ params.d }}" } }
  k: { uses: kmeans-init, needs: { dataset: s, model: p }, with: { clusters: 3 } }
  f:
    uses: finetune
    needs: { dataset: s, model: p, centres: k }
    with: { gamma: "\${{ params.gamma }}", method: "\${{ params.method }}" }
`;
const sweep = (text: string) => `${HEAD}sweep: { ${text} }\n`;
const pointsOf = (text: string, set = {}) => planOf(sweep(text), { set }).points;

describe('zip', () => {
  it('takes its lists side by side', () => {
    expect(pointsOf('zip: { d: [3, 10], gamma: [0.1, 1] }')).toEqual([
      { d: 3, gamma: 0.1 },
      { d: 10, gamma: 1 },
    ]);
  });

  it('is combined with the grid, and obeys exclude and include', () => {
    const points = pointsOf(
      'grid: { seed: [0, 1] }, zip: { d: [3, 10], gamma: [0.1, 1] }, exclude: [{ seed: 1, d: 3 }], include: [{ gamma: 5 }]',
    );
    expect(points).toEqual([
      { seed: 0, d: 3, gamma: 0.1 },
      { seed: 0, d: 10, gamma: 1 },
      { seed: 1, d: 10, gamma: 1 },
      { seed: 0, d: 3, gamma: 5 },
    ]);
  });

  it('refuses lists of different lengths', () => {
    expect(problemsOf(sweep('zip: { d: [3, 10], gamma: [0.1] }'))).toBe(
      [
        "p.yaml:11:29: error: 'zip' puts lists side by side, and 'gamma' has 1 values where 'd' has 2",
        '  11 | sweep: { zip: { d: [3, 10], gamma: [0.1] } }',
        '     |                             ^^^^^',
      ].join('\n'),
    );
  });

  it('fixes an axis by --set', () => {
    expect(pointsOf('zip: { d: [3, 10], gamma: [0.1, 1] }', { gamma: 7 })).toEqual([
      { d: 3, gamma: 7 },
      { d: 10, gamma: 7 },
    ]);
  });
});

describe('random', () => {
  const RANDOM = 'random: { points: 5, seed: 1, gamma: { logUniform: [0.001, 1] } }';

  it('is combined with the grid', () => {
    const points = pointsOf(`grid: { seed: [0, 1] }, ${RANDOM}`);
    expect(points).toHaveLength(10);
    expect(new Set(points.map(({ gamma }) => gamma)).size).toBe(5);
    expect(Object.keys(points[0])).toEqual(['seed', 'gamma']);
  });

  it('shares what does not hang on what is drawn', () => {
    const { steps } = planOf(sweep(RANDOM));
    expect(steps.filter(({ key }) => key === 'p')).toHaveLength(1);
    expect(steps.filter(({ key }) => key === 'f')).toHaveLength(5);
  });

  it('keeps the steps of a smaller budget, so that they are reused', () => {
    const keysOf = (text: string) => planOf(sweep(text)).steps.map(({ structuralKey }) => structuralKey);
    const more = keysOf(RANDOM.replace('points: 5', 'points: 9'));
    for (const key of keysOf(RANDOM)) expect(more).toContain(key);
  });

  it('fixes an axis by --set', () => {
    const text = 'random: { points: 5, gamma: { uniform: [0, 1] }, d: { choice: [3, 10] } }';
    expect(new Set(pointsOf(text, { d: 30 }).map(({ d }) => d))).toEqual(new Set([30]));
    expect(pointsOf(text, { d: 30 })).toHaveLength(5);
  });

  it('says where there are fewer different points than asked for', () => {
    expect(problemsOf(sweep('random: { points: 9, d: { choice: [3, 10] } }'))).toContain(
      'p.yaml:11:28: warning: there are no more than 2 different points to draw',
    );
  });

  it('checks every drawn value as if it were written', () => {
    expect(problemsOf(sweep('random: { points: 3, d: { uniform: [1, 9] } }'))).toContain(
      "parameter 'embeddingDim' of step 'p' (pretrain) must be a whole number",
    );
  });

  it.each([
    ['random: { gamma: { uniform: [0, 1] } }', "'sweep.random' needs 'points'"],
    ['random: { points: 3 }', "'sweep.random' names no axis to draw"],
    ['random: { points: 0, gamma: { uniform: [0, 1] } }', "'sweep.random.points' must be a whole number"],
    ['random: { points: 3, gamma: { loguniform: [1, 2] } }', "did you mean 'logUniform'?"],
    ['random: { points: 3, gamma: { uniform: [1, 0] } }', '1 is not below 0'],
    ['random: { points: 3, gamma: { uniform: [1] } }', "'sweep.random.gamma.uniform' must be a list of 2"],
    ['random: { points: 3, gamma: { logUniform: [0, 1] } }', 'logUniform needs numbers above 0, not 0'],
    ['random: { points: 3, gamma: { integer: [0, 1.5] } }', 'whole number'],
    ['random: { points: 3, gamma: { choice: [] } }', "'sweep.random.gamma.choice' is an empty list"],
    ['random: { points: 3, gamma: [1, 2] }', "'sweep.random.gamma' must be a mapping"],
    [
      'random: { points: 3, gamma: { choice: [1], uniform: [0, 1] } }',
      "the axis 'gamma' is drawn in one way, not by choice and uniform",
    ],
    ['random: { points: 3, gama: { uniform: [0, 1] } }', "did you mean 'gamma'?"],
    ['random: { points: 3, seed: { integer: [0, 9] } }', "'sweep.random.seed' must be a whole number"],
    [
      'grid: { gamma: [1] }, random: { points: 3, gamma: { uniform: [0, 1] } }',
      "the axis 'gamma' is in 'random' and in 'grid': an axis has one place",
    ],
    [
      'grid: { d: [1, 2] }, random: { points: 90000, gamma: { uniform: [0, 1] } }',
      'the sweep has 180000 points',
    ],
    ['rondom: { points: 3 }', "did you mean 'random'?"],
  ])('refuses %s with a place', (text, message) => {
    const problems = problemsOf(sweep(text));
    expect(problems).toContain(message);
    expect(problems).toMatch(/p\.yaml:11:\d+: error: /);
  });
});

describe('a sweep', () => {
  it('may have a name', () => {
    expect(planOf(sweep('name: first, grid: { d: [3, 10] }')).sweep).toBe('first');
    expect(planOf(HEAD).sweep).toBe(null);
  });
});

describe('missing', () => {
  it('is refused of a step that collects nothing', () => {
    const text = HEAD.replace('uses: pretrain,', 'uses: pretrain, missing: allow,');
    expect(problemsOf(text)).toContain("'missing' says what a collecting step does, and step 'p' (pretrain)");
  });
});
