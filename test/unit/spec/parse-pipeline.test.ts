import { describe, expect, it } from 'vitest';
import { bytesOf, parseText, problemsOf } from '../../support/read-pipeline.ts';

/** Two steps that are right, for a third to be wrong in. */
const GOOD = `
params: { data: heads, gamma: 0.01 }
stages:
  ingest: { uses: ingest, with: { source: images, path: "\${{ params.data }}" } }
  normalise: { uses: normalise, needs: { images: ingest } }
  split: { uses: split, needs: { images: normalise, index: ingest } }
`.trimStart();

const withStep = (step: string) => `${GOOD}  ${step}\n`;

describe('a good pipeline', () => {
  it('becomes a spec with values as they were written', () => {
    const { spec, diagnostics } = parseText(GOOD);
    expect(diagnostics).toEqual([]);
    expect(spec).toMatchObject({
      name: 'p',
      seed: 0,
      folder: '/project/pipelines',
      params: { data: 'heads', gamma: 0.01 },
      sweep: null,
      expect: null,
    });
    expect(spec?.stages.ingest).toEqual({
      uses: 'ingest',
      needs: {},
      with: { source: 'images', path: '${{ params.data }}' },
      over: null,
      missing: 'fail',
      resources: {},
      retries: 0,
      timeoutMs: null,
    });
  });

  it('is the same with a byte order mark, with CRLF, and with sections left empty', () => {
    for (const text of [`\ufeff${GOOD}`, GOOD.replaceAll('\n', '\r\n'), `${GOOD}sweep:\nexpect:\n`]) {
      const { spec, diagnostics } = parseText(text);
      expect(diagnostics).toEqual([]);
      expect(Object.keys(spec?.stages ?? {})).toEqual(['ingest', 'normalise', 'split']);
    }
  });

  it('may repeat itself by anchors and aliases', () => {
    const { spec } = parseText(
      `stages:\n  a: &first { uses: ingest, with: { source: phantom } }\n  b: *first\n`,
    );
    expect(spec?.stages.b).toEqual(spec?.stages.a);
  });

  it('knows where each key and value stands', () => {
    const { spec } = parseText(GOOD);
    expect(spec?.positionOf(['params', 'gamma'])).toEqual({ file: 'p.yaml', line: 1, column: 31, length: 4 });
    expect(spec?.positionOf(['stages', 'split'], 'key')).toMatchObject({ line: 5, column: 3, length: 5 });
    expect(spec?.positionOf(['stages', 'split', 'with', 'by'])).toMatchObject({ line: 5, column: 3 });
  });
});

describe('what is no pipeline', () => {
  it('says that a file is empty', () => {
    for (const text of ['', '   \n\n', '\ufeff']) {
      expect(problemsOf(text)).toBe(
        "p.yaml:1:1: error: the file is empty\n  = 'clade init' writes a pipeline to start from",
      );
    }
  });

  it('says that a file holds comments alone', () => {
    expect(problemsOf('# nothing yet\n')).toBe(
      [
        "p.yaml:1:1: error: the file holds no value, and a pipeline is a mapping with 'stages' in it",
        '  1 | # nothing yet',
        '    | ^',
        "    = 'clade init' writes a pipeline to start from",
      ].join('\n'),
    );
  });

  it('says that a file is binary', () => {
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
    expect(problemsOf(png)).toBe(
      'p.yaml:1:1: error: this is a binary file, not a pipeline: it holds zero bytes',
    );
  });

  it('says from where on a file is not UTF-8', () => {
    const latin1 = Uint8Array.from([...bytesOf('name: a\nseed: '), 0xe9, 0x0a]);
    expect(problemsOf(latin1)).toBe(
      [
        'p.yaml:2:7: error: the file is not UTF-8 text from here on',
        '  2 | seed: \ufffd',
        '    |       ^',
        '    = save it as UTF-8',
      ].join('\n'),
    );
    expect(problemsOf(Uint8Array.from([0xff, 0xfe, 0x61, 0]))).toContain('the file is UTF-16 text');
  });

  it('says that a text is no YAML, and where', () => {
    expect(problemsOf('stages:\n  ingest: { uses: ingest\nseed: 3\n')).toBe(
      [
        'p.yaml:3:1: error: not valid YAML: flow map in block collection must be sufficiently indented and end with a }',
        '  3 | seed: 3',
        '    | ^',
      ].join('\n'),
    );
    expect(problemsOf('stages:\n\tingest: 3\n')).toBe(
      [
        'p.yaml:2:1: error: not valid YAML: a tab cannot indent; use spaces',
        '  2 | \tingest: 3',
        '    | ^',
      ].join('\n'),
    );
  });

  it('says that a reference needs quotes within braces', () => {
    expect(problemsOf('stages: { a: { uses: ${{ params.x }} } }\n')).toContain(
      '    = within {…} and […] a reference needs quotes: "${{ … }}"',
    );
  });

  it('says that prose, a list, and other YAML files are no pipelines', () => {
    expect(problemsOf('Dear reader, this is a letter.\n')).toBe(
      [
        "p.yaml:1:1: error: the file holds plain text, and a pipeline is a mapping with 'stages' in it",
        '  1 | Dear reader, this is a letter.',
        '    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
        "    = 'clade init' writes a pipeline to start from",
      ].join('\n'),
    );
    expect(problemsOf('- a\n- b\n')).toContain('the file holds a list');
    expect(problemsOf('services: { web: { image: nginx } }\n')).toContain(
      "this is no pipeline: it has no 'stages'",
    );
  });

  it('says that there are several documents', () => {
    expect(problemsOf(`${GOOD}---\nname: second\n`)).toContain(
      "p.yaml:6:1: error: the file holds several YAML documents ('---'), and a pipeline is one",
    );
  });
});

