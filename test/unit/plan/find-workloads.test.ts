import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../../src/core/declaration.ts';
import { findWorkloads } from '../../../src/plan/find-workloads.ts';
import { fakeCatalogue } from '../../support/fake-catalogue.ts';
import { planOf } from '../../support/read-pipeline.ts';

const { pretrain } = fakeCatalogue.stages;
const catalogue: Catalogue = {
  ...fakeCatalogue,
  stages: {
    ...fakeCatalogue.stages,
    pretrain: {
      ...pretrain,
      declaration: { ...pretrain.declaration, workload: ['embeddingDim', 'network'] },
    },
  },
};

function workloadsOf(pretrainWith: string, head = '', normalise = ', with: { size: [64, 48] }') {
  const plan = planOf(
    `${head}stages:
  read: { uses: ingest, with: { source: phantom } }
  sized: { uses: normalise, needs: { images: read }${normalise} }
  parts: { uses: split, needs: { images: sized, index: read } }
  train: { uses: pretrain, needs: { dataset: parts }, with: { ${pretrainWith} } }
`,
    { catalogue },
  );
  return findWorkloads(plan, catalogue);
}

describe('findWorkloads', () => {
  it('tells what shapes a training step, with the size that images come in', () => {
    expect(workloadsOf('embeddingDim: 5, maxEpochs: 7')).toEqual([
      { workload: { stage: 'pretrain', parameters: { embeddingDim: 5 }, imageSize: [64, 48] }, steps: 1 },
    ]);
    expect(workloadsOf('', '', '')[0].workload.imageSize).toEqual([128, 128]); // normalise's default
  });

  it('counts steps that train the same, and keeps the three most frequent', () => {
    const head = `params: { d: 3, epochs: 1 }
sweep:
  grid: { d: [2, 3, 4, 5], epochs: [1, 2] }
  exclude: [{ d: 2, epochs: 2 }]
`;
    const found = workloadsOf('embeddingDim: "${{ params.d }}", maxEpochs: "${{ params.epochs }}"', head);
    expect(found.map(({ workload, steps }) => [workload.parameters['embeddingDim'], steps])).toEqual([
      [3, 2],
      [4, 2],
      [5, 2],
    ]);
  });

  it('finds none where no stage says what it trains', () => {
    expect(
      findWorkloads(planOf('stages: { read: { uses: ingest, with: { source: phantom } } }\n'), catalogue),
    ).toEqual([]);
  });
});
