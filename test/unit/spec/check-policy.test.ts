import { describe, expect, it } from 'vitest';
import { parseText, problemsOf } from '../../support/read-pipeline.ts';

const withPolicy = (policy: string) =>
  `stages: { read: { uses: ingest, with: { source: phantom }, ${policy} } }\n`;

describe('how a step is executed', () => {
  it('is read from the file', () => {
    const { spec, diagnostics } = parseText(
      withPolicy('resources: { cpu: 2, threads: 4, memoryMiB: 500, gpu: 1 }, retries: 2, timeout: 1h 30m'),
    );
    expect(diagnostics).toEqual([]);
    expect(spec?.stages.read).toMatchObject({
      resources: { cpu: 2, threads: 4, memoryMiB: 500, gpu: 1 },
      retries: 2,
      timeoutMs: 5_400_000,
    });
  });

  it('may be a share of a GPU', () => {
    const { spec, diagnostics } = parseText(withPolicy('resources: { gpu: 0.25 }'));
    expect(diagnostics).toEqual([]);
    expect(spec?.stages.read.resources).toEqual({ gpu: 0.25 });
  });

  it('refuses a timeout without a unit, and offers some', () => {
    expect(problemsOf(withPolicy('timeout: 5'))).toBe(
      [
        "p.yaml:1:69: error: the timeout of step 'read' (ingest) must be a duration, not 5",
        '  1 | stages: { read: { uses: ingest, with: { source: phantom }, timeout: 5 } }',
        '    |                                                                     ^',
        "    = with a unit: did you mean '5s', or '5m'?",
      ].join('\n'),
    );
  });

  it.each(['2 hours', 'soon', '0s'])('refuses the timeout %s', (timeout) => {
    const problems = problemsOf(withPolicy(`timeout: ${timeout}`));
    expect(problems).toContain(`must be a duration, not '${timeout}'`);
    expect(problems).toContain('such as 90s, 45m, 2h or 1h 30m');
  });

  it('offers the resource that was meant', () => {
    const problems = problemsOf(withPolicy('resources: { cpus: 2 }'));
    expect(problems).toContain("p.yaml:1:73: error: unknown key 'cpus' in 'stages.read.resources'");
    expect(problems).toContain("did you mean 'cpu'?");
  });

  it.each([
    ['resources: { cpu: 0 }', "'stages.read.resources.cpu' must be a whole number of at least 1, not 0"],
    ['resources: { gpu: 1.5 }', "step 'read' (ingest) cannot take 1.5 GPUs"],
    ['resources: { gpu: 0.0001 }', "step 'read' (ingest) cannot take 0.0001 GPUs"],
    ['resources: { gpu: -1 }', "'stages.read.resources.gpu' must be a number of at least 0, not -1"],
    ['retries: -1', "'stages.read.retries' must be a whole number from 0 to 100, not -1"],
    ['resources: { cpu: 4, threads: 2 }', "step 'read' (ingest) needs 4 cores and can use 2"],
  ])('refuses %s', (policy, message) => {
    expect(problemsOf(withPolicy(policy))).toContain(message);
  });
});
