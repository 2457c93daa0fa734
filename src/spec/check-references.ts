import type { Json, JsonObject } from '../core/json.ts';
import { nearest, suggest } from '../core/suggest.ts';
import { listedValues } from './axes.ts';
import type { PipelineDraft } from './draft.ts';
import { walkGraph } from './find-cycles.ts';
import { own } from './own.ts';
import type { Problem, ValuePath } from './problem.ts';
import { type Reference, referencesIn } from './references.ts';

/** References that name nothing, and parameters that refer to themselves in a circle. */
export function checkReferences(draft: PipelineDraft): Problem[] {
  const { params, sweep, stages } = draft;
  const places: [ValuePath, Json][] = [[['params'], params]];
  for (const [key, stage] of Object.entries(stages)) places.push([['stages', key, 'with'], stage.with]);
  if (sweep) {
    for (const { path, value } of listedValues(sweep)) places.push([path, value]);
    for (const { path } of referencesIn(sweep.exclude, ['sweep', 'exclude'])) {
      return [
        {
          path,
          at: 'value',
          code: 'bad-reference',
          message: 'a reference cannot stand in what the sweep excludes',
        },
      ];
    }
  }
  const unknown = places.flatMap(([root, value]) =>
    [...referencesIn(value, root)].flatMap(({ path, piece }): Problem[] => {
      const verdict =
        piece.kind === 'bad' ? explainBad(piece.written, piece.expression) : lookUp(piece.reference, draft);
      if (verdict === null) return [];
      return [{ path, at: 'value', code: 'bad-reference', ...verdict, within: piece.written }];
    }),
  );
  return [...unknown, ...findCircles(params)];
}

type Verdict = { readonly message: string; readonly hint?: string } | null;

function explainBad(written: string, expression: string): Verdict {
  if (!written.endsWith('}}'))
    return { message: `the reference '${firstLine(written)}' is not closed by '}}'` };
  const message = `'${firstLine(written)}' refers to nothing`;
  return { message, hint: nearestReference(expression) };
}

function nearestReference(expression: string): string {
  const [head, ...rest] = expression.split('.');
  const near = nearest(head, ['params', 'sweep', 'seed']);
  if (near !== null && near !== head) return `did you mean '\${{ ${[near, ...rest].join('.')} }}'?`;
  return 'a reference is ${{ params.NAME }}, ${{ sweep.AXIS }} or ${{ seed }}; $${{ is a plain ${{';
}

function lookUp(reference: Reference, { params, axes }: PipelineDraft): Verdict {
  if (reference.kind === 'params' && own(params, reference.name) === undefined) {
    const { name } = reference;
    const isSeed = name === 'seed';
    return {
      message: `the pipeline has no parameter '${name}'`,
      hint: isSeed
        ? "the pipeline's seed is ${{ seed }}"
        : (suggest(name, Object.keys(params), "'params' has") ?? "parameters stand below 'params'"),
    };
  }
  if (reference.kind === 'sweep' && !axes.includes(reference.axis)) {
    const hint = suggest(reference.axis, axes, 'axes are') ?? 'the pipeline has no sweep';
    return { message: `the sweep has no axis '${reference.axis}'`, hint };
  }
  return null;
}

/** Longer chains are no pipeline that a person wrote. */
const CHAIN_LIMIT = 100;

function findCircles(params: JsonObject): Problem[] {
  const referred = (name: string): string[] =>
    [...referencesIn(params[name])].flatMap(({ piece }) =>
      piece.kind === 'reference' &&
      piece.reference.kind === 'params' &&
      Object.hasOwn(params, piece.reference.name)
        ? [piece.reference.name]
        : [],
    );
  const { cycles, depths } = walkGraph(Object.keys(params), referred);
  const tooLong = [...depths].find(([, depth]) => depth > CHAIN_LIMIT);
  if (tooLong) {
    const message = `parameters refer to each other more than ${CHAIN_LIMIT} times in a row`;
    return [{ path: ['params', tooLong[0]], at: 'key', code: 'reference-cycle', message }];
  }
  return cycles.map((cycle) => ({
    path: ['params', cycle[0]],
    at: 'value',
    code: 'reference-cycle',
    message: `parameters refer to each other in a circle: ${cycle.join(' → ')}`,
  }));
}

function firstLine(text: string): string {
  const line = text.split('\n')[0];
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
