import type { Catalogue } from '../core/declaration.ts';
import { suggest } from '../core/suggest.ts';
import type { PipelineDraft } from './draft.ts';
import { own } from './own.ts';
import type { Problem } from './problem.ts';
import { mayRefer } from './references.ts';

/** What Windows takes for a device, whatever follows after a dot. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** Stages that are not there, and names that cannot be had. */
export function checkNames({ stages, params }: PipelineDraft, catalogue: Catalogue): Problem[] {
  const problems: Problem[] = [];
  const folders = new Map<string, string>();
  for (const [key, { uses }] of Object.entries(stages)) {
    const path = ['stages', key];
    const broken = own(catalogue.broken ?? {}, uses);
    if (broken) {
      problems.push({ path: [...path, 'uses'], at: 'value', code: 'bad-stage', ...broken });
    } else if (!own(catalogue.stages, uses)) {
      const hint = mayRefer(uses)
        ? "'uses' is a name: a reference cannot stand here"
        : suggest(uses, Object.keys(catalogue.stages), 'stages are');
      problems.push({
        path: [...path, 'uses'],
        at: 'value',
        code: 'unknown-stage',
        message: `unknown stage '${uses}'`,
        hint,
      });
    }
    const badName = (message: string) => problems.push({ path, at: 'key', code: 'bad-step-name', message });
    if (key === 'sweep') badName("no step may be named 'sweep': 'expect' has that word for the whole sweep");
    if (DEVICES.test(key)) badName(`no step may be named '${key}': Windows has no such folder`);
    const folder = key.toLowerCase();
    const other = folders.get(folder);
    if (other !== undefined)
      badName(`'${key}' and '${other}' differ in case only: on macOS and Windows they are one folder`);
    folders.set(folder, key);
  }
  if (own(params, 'seed') !== undefined) {
    problems.push({
      path: ['params', 'seed'],
      at: 'key',
      code: 'bad-parameter-name',
      message: "'seed' is the pipeline's own, not one of its parameters",
      hint: "write it beside 'stages'; ${{ seed }} refers to it",
    });
  }
  return problems;
}