describe('a text made to harm', () => {
  const elapsedMs = (work: () => void): number => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };

  it('refuses 10 MB of nesting at once, in whatever way it nests', () => {
    const size = 10_000_000;
    for (const text of [
      '['.repeat(size),
      '{a: '.repeat(size / 4),
      '- '.repeat(size / 2),
      '? '.repeat(size / 2),
    ]) {
      let problems = '';
      expect(elapsedMs(() => (problems = problemsOf(`stages:\n  ${text}`)))).toBeLessThan(3000);
      expect(problems).toMatch(/^p\.yaml:2:\d+: error: lists and mappings nest more than 64 deep here\n/);
      expect(problems.split('\n').every((line) => line.length < 160)).toBe(true);
    }
  });

  it('refuses mappings nested by indentation', () => {
    const text = Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('');
    expect(problemsOf(text)).toContain('nest more than 64 deep here');
  });

  it('refuses 10 MB of anything', () => {
    expect(problemsOf(`stages:\n${'  # a comment\n'.repeat(800_000)}`)).toBe(
      [
        'p.yaml:1:1: error: the file has 10.7 MiB, and a pipeline at most 1 MiB',
        '  1 | stages:',
        '    | ^',
      ].join('\n'),
    );
  });

  it('refuses an alias bomb at the alias that goes too far', () => {
    const levels = 'abcdefghi'.split('');
    const lines = levels.map((name, index) => {
      const before = index === 0 ? 'lol' : `*${levels[index - 1]}`;
      return `  ${name}: &${name} [${Array(9).fill(before).join(', ')}]`;
    });
    expect(problemsOf(`params:\n${lines.join('\n')}\nstages: { a: { uses: ingest } }\n`)).toBe(
      [
        'p.yaml:7:14: error: aliases make this file stand for more than 200000 values',
        '  7 |   f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e]',
        '    |              ^^',
        '    = an alias repeats all that its anchor holds, the aliases in it included',
      ].join('\n'),
    );
  });

  it('refuses an alias inside what it stands for', () => {
    expect(
      problemsOf('params: { a: &a [1, *a] }\nstages: { i: { uses: ingest, with: { source: phantom } } }\n'),
    ).toContain("p.yaml:1:21: error: the alias '*a' stands for a value that it is part of");
  });

  it('takes names that JavaScript objects have by birth for what they are', () => {
    expect(
      problemsOf('stages: { toString: { uses: constructor, needs: { valueOf: hasOwnProperty } } }\n'),
    ).toContain("unknown stage 'constructor'");
    expect(problemsOf('stages: { a: { uses: ingest, with: { __proto__: 1 } } }\n')).toContain(
      "a key must be a word or a number, not '__proto__'",
    );
  });
});

