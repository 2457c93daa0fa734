import type { Catalogue, StageDeclaration } from '../core/declaration.ts';
import type { PipelineSpec } from '../core/pipeline.ts';
import { suggest } from '../core/suggest.ts';
import { own } from './own.ts';

const SPLITS = ['train', 'val', 'test'];

/**
 * What a stage may measure, as `<split>.<metric>` and `<metric>`; null where only its execution shows it.
 * A declaration does not say which metrics have splits: a name without its split is found missing later.
 */
export function metricsOf(declaration: StageDeclaration | undefined): string[] | null {
  if (!declaration?.metrics) return null;
  return declaration.metrics.flatMap(({ name }) => [name, ...SPLITS.map((split) => `${split}.${name}`)]);
}

export interface MetricContext {
  readonly draft: Pick<PipelineSpec, 'stages'>;
  readonly catalogue: Catalogue;
}

/**
 * The step and metric that a full name means; where one step alone offers metrics its name may be left out.
 */
export function resolveMetric(
  text: string,
  { draft, catalogue }: MetricContext,
):
  | { readonly step: string; readonly metric: string }
  | { readonly problem: { readonly message: string; readonly hint?: string } } {
  const dot = text.indexOf('.');
  const first = text.slice(0, Math.max(0, dot));
  if (own(draft.stages, first)) return { step: first, metric: text.slice(dot + 1) };
  const declarationOf = (key: string) => own(catalogue.stages, draft.stages[key].uses)?.declaration;
  const keys = Object.keys(draft.stages);
  const evaluating = keys.filter((key) => declarationOf(key)?.offers.includes('metrics'));
  const [only] = evaluating;
  const bare = dot < 0 || SPLITS.includes(first);
  if (bare && evaluating.length === 1) return { step: only, metric: text };
  if (bare && evaluating.length > 1) {
    const message = `'${text}' of which step? ${evaluating.length} steps evaluate`;
    return { problem: { message, hint: `write ${evaluating[0]}.${text}` } };
  }
  const named = dot < 0 ? text : first;
  const message =
    dot < 0
      ? `'${text}' names no step and metric: <step>.<split>.<metric>`
      : `the metric '${text}' is of the step '${named}', which is not there`;
  return { problem: { message, hint: suggest(named, keys, 'steps are') } };
}
