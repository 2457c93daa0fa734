import { describe, expect, it } from 'vitest';
import type { Plan, Step } from '../../../src/core/plan.ts';
import { deriveSeed } from '../../../src/core/random.ts';
import { planOf, problemsOf } from '../../support/read-pipeline.ts';

/** INTERFACE's example in the fake catalogue's words, a sweep to be added. */
const THESIS = `
seed: 7
params: { data: ../data/heads, embeddingDim: 3, gamma: 0.01, method: dcec }
stages:
  ingest: { uses: ingest, with: { source: images, path: "\${{ params.data }}", manifest: manifest.csv } }
  normalise: { uses: normalise, needs: { images: ingest } }
  split: { uses: split, needs: { images: normalise, index: ingest }, with: { by: subject } }
  pretrain: { uses: pretrain, needs: { dataset: split }, with: { embeddingDim: "\${{ params.embeddingDim }}" } }
  kmeans: { uses: kmeans-init, needs: { dataset: split, model: pretrain }, with: { clusters: 3 } }
  finetune:
    uses: finetune
    needs: { dataset: split, model: pretrain, centres: kmeans }
    with: { method: "\${{ params.method }}", gamma: "\${{ params.gamma }}" }
  evaluate: { uses: evaluate, needs: { dataset: split, model: finetune, labels: ingest } }
`.trimStart();

const idsOf = (plan: Plan, key: string) => plan.steps.filter((step) => step.key === key).map(({ id }) => id);
const stepOf = (plan: Plan, id: string): Step => {
  const step = plan.steps.find((step) => step.id === id);
  if (!step) throw new Error(`no step ${id} among ${plan.steps.map(({ id }) => id).join(' ')}`);
  return step;
};

describe('a pipeline without a sweep', () => {
  it('has one point, and a step for each key, inputs first', () => {
    const plan = planOf(THESIS);
    expect(plan.points).toEqual([{}]);
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'ingest',
      'normalise',
      'split',
      'pretrain',
      'kmeans',
      'finetune',
      'evaluate',
    ]);
    expect(stepOf(plan, 'kmeans')).toMatchObject({
      key: 'kmeans',
      uses: 'kmeans-init',
      inputs: { dataset: { kind: 'one', step: 'split' }, model: { kind: 'one', step: 'pretrain' } },
      dependsOn: ['split', 'pretrain'],
    });
  });

  it('fills in defaults, and keeps paths and what only says how to compute out of the identity', () => {
    const { params, identity, sources } = stepOf(planOf(THESIS), 'ingest');
    expect(params).toEqual({
      source: 'images',
      path: '/project/data/heads',
      manifest: 'manifest.csv',
      threads: 1,
    });
    expect(identity).toEqual({ source: 'images', manifest: 'manifest.csv' });
    expect(sources).toEqual([{ parameter: 'path', kind: 'folder', path: '/project/data/heads' }]);
  });

  it('leaves out what does not apply, sources included, and says so', () => {
    const text = `stages: { ingest: { uses: ingest, with: { source: phantom, manifest: m.csv } } }\n`;
    const { params, sources } = stepOf(planOf(text), 'ingest');
    expect(params).toEqual({ source: 'phantom', subjects: 5, threads: 1 });
    expect(sources).toEqual([]);
    expect(problemsOf(text)).toBe(
      [
        "p.yaml:1:60: note: parameter 'manifest' of stage 'ingest' does not apply where 'source' is 'phantom', and is left out",
        `  1 | ${text.trim()}`,
        '    |                                                            ^^^^^^^^',
      ].join('\n'),
    );
  });

  it('derives seeds from the pipeline and the kind of stage, for stages that are random', () => {
    const plan = planOf(THESIS);
    expect(stepOf(plan, 'kmeans').seed).toBe(deriveSeed(7, 'kmeans-init'));
    expect(stepOf(plan, 'split').seed).toBeNull();
  });

  it('has structural keys that do not hang on the order of keys or on the names of steps', () => {
    const renamed = `
stages:
  s: { with: { by: subject }, needs: { index: i, images: n }, uses: split }
  n: { needs: { images: i }, uses: normalise }
  i: { with: { manifest: manifest.csv, path: "\${{ params.data }}", source: images }, uses: ingest }
params: { data: ../data/heads }
`;
    const keyOf = (text: string, id: string) => stepOf(planOf(text), id).structuralKey;
    expect(keyOf(renamed, 's')).toBe(keyOf(THESIS, 'split'));
    expect(keyOf(THESIS.replace('by: subject', 'by: slice'), 'split')).not.toBe(keyOf(THESIS, 'split'));
    expect(keyOf(THESIS.replace('heads', 'feet'), 'split')).not.toBe(keyOf(THESIS, 'split'));
    expect(keyOf(THESIS.replace('source:', 'threads: 2, source:'), 'split')).toBe(keyOf(THESIS, 'split'));
  });

  it('tells two inputs that are swapped apart', () => {
    const text = (a: string, b: string) => `
stages:
  i: { uses: ingest, with: { source: phantom } }
  j: { uses: ingest, with: { source: phantom, subjects: 6 } }
  s: { uses: split, needs: { images: ${a}, index: ${b} } }
`;
    const keyOf = (a: string, b: string) => stepOf(planOf(text(a, b)), 's').structuralKey;
    expect(keyOf('i', 'j')).not.toBe(keyOf('j', 'i'));
  });
});