describe('keys and values', () => {
  it('names a duplicate key, and where it stands already', () => {
    expect(problemsOf(`${GOOD}params: { gamma: 1 }\n`)).toContain(
      [
        "p.yaml:6:1: error: duplicate key 'params': it stands on line 1 already",
        '  6 | params: { gamma: 1 }',
        '    | ^^^^^^',
      ].join('\n'),
    );
  });

  it('refuses tags, numbers that are not finite or not exact, and keys that are no words', () => {
    const step = (value: string) =>
      problemsOf(withStep(`pretrain: { uses: pretrain, needs: { dataset: split }, with: ${value} }`));
    expect(step('{ maxEpochs: !!js/function "x" }')).toContain('error: not valid YAML: unresolved tag');
    expect(step('{ maxEpochs: !!binary aGk= }')).toContain(
      "a pipeline has no use for the tag 'tag:yaml.org,2002:binary'",
    );
    expect(step('{ maxEpochs: .inf }')).toContain('.inf is not a finite number');
    expect(step('{ maxEpochs: 123456789012345678901 }')).toContain('is too large to be held exactly');
    // Each once: that null is no number either was nobody's mistake.
    for (const value of ['.nan', '!!binary aGk=', '123456789012345678901'])
      expect(step(`{ maxEpochs: ${value} }`).match(/error: /g)).toHaveLength(1);
    expect(step('{ ? [a, b] : 1 }')).toContain("a key must be a word or a number, not '[a, b]'");
  });

  it('suggests the key that was meant', () => {
    expect(problemsOf(GOOD.replace('params', 'parms').replace('params.data', 'x'))).toContain(
      [
        "p.yaml:1:1: error: unknown key 'parms' in the pipeline",
        '  1 | parms: { data: heads, gamma: 0.01 }',
        '    | ^^^^^',
        "    = did you mean 'params'?",
      ].join('\n'),
    );
  });

  it('knows the habits of YAML 1.1', () => {
    expect(problemsOf('x: &x { uses: ingest }\nstages: { a: { <<: *x } }\n')).toContain(
      "unknown key '<<' in 'stages.a'\n  2 | stages: { a: { <<: *x } }\n    |                ^^\n    = YAML 1.2 has no merge keys",
    );
    expect(problemsOf('%YAML 1.1\n---\nstages: {}\n')).toContain(
      'the file says YAML 1.1, and pipelines are YAML 1.2',
    );
    const text = GOOD.replace('images: ingest }', 'images: ingest }, with: { flip: yes }');
    expect(problemsOf(text)).toContain('YAML 1.2 has no yes and no: write true');
  });

  it('refuses names of steps that no folder or expectation can have', () => {
    expect(problemsOf(withStep('sweep: { uses: ingest, with: { source: phantom } }'))).toBe(
      [
        "p.yaml:6:3: error: no step may be named 'sweep': 'expect' has that word for the whole sweep",
        '  6 |   sweep: { uses: ingest, with: { source: phantom } }',
        '    |   ^^^^^',
      ].join('\n'),
    );
    expect(problemsOf(withStep('NUL: { uses: ingest, with: { source: phantom } }'))).toContain(
      'Windows has no such folder',
    );
    expect(problemsOf(withStep('Split: { uses: ingest, with: { source: phantom } }'))).toContain(
      "'Split' and 'split' differ in case only",
    );
    expect(problemsOf(withStep('a.b: { uses: ingest, with: { source: phantom } }'))).toContain(
      "'a.b' cannot be a name in 'stages': a name is letters, digits, '_' and '-', a letter first",
    );
  });
});

