import type { CollectedMember, Step } from '../core/plan.ts';

/** What is to be done about inputs that have no artifact. */
export type MissingVerdict =
  /** An input that is one artifact is not there. */
  | { readonly kind: 'input'; readonly because: string }
  /** Points that the step collects are not there, and it does not make do. */
  | { readonly kind: 'points'; readonly message: string };

const NAMED_LIMIT = 20;

/**
 * Can a step be made of what is there? An average over fewer points than were asked for looks like any
 * other, so a collecting step says which are missing, and goes on without them only where the file
 * allows it, and never without any.
 *
 * @param gaps steps that have no artifact, and why.
 * @returns null where it can.
 */
export function judgeMissing(step: Step, gaps: ReadonlyMap<string, string>): MissingVerdict | null {
  if (gaps.size === 0) return null;
  const problems: string[] = [];
  for (const [name, input] of Object.entries(step.inputs)) {
    if (input.kind === 'one') {
      if (gaps.has(input.step)) return { kind: 'input', because: `${input.step} ${gaps.get(input.step)}` };
      continue;
    }
    const missing = input.members.filter((member) => gaps.has(member.step));
    const enough = input.missing === 'allow' && missing.length < input.members.length;
    if (missing.length > 0 && !enough) problems.push(listMissing(name, missing, input.members.length, gaps));
  }
  return problems.length > 0 ? { kind: 'points', message: problems.join('\n') } : null;
}

function listMissing(
  name: string,
  missing: readonly CollectedMember[],
  of: number,
  gaps: ReadonlyMap<string, string>,
): string {
  const named = missing.slice(0, NAMED_LIMIT).map(({ step }) => `${step} ${gaps.get(step)}`);
  const more = missing.length > NAMED_LIMIT ? [`and ${missing.length - NAMED_LIMIT} more`] : [];
  return `'${name}' lacks ${missing.length} of ${of}: ${[...named, ...more].join('; ')}`;
}
