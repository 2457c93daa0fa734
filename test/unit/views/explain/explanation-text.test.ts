import { describe, expect, it } from 'vitest';
import type { StaleReason } from '../../../../src/core/events.ts';
import { type ExplainedStep, explanationTable } from '../../../../src/views/explain/explanation-text.ts';

const needs = (...ids: string[]): StaleReason[] => ids.map((field) => ({ code: 'depends-on', field }));

function lineOf(id: string, reasons: readonly StaleReason[]): string {
  const step: ExplainedStep = {
    step: { id, uses: 'any' },
    verdict: 'would-run',
    fingerprint: null,
    reasons,
    failure: null,
  };
  return explanationTable([step], () => 1500)
    .split('\n')[2]
    .trim();
}

describe('the table of a dry run', () => {
  it('names what a step of a point needs of that point without saying the point again', () => {
    expect(lineOf('evaluate@d=3,seed=1', needs('split', 'train@d=3', 'tune@d=3,seed=1'))).toMatch(
      /depends on split, train, tune$/,
    );
  });

  it('says the point where it is another', () => {
    expect(lineOf('after@seed=1', needs('train@seed=2'))).toMatch(/depends on train@seed=2$/);
  });

  it('counts the points that a step collects, so that a row stays a row', () => {
    const points = Array.from({ length: 900 }, (_, seed) => `evaluate@seed=${seed}`);
    expect(lineOf('table', needs(...points, 'ingest'))).toMatch(
      /depends on evaluate \(900 points\), ingest$/,
    );
  });

  it('has the other reasons first', () => {
    const reasons: StaleReason[] = [...needs('split'), { code: 'forced', field: 'evaluate' }];
    expect(lineOf('evaluate', reasons)).toMatch(/1\.5 s +forced; depends on split$/);
  });
});
