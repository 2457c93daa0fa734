import type { Plan, Step } from '../../core/plan.ts';
import { displayWidth } from '../text-table.ts';

/** The DAG of a plan as text: each step once, with what it needs. */
export function graphText(plan: Plan): string {
  const width = Math.max(0, ...plan.steps.map(({ id }) => displayWidth(id)));
  const lines = plan.steps.map((step) => {
    const needs = Object.entries(step.inputs).map(([name, input]) =>
      input.kind === 'one'
        ? `${name} ← ${input.step}`
        : `${name} ← ${input.members.length} × ${stem(input.members[0]?.step)}`,
    );
    return `${step.id}${' '.repeat(width - displayWidth(step.id))}  ${step.uses}${needs.length > 0 ? `  (${needs.join(', ')})` : ''}`;
  });
  return `${lines.join('\n')}\n`;
}

export function graphMermaid(plan: Plan): string {
  const ids = nodeIds(plan);
  // In quotes any text may stand; a quote itself is an entity (Mermaid, flowchart syntax).
  const quote = (text: string) => `"${text.replaceAll('#', '#35;').replaceAll('"', '#quot;')}"`;
  const nodes = plan.steps.map((step) => `  ${ids.get(step.id)}[${quote(step.id)}]`);
  const edges = edgesOf(plan).map(
    ([from, to, name]) => `  ${ids.get(from)} -->|${quote(name)}| ${ids.get(to)}`,
  );
  return `${['flowchart TD', ...nodes, ...edges].join('\n')}\n`;
}

export function graphDot(plan: Plan): string {
  const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const nodes = plan.steps.map((step) => `  ${quote(step.id)};`);
  const edges = edgesOf(plan).map(
    ([from, to, name]) => `  ${quote(from)} -> ${quote(to)} [label=${quote(name)}];`,
  );
  return `${[`digraph ${quote(plan.name)} {`, '  rankdir=TB; node [shape=box];', ...nodes, ...edges, '}'].join('\n')}\n`;
}

function edgesOf(plan: Plan): [from: string, to: string, input: string][] {
  const edgesInto = (step: Step): [string, string, string][] =>
    Object.entries(step.inputs).flatMap(([name, input]) =>
      (input.kind === 'one' ? [input.step] : input.members.map((member) => member.step)).map(
        (from): [string, string, string] => [from, step.id, name],
      ),
    );
  return plan.steps.flatMap(edgesInto);
}

function nodeIds(plan: Plan): Map<string, string> {
  return new Map(plan.steps.map(({ id }, at) => [id, `s${at}`]));
}

function stem(id = ''): string {
  return id.split('@')[0];
}