describe('references', () => {
  const titled = (params: string, title: string) => {
    const text = `seed: 4
params: ${params}
stages:
  i: { uses: ingest, with: { source: phantom } }
  s: { uses: split, needs: { images: i, index: i } }
  p: { uses: pretrain, needs: { dataset: s } }
  e: { uses: evaluate, needs: { dataset: s, model: p, labels: i } }
  t: { uses: summarise, needs: { m: e }, with: { title: "${title}" } }
`;
    return { params: () => stepOf(planOf(text), 't').params, problems: () => problemsOf(text) };
  };

  it('become text within text, through other parameters too', () => {
    const params = '{ a: 0.01, b: "<${{ params.a }}>", c: { d: [true, x] } }';
    expect(titled(params, '${{ params.b }}, ${{params.c.d.0}}, ${{ seed }}').params()).toEqual({
      title: '<0.01>, true, 4',
    });
  });

  it('leave $${{ as a plain ${{', () => {
    expect(titled('{ a: 1 }', '$${{ params.a }} is ${{ params.a }}').params()).toEqual({
      title: '${{ params.a }} is 1',
    });
  });

  it('keep their type as whole values', () => {
    const text = THESIS.replace('embeddingDim: 3', 'embeddingDim: 12');
    expect(stepOf(planOf(text), 'pretrain').params.embeddingDim).toBe(12);
  });

  it('to nothing give nothing: the default stands, or the parameter is missing', () => {
    expect(
      stepOf(planOf(THESIS.replace('embeddingDim: 3', 'embeddingDim: null')), 'pretrain').params.embeddingDim,
    ).toBe(3);
    expect(problemsOf(THESIS.replace('../data/heads', 'null'))).toBe(
      [
        "p.yaml:4:51: error: stage 'ingest' needs the parameter 'path'",
        '  4 |   ingest: { uses: ingest, with: { source: images, path: "${{ params.data }}", manifest: manifest.csv } }',
        '    |                                                   ^^^^',
        "    = give its place by '--set data=FOLDER'; the heads are published at example.org",
      ].join('\n'),
    );
  });

  it('cannot put a list into text, or name what is not inside', () => {
    expect(titled('{ a: [1, 2] }', 'x${{ params.a }}').problems()).toContain(
      'error: ${{ params.a }} is the list [1,2], which cannot stand within text',
    );
    expect(titled('{ a: { b: 1 } }', '${{ params.a.c }}').problems()).toContain(
      "error: ${{ params.a.c }} refers to nothing: there is no 'c' in the mapping",
    );
  });

  it('are blamed where the value was written', () => {
    expect(problemsOf(THESIS.replace('embeddingDim: 3', 'embeddingDim: many'))).toBe(
      [
        "p.yaml:2:46: error: parameter 'embeddingDim' of stage 'pretrain' must be a whole number of at least 1, not 'many'",
        '  2 | params: { data: ../data/heads, embeddingDim: many, gamma: 0.01, method: dcec }',
        '    |                                              ^^^^',
        '    = size of the embedding; default 3',
      ].join('\n'),
    );
    expect(problemsOf(`${THESIS}sweep: { grid: { embeddingDim: [3, 0, 10] } }\n`)).toBe(
      [
        "p.yaml:14:36: error: parameter 'embeddingDim' of stage 'pretrain' must be a whole number of at least 1, not 0",
        '  14 | sweep: { grid: { embeddingDim: [3, 0, 10] } }',
        '     |                                    ^',
        '     = size of the embedding; default 3',
      ].join('\n'),
    );
  });
});

