import { describe, expect, it } from 'vitest';
import { selectSteps } from '../../../src/plan/select-steps.ts';
import { planOf } from '../../support/read-pipeline.ts';

const plan = planOf(`
params: { size: [8, 8], dim: 3, gamma: 0.01, method: dcec }
stages:
  ingest: { uses: ingest, with: { source: phantom } }
  normalise: { uses: normalise, needs: { images: ingest }, with: { size: "\${{ params.size }}" } }
  split: { uses: split, needs: { images: normalise, index: ingest } }
  pretrain: { uses: pretrain, needs: { dataset: split }, with: { embeddingDim: "\${{ params.dim }}" } }
  kmeans: { uses: kmeans-init, needs: { dataset: split, model: pretrain }, with: { clusters: 3 } }
  finetune:
    uses: finetune
    needs: { dataset: split, model: pretrain, centres: kmeans }
    with: { method: "\${{ params.method }}", gamma: "\${{ params.gamma }}" }
sweep: { grid: { size: [[8, 8], [16, 16]], dim: [3, 10], method: [dec, dcec], gamma: [0.01] } }
`);

const select = (...selectors: string[]) => selectSteps(plan, selectors).stepIds;
const refusal = (selector: string) => selectSteps(plan, [selector]).diagnostics[0];

describe('selectSteps', () => {
  it('takes a bare name at all points, in the order of the plan', () => {
    expect(select('pretrain', 'ingest')).toEqual([
      'ingest',
      'pretrain@size=[8%2C8],dim=3',
      'pretrain@size=[8%2C8],dim=10',
      'pretrain@size=[16%2C16],dim=3',
      'pretrain@size=[16%2C16],dim=10',
    ]);
  });

  it('takes values as in ids, as JSON, and as plain text', () => {
    const expected = ['pretrain@size=[8%2C8],dim=10'];
    expect(select('pretrain@size=[8%2C8],dim=10')).toEqual(expected);
    expect(select('pretrain@dim=10,size=[8, 8]')).toEqual(expected);
    expect(select('finetune@method="dec",dim=3,size=[8,8]')).toEqual(
      select('finetune@method=dec,dim=3,size=[8,8]'),
    );
    expect(select('finetune@gamma=.01,dim=3,size=[8,8]')).toEqual(
      ['finetune@size=[8%2C8],dim=3,method=dcec,gamma=0.01']
        .concat('finetune@size=[8%2C8],dim=3,method=dec')
        .sort(
          (a, b) => plan.steps.findIndex(({ id }) => id === a) - plan.steps.findIndex(({ id }) => id === b),
        ),
    );
  });

  it('takes axes that the step does not depend on', () => {
    expect(select('ingest@dim=3')).toEqual(['ingest']);
    expect(select('pretrain@gamma=0.01,dim=3,size=[8,8]')).toEqual(['pretrain@size=[8%2C8],dim=3']);
  });

  it('suggests the step, the axis and the value that were meant', () => {
    expect(refusal('pretrian')).toMatchObject({
      message: "the pipeline has no step 'pretrian'",
      hint: "did you mean 'pretrain'?",
    });
    expect(refusal('pretrain@dm=3')).toMatchObject({
      message: "'pretrain@dm=3': the sweep has no axis 'dm'",
      hint: "did you mean 'dim'?",
    });
    expect(refusal('finetune@method=dce')).toMatchObject({
      message: "'finetune@method=dce': the axis 'method' has no value 'dce'",
      hint: "did you mean 'dec'?",
    });
    expect(refusal('pretrain@dim=7')).toMatchObject({ hint: 'its values are: 3, 10' });
    expect(refusal('pretrain@dim')).toMatchObject({
      message: "'pretrain@dim': 'dim' is not of the form axis=value",
    });
  });
});