describe('stages and their parameters', () => {
  it('suggests the stage that was meant', () => {
    expect(problemsOf(withStep('pretrain: { uses: pretrian, needs: { dataset: split } }'))).toBe(
      [
        "p.yaml:6:21: error: unknown stage 'pretrian'",
        '  6 |   pretrain: { uses: pretrian, needs: { dataset: split } }',
        '    |                     ^^^^^^^^',
        "    = did you mean 'pretrain'?",
      ].join('\n'),
    );
  });

  it('lists the stages where none is near', () => {
    expect(problemsOf(withStep('x: { uses: tensorboard }'))).toContain(
      '    = stages are: ingest, normalise, split, pretrain, kmeans-init, finetune, evaluate, summarise',
    );
  });

  it('suggests the parameter that was meant, and lists them where none is near', () => {
    expect(
      problemsOf(
        withStep('pretrain: { uses: pretrain, needs: { dataset: split }, with: { embedingDim: 3 } }'),
      ),
    ).toBe(
      [
        "p.yaml:6:66: error: unknown parameter 'embedingDim' of stage 'pretrain'",
        '  6 |   pretrain: { uses: pretrain, needs: { dataset: split }, with: { embedingDim: 3 } }',
        '    |                                                                  ^^^^^^^^^^^',
        "    = did you mean 'embeddingDim'?",
      ].join('\n'),
    );
    expect(
      problemsOf(withStep('pretrain: { uses: pretrain, needs: { dataset: split }, with: { lr: 3 } }')),
    ).toContain('    = its parameters are: embeddingDim, maxEpochs, network');
  });

  it('says what a parameter must be, what it is for, and what was given', () => {
    expect(
      problemsOf(
        withStep('cae: { uses: pretrain, needs: { dataset: split }, with: { embeddingDim: three } }'),
      ),
    ).toBe(
      [
        "p.yaml:6:75: error: parameter 'embeddingDim' of step 'cae' (pretrain) must be a whole number of at least 1, not 'three'",
        '  6 |   cae: { uses: pretrain, needs: { dataset: split }, with: { embeddingDim: three } }',
        '    |                                                                           ^^^^^',
        '    = size of the embedding; default 3',
      ].join('\n'),
    );
  });

  it('points at the one value of a list that is wrong', () => {
    expect(problemsOf(GOOD.replace('images: ingest }', 'images: ingest }, with: { size: [128, -1] }'))).toBe(
      [
        "p.yaml:4:80: error: parameter 'size[1]' of stage 'normalise' must be a whole number of at least 1, not -1",
        '  4 |   normalise: { uses: normalise, needs: { images: ingest }, with: { size: [128, -1] } }',
        '    |                                                                                ^^',
      ].join('\n'),
    );
  });

  it('suggests among the values of an enumeration, and tells of a union what it takes', () => {
    const finetune = (parameters: string) =>
      problemsOf(
        `${GOOD}  pretrain: { uses: pretrain, needs: { dataset: split } }
  kmeans: { uses: kmeans-init, needs: { dataset: split, model: pretrain }, with: { clusters: 3 } }
  finetune:
    uses: finetune
    needs: { dataset: split, model: pretrain, centres: kmeans }
    with: { ${parameters} }
`,
      );
    expect(finetune('method: dcc')).toBe(
      [
        "p.yaml:11:21: error: parameter 'method' of stage 'finetune' must be one of 'dec', 'dcec', not 'dcc'",
        '  11 |     with: { method: dcc }',
        '     |                     ^^^',
        "     = did you mean 'dec'?",
      ].join('\n'),
    );
    expect(finetune('gamma: -1')).toContain(
      "parameter 'gamma' of stage 'finetune' must be a number of at least 0, not -1",
    );
    expect(finetune('gamma: [1]')).toContain(
      "parameter 'gamma' of stage 'finetune' must be a number of at least 0, or 'balanced', not the list [1]",
    );
  });

  it('tells of a list of alternatives only what the alternative that was meant lacks', () => {
    const network = (layers: string) =>
      problemsOf(
        withStep(`pretrain: { uses: pretrain, needs: { dataset: split }, with: { network: [${layers}] } }`),
      );
    expect(network('{ type: conv, filter: 3 }').match(/error: .*/g)).toEqual([
      "error: parameter 'network[0]' of stage 'pretrain' needs 'filters'",
      "error: unknown key 'filter' in parameter 'network[0]' of stage 'pretrain'",
    ]);
    expect(network('{ type: cnv, filters: 3 }').match(/error: .*/g)).toEqual([
      "error: parameter 'network[0].type' of stage 'pretrain' must be one of 'conv', 'dense', not 'cnv'",
    ]);
  });

  it('judges of an alternative with a reference in it what no value can mend', () => {
    const network = (layers: string) =>
      problemsOf(
        withStep(`pretrain: { uses: pretrain, needs: { dataset: split }, with: { network: [${layers}] } }`),
      );
    expect(network('"${{ params.data }}"').match(/error: .*/g)?.[0]).toContain(
      "must be a mapping (key: value), not 'heads'",
    );
    expect(network('{ type: conv, filters: "${{ params.data }}" }').match(/error: .*/g)).toEqual([
      "error: parameter 'network[0].filters' of stage 'pretrain' must be a whole number of at least 1, not 'heads'",
    ]);
    expect(network('{ type: cnv, filters: "${{ params.data }}" }').match(/error: .*/g)).toEqual([
      "error: parameter 'network[0].type' of stage 'pretrain' must be one of 'conv', 'dense', not 'cnv'",
    ]);
    expect(network('{ type: conv, filtres: "${{ params.data }}" }')).toContain("did you mean 'filters'?");
  });

  it('says which parameter is missing, in the words of its declaration', () => {
    const text = 'stages: { ingest: { uses: ingest, with: { source: images } } }\n';
    expect(problemsOf(text)).toBe(
      [
        "p.yaml:1:35: error: stage 'ingest' needs the parameter 'path'",
        `  1 | ${text.trim()}`,
        '    |                                   ^^^^',
        "    = give its place by '--set data=FOLDER'; the heads are published at example.org",
      ].join('\n'),
    );
    expect(problemsOf('stages: { ingest: { uses: ingest, with: { source: phantom } } }\n')).toBe('');
  });
});

