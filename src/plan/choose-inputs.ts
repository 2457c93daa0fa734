import { applies } from '../core/declaration.ts';
import type { JsonObject } from '../core/json.ts';
import { stageText } from '../spec/check-parameters.ts';
import { showValue } from '../spec/describe-schema.ts';
import { own } from '../spec/own.ts';
import type { StageAtPoint, StageProblem } from './stage-at-point.ts';

/** The inputs that apply and are given, in the order of the file; and those that apply and are not. */
export function chooseInputs(
  { key, stage, declaration }: StageAtPoint,
  params: JsonObject,
): { inputs: string[]; problems: StageProblem[] } {
  const problems: StageProblem[] = [];
  const inputs = Object.keys(stage.needs).filter((name) => {
    const input = own(declaration.inputs, name);
    if (!input?.when || applies(input.when, params)) return true;
    const message = `input '${name}' of ${stageText(key, declaration.name)} does not apply with these parameters, and is left out`;
    const place = { in: 'needs' as const, name, inside: [] };
    problems.push({ severity: 'note', at: 'key', code: 'not-applying', message, place });
    return false;
  });
  for (const [name, input] of Object.entries(declaration.inputs)) {
    if (!input.when || own(stage.needs, name) !== undefined || !applies(input.when, params)) continue;
    const controls = Object.keys(input.when).map(
      (control) => `'${control}' is ${showValue(params[control])}`,
    );
    const message = `${stageText(key, declaration.name)} needs the input '${name}' where ${controls.join(' and ')}: ${input.description}`;
    problems.push({ at: 'key', code: 'missing-input', message, place: { in: 'needs', name, inside: [] } });
  }
  return { inputs, problems };
}
