import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestBytes } from '../core/digest.ts';
import { type FileExpectation, type FileRequirement, fileMatcher } from '../core/expectation.ts';
import { ExpectedFailure } from '../core/failure.ts';
import { boundsText } from './bounds.ts';
import type { FactsOf, Finding, StepFacts, Verdict } from './check.ts';
import { compareFiles } from './golden/compare-files.ts';
import { inspectArray, inspectValues, shapeText } from './inspect-array.ts';
import { inspectColumn, inspectColumns, inspectRows } from './inspect-table.ts';

/** Where golden files are. */
export interface GoldenFiles {
  /** Absolute path of the golden file that a file of a step is held against. */
  pathOf(golden: string | true, stepId: string, file: string): string;
  /** Null where there is none. */
  read(path: string): Promise<Uint8Array | null>;
}

export interface FileRequest {
  readonly stepId: string;
  readonly expectation: FileExpectation;
  readonly factsOf: FactsOf;
  readonly golden: GoldenFiles;
}

/** Every file that the expectation names, against its one requirement. */
export async function judgeFile(request: FileRequest): Promise<Verdict> {
  const { file, requirement } = request.expectation;
  const expected = expectedText(requirement);
  const facts = request.factsOf(request.stepId);
  if ('missing' in facts) return { ok: false, expected, got: facts.missing, details: [] };
  const files = facts.outputs.map(({ path }) => path).filter(fileMatcher(file));
  const wanted = requirement.is !== 'present' || requirement.present;
  if (files.length === 0) {
    if (!wanted) return { ok: true, expected, got: 'not there', details: [] };
    const made = facts.outputs.map(({ path }) => path);
    const got = `no file '${file}': the step made ${shortList(made)}`;
    return { ok: false, expected, got, details: [] };
  }
  if (requirement.is === 'present') return { ok: wanted, expected, got: shortList(files), details: [] };

  const found: { readonly path: string; readonly finding: Finding }[] = [];
  for (const path of files) found.push({ path, finding: await inspect(request, facts, path) });
  const wrong = found.filter(({ finding }) => !finding.ok);
  const outdated =
    requirement.is === 'golden'
      ? wrong.map(({ path }) => ({
          golden: request.golden.pathOf(requirement.golden, request.stepId, path),
          from: join(facts.folder, path),
        }))
      : [];
  const shown = wrong[0] ?? found[0];
  const named = files.length > 1 ? `${shown.path}: ` : '';
  const others = wrong.length > 1 ? [`and ${wrong.length - 1} more of ${files.length} files`] : [];
  const { measured } = shown.finding;
  return {
    ok: wrong.length === 0,
    expected,
    got: `${named}${shown.finding.got}`,
    details: [...(shown.finding.details ?? []), ...others],
    ...(measured !== undefined && files.length === 1 ? { measured } : {}),
    ...(outdated.length > 0 ? { outdated } : {}),
  };
}

async function inspect(request: FileRequest, facts: StepFacts, path: string): Promise<Finding> {
  const { requirement } = request.expectation;
  try {
    const bytes = await readFile(join(facts.folder, path));
    switch (requirement.is) {
      case 'present':
        return { ok: requirement.present, got: 'there' };
      case 'digest': {
        const digest = digestBytes(bytes);
        const ok = requirement.digest !== null && digest.startsWith(requirement.digest);
        return { ok, got: digest, measured: digest };
      }
      case 'shape':
      case 'dtype':
        return inspectArray(bytes, path, requirement);
      case 'values':
        return inspectValues(bytes, path, requirement);
      case 'rows':
        return inspectRows(bytes, path, requirement.bounds);
      case 'columns':
        return inspectColumns(bytes, path, requirement.columns);
      case 'column':
        return inspectColumn(bytes, path, requirement);
      case 'golden': {
        const place = request.golden.pathOf(requirement.golden, request.stepId, path);
        const golden = await request.golden.read(place);
        if (!golden) return { ok: false, got: `there is no golden file ${place} yet` };
        return compareFiles({ path, golden, bytes, tolerance: requirement });
      }
    }
  } catch (thrown) {
    if (thrown instanceof ExpectedFailure) return { ok: false, got: thrown.failure.message };
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === undefined) throw thrown;
    return { ok: false, got: `${path} cannot be read: ${message}` };
  }
}

function expectedText(requirement: FileRequirement): string {
  switch (requirement.is) {
    case 'present':
      return requirement.present ? 'there' : 'not there';
    case 'digest':
      return requirement.digest ?? 'a digest that is not written yet';
    case 'shape':
      return `shape ${shapeText(requirement.shape)}`;
    case 'dtype':
      return requirement.dtype;
    case 'values':
      return `every value ${boundsText(requirement.bounds)}`;
    case 'rows':
      return `rows: ${boundsText(requirement.bounds)}`;
    case 'columns':
      return `the columns ${requirement.columns.join(', ')}`;
    case 'column':
      return `a column '${requirement.column}'${requirement.bounds ? `, every value ${boundsText(requirement.bounds)}` : ''}`;
    case 'golden':
      return toleranceText(requirement);
  }
}

function toleranceText(requirement: FileRequirement & { is: 'golden' }): string {
  const { within, meanDifference, maxDifference, differingPixels } = requirement;
  const parts = [
    ...(within === undefined ? [] : [`within ${within}`]),
    ...(meanDifference === undefined ? [] : [`a mean difference of at most ${meanDifference}`]),
    ...(maxDifference === undefined ? [] : [`a largest difference of at most ${maxDifference}`]),
    ...(differingPixels === undefined ? [] : [`at most ${differingPixels} of the pixels different`]),
  ];
  return parts.length === 0 ? 'equal to the golden file' : `as the golden file, ${parts.join(', ')}`;
}

function shortList(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, … (${names.length})` : names.join(', ');
}