describe('inputs', () => {
  it('names an input that is missing, and the steps that could serve', () => {
    expect(problemsOf(withStep('pretrain: { uses: pretrain }'))).toBe(
      [
        "p.yaml:6:3: error: stage 'pretrain' needs the input 'dataset': what dataset is",
        '  6 |   pretrain: { uses: pretrain }',
        '    |   ^^^^^^^^',
        '    = step that offers dataset: split',
      ].join('\n'),
    );
  });

  it('suggests the input and the step that were meant', () => {
    expect(problemsOf(withStep('pretrain: { uses: pretrain, needs: { datset: spilt } }'))).toBe(
      [
        "p.yaml:6:3: error: stage 'pretrain' needs the input 'dataset': what dataset is",
        '  6 |   pretrain: { uses: pretrain, needs: { datset: spilt } }',
        '    |   ^^^^^^^^',
        '    = step that offers dataset: split',
        "p.yaml:6:40: error: stage 'pretrain' has no input 'datset'",
        '  6 |   pretrain: { uses: pretrain, needs: { datset: spilt } }',
        '    |                                        ^^^^^^',
        "    = did you mean 'dataset'?",
        "p.yaml:6:48: error: there is no step 'spilt'",
        '  6 |   pretrain: { uses: pretrain, needs: { datset: spilt } }',
        '    |                                                ^^^^^',
        "    = did you mean 'split'?",
      ].join('\n'),
    );
  });

  it('says what an input takes, what the step offers, and which others would do', () => {
    expect(problemsOf(withStep('pretrain: { uses: pretrain, needs: { dataset: ingest } }'))).toBe(
      [
        "p.yaml:6:49: error: input 'dataset' of stage 'pretrain' takes dataset, and stage 'ingest' offers image-set, labels, index",
        '  6 |   pretrain: { uses: pretrain, needs: { dataset: ingest } }',
        '    |                                                 ^^^^^^',
        '    = step that offers dataset: split',
      ].join('\n'),
    );
    expect(
      problemsOf(
        withStep('c: { uses: kmeans-init, needs: { dataset: split, model: split }, with: { clusters: 3 } }'),
      ),
    ).toContain('stages that offer model: pretrain, finetune');
  });

  it('prints a circle as a path from the step that comes first in the file, with the place of each link', () => {
    const text = `stages:
  b: { uses: normalise, needs: { images: c } }
  a: { uses: normalise, needs: { images: b } }
  c: { uses: normalise, needs: { images: a } }
`;
    expect(problemsOf(text)).toBe(
      [
        'p.yaml:2:42: error: steps need each other in a circle: b → c → a → b',
        '  2 |   b: { uses: normalise, needs: { images: c } }',
        '    |                                          ^',
        '    = b needs c (2:42), c needs a (4:42), a needs b (3:42)',
      ].join('\n'),
    );
    expect(problemsOf('stages: { a: { uses: normalise, needs: { images: a } } }\n')).toContain(
      'error: steps need each other in a circle: a → a',
    );
  });
});

