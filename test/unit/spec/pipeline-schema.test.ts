import Ajv from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import type { Json } from '../../../src/core/json.ts';
import { buildPipelineSchema } from '../../../src/spec/pipeline-schema.ts';
import { fakeCatalogue } from '../../support/fake-catalogue.ts';
import { parseText } from '../../support/read-pipeline.ts';

const schema = buildPipelineSchema(fakeCatalogue);
const accepts = new Ajv({ strict: false, allErrors: true }).compile(schema);
const parses = (text: string) => parseText(text).spec !== null;

const GOOD = `name: x
seed: 3
params: { d: 3, m: dec, g: 1, data: x }
stages:
  ingest: { uses: ingest, with: { source: images, path: "\${{ params.data }}" } }
  normalise: { uses: normalise, needs: { images: ingest }, with: { size: ["\${{ params.d }}", 8] } }
  split: { uses: split, needs: { images: normalise, index: ingest } }
  pretrain:
    uses: pretrain
    needs: { dataset: split }
    with: { embeddingDim: "\${{ params.d }}", network: [{ type: conv, filters: "\${{ params.d }}" }, "\${{ params.g }}"] }
  kmeans: { uses: kmeans-init, needs: { dataset: split, model: pretrain }, with: { clusters: 3 } }
  finetune:
    uses: finetune
    needs: { dataset: split, model: pretrain, centres: kmeans }
    with: { method: "\${{ params.m }}", gamma: "\${{ params.g }}" }
  evaluate: { uses: evaluate, needs: { dataset: split, model: finetune, labels: ingest } }
  table: { uses: summarise, needs: { DEC: evaluate }, over: [d, seed] }
sweep: { grid: { d: [1, 2], seed: [0, 1] }, exclude: [{ d: 1 }], include: [{ d: 5 }] }
expect:
  evaluate: { test.acc: { atLeast: 0.6 } }
  sweep: [{ metric: evaluate.test.acc, where: { d: 5 }, over: seed, mean: { within: 1, of: 2 } }]
`;

describe('buildPipelineSchema', () => {
  it('is a valid JSON Schema (draft-07)', () => {
    expect(new Ajv().validateSchema(schema)).toBe(true);
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  });

  it('accepts a good pipeline, references wherever a value may stand included', () => {
    expect(parseText(GOOD).diagnostics).toEqual([]);
    accepts(parseDocument(GOOD).toJS());
    expect(accepts.errors).toBeNull();
  });

  it.each([
    ['an unknown key', 'seed: 3', 'sed: 3'],
    ['a value of the wrong type', 'seed: 3', 'seed: three'],
    ['an unknown stage', 'uses: pretrain', 'uses: pretrian'],
    ['an unknown parameter', 'clusters: 3', 'clusters: 3, clusterz: 3'],
    ['a parameter of the wrong type', 'clusters: 3', 'clusters: [3]'],
    ['a wrong value within a parameter', 'type: conv', 'type: cnv'],
    ['a parameter that is missing', '{ clusters: 3 }', '{}'],
    ['an input that is missing', 'index: ingest', ''],
    ['an unknown input', 'index: ingest', 'index: ingest, indx: ingest'],
    ['over where nothing can be collected', 'uses: split,', 'uses: split, over: [d],'],
    ['an axis without values', 'd: [1, 2]', 'd: []'],
    ['bounds that are none', 'atLeast', 'atLest'],
    ['within without of', ', of: 2', ''],
  ])('refuses %s, as the parser does', (_, good, bad) => {
    const text = GOOD.replace(good, bad);
    expect(text).not.toBe(GOOD);
    expect(accepts(parseDocument(text).toJS())).toBe(false);
    expect(parses(text)).toBe(false);
  });

  it('refuses nothing that the parser accepts', () => {
    const words = GOOD.match(/[\w.-]+/g)!.length;
    const replacement = fc.oneof(
      fc.constantFrom(
        'null',
        '{}',
        '[]',
        'seed',
        'split',
        '"${{ params.d }}"',
        'x',
        '-1',
        '0.5',
        'true',
        'with',
      ),
      fc.json({ maxDepth: 1 }),
    );
    fc.assert(
      fc.property(fc.nat(words - 1), replacement, (index, text) => {
        let seen = -1;
        const changed = GOOD.replace(/[\w.-]+/g, (word) => (++seen === index ? text : word));
        if (!parses(changed)) return;
        accepts(parseDocument(changed).toJS() as Json);
        expect(accepts.errors).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('gives editors what a stage and its parameters are for, and the defaults', () => {
    const { stages } = schema.properties as unknown as {
      stages: {
        additionalProperties: {
          allOf: { then: { properties: { [key: string]: { description: string } } } }[];
        };
      };
    };
    const pretrain = stages.additionalProperties.allOf[3].then.properties as unknown as {
      uses: Json;
      with: { properties: { [name: string]: Json } };
    };
    expect(pretrain.uses).toEqual({ const: 'pretrain', description: 'the stage pretrain' });
    expect(pretrain.with.properties.embeddingDim).toEqual({
      description: 'size of the embedding',
      default: 3,
      anyOf: [{ type: 'integer', minimum: 1 }, { $ref: '#/definitions/reference' }],
    });
  });
});
