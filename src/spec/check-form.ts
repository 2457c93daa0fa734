import type { JsonObject } from '../core/json.ts';
import { explainErrors } from './explain-errors.ts';
import { own } from './own.ts';
import { coreForm, sectionForms } from './pipeline-form.ts';
import { type Problem, pathText, type ValuePath } from './problem.ts';
import { validateValue } from './validate-value.ts';

/** What has not the form that every pipeline has, whatever its stages. */
export function checkForm(value: JsonObject): Problem[] {
  const core = explainErrors(validateValue(coreForm, value), { path: [], subject, references: false });
  const sections = Object.entries(sectionForms).flatMap(([section, form]) => {
    const part = own(value, section);
    if (part === undefined) return [];
    return explainErrors(validateValue(form, part), {
      path: [section],
      subject: (path) => subject([section, ...path]),
      references: false,
    });
  });
  return [...core, ...sections];
}

function subject(path: ValuePath): string {
  return path.length === 0 ? 'the pipeline' : `'${pathText(path)}'`;
}