describe('references', () => {
  it('suggests the parameter that a reference meant, and underlines the reference alone', () => {
    expect(problemsOf(GOOD.replace('${{ params.data }}', '/data/${{ params.dta }}/x'))).toBe(
      [
        "p.yaml:3:64: error: the pipeline has no parameter 'dta'",
        '  3 |   ingest: { uses: ingest, with: { source: images, path: "/data/${{ params.dta }}/x" } }',
        '    |                                                                ^^^^^^^^^^^^^^^^^',
        "    = did you mean 'data'?",
      ].join('\n'),
    );
  });

  it('refuses what is no reference', () => {
    const path = (text: string) => problemsOf(GOOD.replace('${{ params.data }}', text));
    expect(path('${{ parms.data }}')).toContain("'${{ parms.data }}' refers to nothing");
    expect(path('${{ parms.data }}')).toContain("did you mean '${{ params.data }}'?");
    expect(path('${{ params.data }')).toContain("the reference '${{ params.data }' is not closed by '}}'");
    expect(path('${{ 1 + 1 }}')).toContain(
      'a reference is ${{ params.NAME }}, ${{ sweep.AXIS }} or ${{ seed }}',
    );
    expect(path('${{ sweep.gamma }}')).toContain("the sweep has no axis 'gamma'");
    expect(path('${{ params.seed }}')).toContain("the pipeline's seed is ${{ seed }}");
  });

  it('takes $${{ for text', () => {
    expect(parseText(GOOD.replace('${{ params.data }}', () => '$${{ nothing }}')).diagnostics).toEqual([]);
  });

  it('prints parameters that refer to each other in a circle', () => {
    expect(problemsOf(GOOD.replace('gamma: 0.01', 'a: "${{ params.b }}", b: "x${{ params.a }}"'))).toBe(
      [
        'p.yaml:1:27: error: parameters refer to each other in a circle: a → b → a',
        '  1 | params: { data: heads, a: "${{ params.b }}", b: "x${{ params.a }}" }',
        '    |                           ^^^^^^^^^^^^^^^^^',
      ].join('\n'),
    );
  });
});

describe('the sweep', () => {
  const table = `  pretrain: { uses: pretrain, needs: { dataset: split }, with: { embeddingDim: "\${{ params.dim }}" } }\n`;
  const swept = (sweep: string) =>
    problemsOf(`${GOOD.replace('gamma: 0.01', 'dim: 3')}${table}sweep: ${sweep}\n`);

  it('refuses an axis without values', () => {
    expect(swept('{ grid: { dim: [] } }')).toBe(
      [
        "p.yaml:7:23: error: 'sweep.grid.dim' is an empty list",
        '  7 | sweep: { grid: { dim: [] } }',
        '    |                       ^^',
        '    = it must be a list of at least 1 value',
      ].join('\n'),
    );
  });

  it('refuses an axis that is no parameter, and one that changes nothing', () => {
    expect(swept('{ grid: { dimm: [1, 2] } }')).toBe(
      [
        "p.yaml:7:18: error: the axis 'dimm' is not a parameter of the pipeline",
        '  7 | sweep: { grid: { dimm: [1, 2] } }',
        '    |                  ^^^^',
        "    = did you mean 'dim'?",
      ].join('\n'),
    );
    expect(swept('{ grid: { epochs: [1, 2] } }')).toContain(
      "write 'epochs' with a value of its own below 'params'",
    );
    const unused = GOOD.replace('params: {', 'params: { unused: 1,');
    expect(problemsOf(`${unused}sweep: { grid: { unused: [1, 2] } }\n`)).toContain(
      "the axis 'unused' changes nothing: no stage refers to it",
    );
    expect(problemsOf(`${GOOD}sweep: { grid: { seed: [1, 2] } }\n`)).toContain(
      "the axis 'seed' changes nothing: no stage here draws random numbers",
    );
  });

  it('refuses points that name other axes, seeds that are none, and grids beyond reason', () => {
    expect(swept('{ grid: { dim: [1, 2] }, exclude: [{ dimm: 1 }] }')).toContain(
      "'exclude' names 'dimm', which is no axis whose values are combined",
    );
    expect(swept('{ grid: { seed: [0, 1.5] } }')).toContain(
      'a seed must be a whole number of at least 0, not 1.5',
    );
    const many = `[${Array.from({ length: 400 }, (_, index) => index + 1).join()}]`;
    expect(swept(`{ grid: { dim: ${many}, seed: ${many} } }`)).toContain(
      'error: the grid has 160000 points, and a sweep at most 100000',
    );
  });

  it('takes an axis for used that only another axis refers to', () => {
    const text = GOOD.replace('gamma: 0.01', 'dim: 3, k: 2');
    const { diagnostics } = parseText(
      `${text}${table}sweep: { grid: { k: [1, 2], dim: ["\${{ params.k }}"] } }\n`,
    );
    expect(diagnostics).toEqual([]);
  });

  it('points at the one axis of a list that is none', () => {
    const text = `${GOOD.replace('gamma: 0.01', 'dim: 3')}${table}  e: { uses: evaluate, needs: { dataset: split, model: pretrain, labels: ingest } }
  t:
    uses: summarise
    needs: { m: e }
    over:
      - dim
      - gmma
sweep: { grid: { dim: [1, 2] } }
`;
    expect(problemsOf(text)).toBe(
      [
        "p.yaml:13:9: error: 'over' of step 't' names 'gmma', which is no axis of the sweep",
        '  13 |       - gmma',
        '     |         ^^^^',
        '     = axes are: dim',
      ].join('\n'),
    );
  });

  it('warns of a value that stands twice', () => {
    expect(swept('{ grid: { dim: [1, 1.0] } }')).toContain(
      "warning: the axis 'dim' lists 1 twice: it counts once",
    );
  });

  it('refuses to collect over what is no axis, or with a stage that cannot collect', () => {
    const collect = (step: string) =>
      problemsOf(
        `${GOOD.replace('gamma: 0.01', 'dim: 3')}${table}  ${step}\nsweep: { grid: { dim: [1, 2] } }\n`,
      );
    expect(collect('t: { uses: normalise, needs: { images: ingest }, over: [dim] }')).toContain(
      "step 't' (normalise) cannot collect over points",
    );
    const evaluated = `e: { uses: evaluate, needs: { dataset: split, model: pretrain, labels: ingest } }\n  `;
    expect(collect(`${evaluated}t: { uses: summarise, needs: { m: e }, over: [dimm] }`)).toContain(
      "'over' of step 't' names 'dimm', which is no axis of the sweep",
    );
    expect(
      collect(
        `${evaluated}t: { uses: summarise, needs: { m: e }, over: dim, with: { title: "x\${{ params.dim }}" } }`,
      ),
    ).toContain("step 't' collects over 'dim', so its own parameters cannot depend on it");
  });
});