describe('the positions of a step', () => {
  it('are where its values were written: in the step, in params, in the sweep', () => {
    const plan = planOf(`${THESIS}sweep: { grid: { embeddingDim: [3, 10] } }\n`);
    const placeOf = (id: string, name: string) => {
      const { line, column } = stepOf(plan, id).positions[name];
      return `${line}:${column}`;
    };
    expect(placeOf('split', 'by')).toBe('6:82');
    expect(placeOf('ingest', 'path')).toBe('2:17');
    expect(placeOf('pretrain@embeddingDim=10', 'embeddingDim')).toBe('14:36');
    const set = planOf(THESIS, { set: { embeddingDim: 4 } });
    expect(stepOf(set, 'pretrain').positions.embeddingDim.line).toBe(7);
  });
});

describe('--set', () => {
  it('sets a parameter, taking its value as it is', () => {
    const plan = planOf(THESIS, { set: { embeddingDim: 30, data: '${{ params.gamma }}' } });
    expect(stepOf(plan, 'pretrain').params.embeddingDim).toBe(30);
    expect(stepOf(plan, 'ingest').params.path).toBe('/work/${{ params.gamma }}');
  });

  it('gives paths relative to the working folder, through other parameters too', () => {
    const text = THESIS.replace('data: ../data/heads', 'root: ../data, data: "${{ params.root }}/heads"');
    expect(stepOf(planOf(text), 'ingest').params.path).toBe('/project/data/heads');
    expect(stepOf(planOf(text, { set: { root: '../elsewhere' } }), 'ingest').params.path).toBe(
      '/elsewhere/heads',
    );
    expect(stepOf(planOf(text, { set: { data: '/abs' } }), 'ingest').params.path).toBe('/abs');
    const below = THESIS.replace('"${{ params.data }}"', '"heads/${{ params.data }}"');
    expect(stepOf(planOf(below, { set: { data: 'x' } }), 'ingest').params.path).toBe(
      '/project/pipelines/heads/x',
    );
  });

  it('sets the seed', () => {
    expect(stepOf(planOf(THESIS, { set: { seed: 8 } }), 'pretrain').seed).toBe(deriveSeed(8, 'pretrain'));
    expect(problemsOf(THESIS, { set: { seed: -1 } })).toBe(
      'error: --set seed: a seed must be a whole number of at least 0, not -1',
    );
  });

  it('fixes a swept axis, which keeps its name in the ids', () => {
    const text = `${THESIS}sweep: { grid: { embeddingDim: [3, 10], seed: [0, 1] }, include: [{ embeddingDim: 50, seed: 9 }] }\n`;
    expect(idsOf(planOf(text, { set: { embeddingDim: 5 } }), 'pretrain')).toEqual([
      'pretrain@embeddingDim=5,seed=0',
      'pretrain@embeddingDim=5,seed=1',
      'pretrain@embeddingDim=5,seed=9',
    ]);
  });

  it('suggests the key that was meant, and names the option where its value is wrong', () => {
    expect(problemsOf(THESIS, { set: { gama: 1 } })).toBe(
      "error: --set gama: the pipeline has no parameter 'gama'\n  = did you mean 'gamma'?",
    );
    expect(problemsOf(THESIS, { set: { embeddingDim: 'x' } })).toBe(
      "error: --set embeddingDim: parameter 'embeddingDim' of stage 'pretrain' must be a whole number of at least 1, not 'x'\n  = size of the embedding; default 3",
    );
  });
});

