import type { JsonObject } from '../core/json.ts';
import type { Problem, ValuePath } from './problem.ts';

/** Bounds that say nothing, or that nothing can meet. */
export function checkBounds(bounds: JsonObject, path: ValuePath): Problem[] {
  const { atLeast, atMost, between } = bounds;
  const problem = (name: string, message: string): Problem => ({
    path: [...path, name],
    at: 'key',
    code: 'bad-expectation',
    message,
  });
  const problems: Problem[] = [];
  if (bounds.of !== undefined && bounds.within === undefined && bounds.withinSd === undefined)
    problems.push(problem('of', "'of' is a golden value: how far from it, says 'within' or 'withinSd'"));
  if (typeof atLeast === 'number' && typeof atMost === 'number' && atLeast > atMost)
    problems.push(problem('atLeast', `nothing is at least ${atLeast} and at most ${atMost}`));
  if (Array.isArray(between) && typeof between[0] === 'number' && typeof between[1] === 'number') {
    if (between[0] > between[1])
      problems.push(
        problem('between', `nothing is between ${between[0]} and ${between[1]}: the smaller one goes first`),
      );
  }
  return problems;
}
