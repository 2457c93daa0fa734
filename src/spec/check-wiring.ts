import type { Catalogue, InputDeclaration, StageDeclaration } from '../core/declaration.ts';
import type { StageSpec } from '../core/pipeline.ts';
import { suggest } from '../core/suggest.ts';
import { axesBehind } from './axes.ts';
import { stageText } from './check-parameters.ts';
import type { PipelineDraft } from './draft.ts';
import { walkGraph } from './find-cycles.ts';
import { own } from './own.ts';
import type { PositionOf, Problem } from './problem.ts';

export interface Wiring {
  readonly draft: PipelineDraft;
  readonly catalogue: Catalogue;
  readonly positionOf: PositionOf;
}

/** Inputs that are unknown, missing, or of another kind; `over` out of place; steps that need each other in a circle. */
export function checkWiring(wiring: Wiring): Problem[] {
  const problems: Problem[] = [];
  for (const [key, stage] of Object.entries(wiring.draft.stages)) {
    const declaration = own(wiring.catalogue.stages, stage.uses)?.declaration;
    problems.push(...checkNeeds(wiring, key, stage, declaration));
    if (declaration) problems.push(...checkMissing(wiring, key, stage, declaration));
    if (stage.missing === 'allow' && !stage.over) {
      const message = `'missing' says what a collecting step does, and ${stageText(key, stage.uses)} collects nothing`;
      const hint = "leave it out, or say by 'over' what is collected";
      problems.push({ path: ['stages', key, 'missing'], at: 'key', code: 'cannot-collect', message, hint });
    }
    if (stage.over) problems.push(...checkOver(wiring.draft, key, stage, declaration));
  }
  return [...problems, ...findCircles(wiring)];
}

function checkNeeds(
  wiring: Wiring,
  key: string,
  stage: StageSpec,
  declaration?: StageDeclaration,
): Problem[] {
  const { stages } = wiring.draft;
  return Object.entries(stage.needs).flatMap(([name, from]): Problem[] => {
    const path = ['stages', key, 'needs', name];
    const problems: Problem[] = [];
    const input = declaration && (own(declaration.inputs, name) ?? declaration.anyInputs);
    if (declaration && !input) {
      const message = `${stageText(key, stage.uses)} has no input '${name}'`;
      const hint = suggest(name, Object.keys(declaration.inputs), 'its inputs are') ?? 'it needs nothing';
      problems.push({ path, at: 'key', code: 'unknown-input', message, hint });
    }
    const source = own(stages, from);
    if (!source) {
      const hint = suggest(from, Object.keys(stages), 'steps are');
      problems.push({ path, at: 'value', code: 'unknown-step', message: `there is no step '${from}'`, hint });
      return problems;
    }
    const offers = own(wiring.catalogue.stages, source.uses)?.declaration.offers;
    if (input && offers && !fits(input.kind, offers)) {
      const offered = offers.length === 0 ? 'nothing that others take' : offers.join(', ');
      const message = `input '${name}' of ${stageText(key, stage.uses)} takes ${input.kind}, and ${stageText(from, source.uses)} offers ${offered}`;
      problems.push({
        path,
        at: 'value',
        code: 'wrong-kind',
        message,
        hint: whoOffers(input.kind, wiring, key),
      });
    }
    return problems;
  });
}

function checkMissing(
  wiring: Wiring,
  key: string,
  stage: StageSpec,
  declaration: StageDeclaration,
): Problem[] {
  const path = ['stages', key];
  const missing = Object.entries(declaration.inputs).filter(
    ([name, input]) => !input.optional && !input.when && own(stage.needs, name) === undefined,
  );
  const problems = missing.map(
    ([name, input]): Problem => missingInput(wiring, key, stage.uses, name, input),
  );
  const { anyInputs, inputs } = declaration;
  if (
    anyInputs &&
    !anyInputs.optional &&
    Object.keys(inputs).length === 0 &&
    Object.keys(stage.needs).length === 0
  ) {
    const message = `${stageText(key, stage.uses)} needs at least one input of kind ${anyInputs.kind}`;
    problems.push({
      path,
      at: 'key',
      code: 'missing-input',
      message,
      hint: whoOffers(anyInputs.kind, wiring, key),
    });
  }
  return problems;
}