describe('a sweep', () => {
  it('is the grid in the order of the file, less exclude, plus include, each point once', () => {
    const plan = planOf(`${THESIS}sweep:
  grid: { embeddingDim: [10, 3], gamma: [1, 0.1] }
  exclude: [{ embeddingDim: 3, gamma: 1 }]
  include: [{ gamma: 5 }, { embeddingDim: 10, gamma: 0.1 }, { embeddingDim: 4, method: dec }]
`);
    expect(plan.axes).toEqual(['embeddingDim', 'gamma', 'method']);
    expect(plan.points).toEqual([
      { embeddingDim: 10, gamma: 1, method: 'dcec' },
      { embeddingDim: 10, gamma: 0.1, method: 'dcec' },
      { embeddingDim: 3, gamma: 0.1, method: 'dcec' },
      { embeddingDim: 3, gamma: 5, method: 'dcec' },
      { embeddingDim: 4, gamma: 0.01, method: 'dec' },
    ]);
  });

  it('copies no step over axes that it does not depend on', () => {
    const plan = planOf(
      `${THESIS}sweep: { grid: { embeddingDim: [3, 10], gamma: [0.1, 1], seed: [0, 1] } }\n`,
    );
    expect(idsOf(plan, 'ingest')).toEqual(['ingest']);
    expect(idsOf(plan, 'split')).toEqual(['split']);
    expect(idsOf(plan, 'pretrain')).toEqual([
      'pretrain@embeddingDim=3,seed=0',
      'pretrain@embeddingDim=3,seed=1',
      'pretrain@embeddingDim=10,seed=0',
      'pretrain@embeddingDim=10,seed=1',
    ]);
    expect(idsOf(plan, 'evaluate')).toHaveLength(8);
    expect(stepOf(plan, 'pretrain@embeddingDim=10,seed=1')).toMatchObject({
      seed: deriveSeed(1, 'pretrain'),
      point: { embeddingDim: 10, seed: 1 },
      params: { embeddingDim: 10 },
    });
    expect(plan.stepsOfPoint[7]).toMatchObject({
      ingest: 'ingest',
      pretrain: 'pretrain@embeddingDim=10,seed=1',
      evaluate: 'evaluate@embeddingDim=10,gamma=1,seed=1',
    });
  });

  it('shares a step between points that differ in a parameter which does not apply to it', () => {
    const text = `${THESIS}sweep: { grid: { method: [dec, dcec], gamma: [0.01, 0.1, 1] } }\n`;
    expect(idsOf(planOf(text), 'finetune')).toEqual([
      'finetune@method=dec',
      'finetune@method=dcec,gamma=0.01',
      'finetune@method=dcec,gamma=0.1',
      'finetune@method=dcec,gamma=1',
    ]);
    expect(problemsOf(text).match(/note: .*/g)).toEqual([
      "note: parameter 'gamma' of stage 'finetune' does not apply where 'method' is 'dec', and is left out",
    ]);
  });

  it('shares a step between points whose values come to the same', () => {
    const text = THESIS.replace('gamma: 0.01', 'dim: null')
      .replace('params.embeddingDim', 'params.dim')
      .replace(/, gamma: "[^"]*"/, '');
    const plan = planOf(`${text}sweep: { grid: { dim: [3, null, 4] } }\n`);
    expect(idsOf(plan, 'pretrain')).toEqual(['pretrain@dim=3', 'pretrain@dim=4']);
    expect(plan.stepsOfPoint.map(({ pretrain }) => pretrain)).toEqual([
      'pretrain@dim=3',
      'pretrain@dim=3',
      'pretrain@dim=4',
    ]);
  });

  it('lets values of an axis refer to parameters', () => {
    const text = THESIS.replace('gamma: 0.01', 'gamma: 0.01, k: 6');
    const plan = planOf(`${text}sweep: { grid: { embeddingDim: [3, "\${{ params.k }}"] } }\n`);
    expect(idsOf(plan, 'pretrain')).toEqual(['pretrain@embeddingDim=3', 'pretrain@embeddingDim=6']);
    expect(
      problemsOf(`${THESIS}sweep: { grid: { embeddingDim: ["\${{ params.embeddingDim }}"] } }\n`),
    ).toContain("p.yaml:14:33: error: 'embeddingDim' refers to itself");
  });

  it('without a point left is refused', () => {
    expect(problemsOf(`${THESIS}sweep: { grid: { gamma: [1] }, exclude: [{ gamma: 1 }] }\n`)).toBe(
      [
        "p.yaml:14:1: error: the sweep has no points: 'exclude' leaves none",
        '  14 | sweep: { grid: { gamma: [1] }, exclude: [{ gamma: 1 }] }',
        '     | ^^^^^',
      ].join('\n'),
    );
    expect(problemsOf(`${THESIS}sweep: { grid: { gamma: [1] }, exclude: [{ gamma: 2 }] }\n`)).toContain(
      'p.yaml:14:42: warning: this matches no point of the sweep',
    );
  });

  it('never shares a step between two keys of the file, equal as they may be', () => {
    const plan = planOf(`stages:
  a: { uses: ingest, with: { source: phantom } }
  b: { uses: ingest, with: { source: phantom } }
`);
    expect(plan.steps.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(plan.steps[0].structuralKey).toBe(plan.steps[1].structuralKey);
  });
});

describe('a collecting step', () => {
  const sweep = 'sweep: { grid: { method: [dec, dcec], gamma: [0.01, 0.1], seed: [0, 1] } }\n';

  it('takes each distinct artifact once, in the order of points, with the axes it depends on', () => {
    const plan = planOf(
      `${THESIS}  table: { uses: summarise, needs: { metrics: evaluate }, over: [gamma, seed] }\n${sweep}`,
    );
    expect(idsOf(plan, 'table')).toEqual(['table@method=dec', 'table@method=dcec']);
    expect(stepOf(plan, 'table@method=dec').inputs).toEqual({
      metrics: {
        kind: 'collected',
        missing: 'fail',
        members: [
          { step: 'evaluate@method=dec,seed=0', point: { method: 'dec', seed: 0 } },
          { step: 'evaluate@method=dec,seed=1', point: { method: 'dec', seed: 1 } },
        ],
      },
    });
    expect(stepOf(plan, 'table@method=dcec').dependsOn).toEqual([
      'evaluate@method=dcec,gamma=0.01,seed=0',
      'evaluate@method=dcec,gamma=0.01,seed=1',
      'evaluate@method=dcec,gamma=0.1,seed=0',
      'evaluate@method=dcec,gamma=0.1,seed=1',
    ]);
  });

  it('over all axes is one step, and without over an ordinary one', () => {
    const collect = (over: string) =>
      planOf(`${THESIS}  table: { uses: summarise, needs: { m: evaluate }${over} }\n${sweep}`);
    expect(idsOf(collect(', over: [method, gamma, seed]'), 'table')).toEqual(['table']);
    const plain = collect('');
    expect(idsOf(plain, 'table')).toHaveLength(6);
    expect(stepOf(plain, 'table@method=dec,seed=0').inputs).toEqual({
      m: { kind: 'one', step: 'evaluate@method=dec,seed=0' },
    });
  });

  it('keeps ids apart where points that are left out make its inputs differ', () => {
    const plan = planOf(`${THESIS}  table: { uses: summarise, needs: { m: evaluate }, over: [method] }
sweep:
  grid: { method: [dec, dcec], gamma: [1, 2] }
  exclude: [{ method: dcec, gamma: 2 }]
`);
    expect(plan.stepsOfPoint.map(({ table }) => table)).toEqual(['table@gamma=1', 'table', 'table@gamma=1']);
    expect(new Set(plan.steps.map(({ id }) => id)).size).toBe(plan.steps.length);
  });
});

describe('inputs under a condition', () => {
  const evaluate = (more: string) =>
    THESIS.replace(
      / {2}evaluate: .*\n/,
      `  evaluate: { uses: evaluate, needs: { dataset: split, model: finetune, labels: ingest${more} }\n`,
    );

  it('are needed where the condition holds', () => {
    expect(problemsOf(evaluate(' }, with: { method: kmeans }'))).toContain(
      "error: stage 'evaluate' needs the input 'centres' where 'method' is 'kmeans': what centres is",
    );
    const plan = planOf(evaluate(', centres: kmeans }, with: { method: kmeans }'));
    expect(stepOf(plan, 'evaluate').dependsOn).toContain('kmeans');
  });

  it('are left out, with a note, where it does not', () => {
    const text = evaluate(', centres: kmeans }');
    expect(Object.keys(stepOf(planOf(text), 'evaluate').inputs)).toEqual(['dataset', 'model', 'labels']);
    expect(problemsOf(text)).toContain("note: input 'centres' of stage 'evaluate' does not apply");
  });
});

describe('--only', () => {
  const text = `${THESIS}sweep: { grid: { embeddingDim: [3, 10], seed: [0, 1] } }\n`;

  it('plans the step at all points, and what it needs', () => {
    const plan = planOf(text, { only: ['pretrain'] });
    expect([...new Set(plan.steps.map(({ key }) => key))]).toEqual([
      'ingest',
      'normalise',
      'split',
      'pretrain',
    ]);
    expect(idsOf(plan, 'pretrain')).toHaveLength(4);
    expect(Object.keys(plan.stepsOfPoint[0])).toEqual(['ingest', 'normalise', 'split', 'pretrain']);
  });

  it('plans a step at one point', () => {
    const plan = planOf(text, { only: ['kmeans@embeddingDim=10,seed=1'] });
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'ingest',
      'normalise',
      'split',
      'pretrain@embeddingDim=10,seed=1',
      'kmeans@embeddingDim=10,seed=1',
    ]);
  });

  it('suggests the step that was meant', () => {
    expect(problemsOf(text, { only: ['pretran'] })).toBe(
      "error: the pipeline has no step 'pretran'\n  = did you mean 'pretrain'?",
    );
  });
});

describe('ten thousand points', () => {
  it('plan in well under a second of work', () => {
    const values = (count: number) => `[${Array.from({ length: count }, (_, index) => index + 1).join()}]`;
    const wide = `${THESIS}  table: { uses: summarise, needs: { m: evaluate }, over: [seed] }
sweep: { grid: { embeddingDim: ${values(10)}, gamma: ${values(100)}, seed: ${values(10)} } }\n`;
    const start = process.cpuUsage();
    const plan = planOf(wide);
    const { user, system } = process.cpuUsage(start);
    expect(plan.points).toHaveLength(10_000);
    expect(plan.steps).toHaveLength(3 + 100 + 100 + 10_000 + 10_000 + 1000);
    // Of the processor, since other tests run beside this one: 0.8 s of it on a machine busy with other work.
    expect((user + system) / 1e6).toBeLessThan(3);
  });
});
