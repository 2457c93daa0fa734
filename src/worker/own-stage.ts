import type { Job, OutputFile } from '../core/artifact.ts';
import { type Failure, fail, toFailure } from '../core/failure.ts';
import { isOwnStage } from '../core/own-stage.ts';

/** What a stage of the user's must have written and has not. @throws ExpectedFailure missing-output */
export function checkOutputs({ outputs, fields, part }: Job, written: readonly OutputFile[]): void {
  if (!outputs || part.kind === 'item') return;
  const there = (path: string) =>
    written.some((file) => (path.endsWith('/') ? file.path.startsWith(path) : file.path === path));
  const missing = outputs.filter((path) => !there(path));
  if (missing.length === 0) return;
  const names = written.map(({ path }) => path).slice(0, 10);
  const has = names.length > 0 ? `there: ${names.join(', ')}` : 'context.out is empty';
  fail('missing-output', `${fields.stage} ended well without writing ${missing.join(', ')} (${has})`);
}

/** What a stage threw, as a value: in one of the user's, what is no expected failure is a bug of theirs, not ours. */
export function stageFailure(thrown: unknown, { fields }: Job): Failure {
  const failure = toFailure(thrown);
  if (failure.reason !== 'internal-error' || !isOwnStage(fields.stage)) return failure;
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : `it threw ${String(thrown)}`;
  return { reason: 'stage-failed', message: `${fields.stage} failed: ${ownFrames(stack)}` };
}

/** The message and the calls in the user's own files: those in clade's and Node's say nothing to them. */
function ownFrames(stack: string): string {
  const lines = stack.split('\n');
  const first = lines.findIndex((line) => /^\s+at /.test(line));
  if (first < 0) return stack;
  const frames = lines.slice(first).filter((line) => !/node:|worker-main\.js|\/chunks\//.test(line));
  return [...lines.slice(0, first), ...frames.slice(0, 8)].join('\n');
}
