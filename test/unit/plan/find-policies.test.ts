import { describe, expect, it } from 'vitest';
import type { DemandOverride } from '../../../src/core/resources.ts';
import { fakeCatalogue } from '../../support/fake-catalogue.ts';
import { planOf } from '../../support/read-pipeline.ts';

/** The demand of a step whose stage declares one thing and whose file says another. */
function demandOf(needs: DemandOverride, resources: DemandOverride) {
  const { ingest } = fakeCatalogue.stages;
  const catalogue = {
    ...fakeCatalogue,
    stages: { ...fakeCatalogue.stages, ingest: { ...ingest, declaration: { ...ingest.declaration, needs } } },
  };
  const said = Object.keys(resources).length > 0 ? `, resources: ${JSON.stringify(resources)}` : '';
  const plan = planOf(`stages: { read: { uses: ingest, with: { source: phantom }${said} } }\n`, {
    catalogue,
  });
  return plan.steps[0].policy.demand;
}

describe('what a step takes', () => {
  it('is one core where nobody says otherwise', () => {
    expect(demandOf({}, {})).toEqual({ cpu: 1, threads: 1, memoryMiB: 0, gpu: 0 });
  });

  it('is what its stage declares, but for what the file says', () => {
    expect(demandOf({ threads: 8, memoryMiB: 900 }, { memoryMiB: 100 })).toEqual({
      cpu: 1,
      threads: 8,
      memoryMiB: 100,
      gpu: 0,
    });
  });

  it('can use at least the cores that it needs', () => {
    expect(demandOf({}, { cpu: 4 })).toMatchObject({ cpu: 4, threads: 4 });
    expect(demandOf({ cpu: 2, threads: 8 }, { threads: 1 })).toMatchObject({ cpu: 1, threads: 1 });
  });

  it('changes neither what is computed nor what is shared', () => {
    const keyOf = (more: string) =>
      planOf(`stages: { read: { uses: ingest, with: { source: phantom }${more} } }\n`).steps[0].structuralKey;
    expect(keyOf(', resources: { cpu: 2 }, retries: 3, timeout: 2h')).toBe(keyOf(''));
  });
});