describe('expectations', () => {
  const expecting = (text: string) => problemsOf(`${GOOD}expect: ${text}\n`);

  it('refuses steps and axes that are not there, and bounds that say nothing', () => {
    expect(expecting('{ spilt: { "test.acc": { atLeast: 0.6 } } }')).toContain("did you mean 'split'?");
    expect(expecting('{ split: { "test.acc": { atLest: 0.6 } } }')).toContain("did you mean 'atLeast'?");
    expect(expecting('{ split: { "test.acc": { within: 0.6 } } }')).toContain("has 'within' without 'of'");
    expect(expecting('{ split: { "test.acc": 0.6 } }')).toContain(
      "'expect.split.test.acc' must be a mapping",
    );
    expect(expecting('{ sweep: [{ metric: a.b, over: seed, mean: { atLeast: 1 } }] }')).toContain(
      "the sweep has no axis 'seed'",
    );
    expect(expecting('{ sweep: [{ metric: a.b, mean: { atLeast: 1 } }] }')).toContain(
      "'mean' is taken over an axis, and the expectation has no 'over'",
    );
    expect(expecting('{ sweep: [{ metric: a.b }] }')).toContain(
      'it needs one of atLeast, atMost, between, within',
    );
  });
});

describe('all problems', () => {
  it('are told in one pass, in the order of the file, those that only expanded values show included', () => {
    const text = `seed: minus
params: { k: three }
stages:
  ingest: { uses: ingest, with: { source: phantom, subjets: 3 } }
  ok: { uses: ingest, with: { source: phantom, subjects: "\${{ params.k }}" } }
  normalise: { uses: normalize, needs: { images: ok } }
  a: { uses: normalise, needs: { images: b } }
  b: { uses: normalise, needs: { images: a } }
`;
    expect(problemsOf(text).match(/^p\.yaml.*$/gm)).toEqual([
      "p.yaml:1:7: error: 'seed' must be a whole number from 0 to 9007199254740991, not 'minus'",
      "p.yaml:4:52: error: unknown parameter 'subjets' of stage 'ingest'",
      "p.yaml:6:22: error: unknown stage 'normalize'",
      'p.yaml:7:42: error: steps need each other in a circle: a → b → a',
    ]);
    expect(problemsOf(text.replace(/ {2}[ab]: .*\n/g, '')).match(/^p\.yaml.*$/gm)).toContain(
      "p.yaml:2:14: error: parameter 'subjects' of step 'ok' (ingest) must be a whole number of at least 1, not 'three'",
    );
  });
});