/** The problem of a step that lacks an input. */
export function missingInput(
  wiring: Pick<Wiring, 'catalogue'> & { readonly draft: Pick<PipelineDraft, 'stages'> },
  key: string,
  uses: string,
  name: string,
  input: InputDeclaration,
): Problem {
  return {
    path: ['stages', key],
    at: 'key',
    code: 'missing-input',
    message: `${stageText(key, uses)} needs the input '${name}': ${input.description}`,
    hint: whoOffers(input.kind, wiring, key),
  };
}

function whoOffers(
  kind: string,
  { draft, catalogue }: Pick<Wiring, 'catalogue'> & { readonly draft: Pick<PipelineDraft, 'stages'> },
  except: string,
): string {
  const offering = Object.values(catalogue.stages).flatMap(({ declaration }) =>
    declaration.offers.includes(kind) ? [declaration.name] : [],
  );
  const steps = Object.keys(draft.stages).filter(
    (key) => key !== except && offering.includes(draft.stages[key].uses),
  );
  if (steps.length > 0)
    return `${steps.length === 1 ? 'step' : 'steps'} that ${steps.length === 1 ? 'offers' : 'offer'} ${kind}: ${steps.join(', ')}`;
  if (offering.length > 0) return `stages that offer ${kind}: ${offering.join(', ')}`;
  return `no stage offers ${kind}`;
}

function checkOver(
  draft: PipelineDraft,
  key: string,
  stage: StageSpec,
  declaration?: StageDeclaration,
): Problem[] {
  const path = ['stages', key, 'over'];
  if (declaration && !declaration.collects) {
    const message = `${stageText(key, stage.uses)} cannot collect over points: it takes one artifact an input`;
    return [{ path, at: 'key', code: 'cannot-collect', message, hint: "leave 'over' out" }];
  }
  const problems = (stage.over ?? []).flatMap((axis, index): Problem[] => {
    if (draft.axes.includes(axis)) return [];
    const hint = suggest(axis, draft.axes, 'axes are') ?? 'the pipeline has no sweep';
    const message = `'over' of step '${key}' names '${axis}', which is no axis of the sweep`;
    return [{ path: [...path, index], at: 'value', code: 'unknown-axis', message, hint }];
  });
  const used = axesBehind(stage.with, draft.params, new Set(stage.over));
  for (const axis of used) {
    const message = `step '${key}' collects over '${axis}', so its own parameters cannot depend on it`;
    problems.push({ path: ['stages', key, 'with'], at: 'key', code: 'collected-axis', message });
  }
  return problems;
}

function findCircles({ draft, positionOf }: Wiring): Problem[] {
  const { stages } = draft;
  const needed = (key: string) =>
    Object.values(stages[key].needs).filter((from) => Object.hasOwn(stages, from));
  return walkGraph(Object.keys(stages), needed).cycles.map((cycle): Problem => {
    const inputOf = (key: string, from: string) =>
      Object.keys(stages[key].needs).find((name) => stages[key].needs[name] === from) as string;
    const links = cycle.slice(0, -1).map((key, index) => {
      const name = inputOf(key, cycle[index + 1]);
      const { line, column } = positionOf(['stages', key, 'needs', name]);
      return `${key} needs ${cycle[index + 1]} (${line}:${column})`;
    });
    return {
      path: ['stages', cycle[0], 'needs', inputOf(cycle[0], cycle[1])],
      at: 'value',
      code: 'cycle',
      message: `steps need each other in a circle: ${cycle.join(' → ')}`,
      hint: links.join(', '),
    };
  });
}

/** `any` on either side: whether the files are what the stage reads is found when it reads them. */
function fits(kind: string, offers: readonly string[]): boolean {
  return kind === 'any' || offers.includes('any') || offers.includes(kind);
}
