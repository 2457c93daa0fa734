import type { Catalogue } from '../../src/core/declaration.ts';
import type { Override } from '../../src/core/pipeline.ts';
import type { Plan } from '../../src/core/plan.ts';
import { readPlan } from '../../src/plan/read-plan.ts';
import { parsePipeline } from '../../src/spec/parse-pipeline.ts';
import { renderDiagnostic } from '../../src/spec/render-diagnostic.ts';
import { fakeCatalogue } from './fake-catalogue.ts';

/** Where the pipeline of a test lies, and where its reader stands. */
const PLACE = {
  file: 'p.yaml',
  folder: '/project/pipelines',
  catalogue: fakeCatalogue,
  workingFolder: '/work',
};

export interface ReadOptions {
  readonly set?: { readonly [key: string]: Override['value'] };
  readonly only?: readonly string[];
  /** In place of the fake one. */
  readonly catalogue?: Catalogue;
}

/** A text as the bytes of a file. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function parseText(text: string | Uint8Array) {
  return parsePipeline({ ...PLACE, bytes: typeof text === 'string' ? bytesOf(text) : text });
}

export function planText(text: string, { set = {}, only, catalogue = fakeCatalogue }: ReadOptions = {}) {
  const overrides = Object.entries(set).map(([key, value]) => ({ key, value }));
  return readPlan({ ...PLACE, catalogue, bytes: bytesOf(text), overrides, only });
}

/** All that is said of a pipeline, as a person reads it; notes and warnings included. */
export function problemsOf(text: string | Uint8Array, options: ReadOptions = {}): string {
  const overrides = Object.entries(options.set ?? {}).map(([key, value]) => ({ key, value }));
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  const reading = readPlan({ ...PLACE, bytes, overrides, only: options.only });
  return reading.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, reading.text)).join('\n');
}

/** @throws where the pipeline is at fault, with all its problems. */
export function planOf(text: string, options: ReadOptions = {}): Plan {
  const { plan } = planText(text, options);
  if (!plan) throw new Error(problemsOf(text, options));
  return plan;
}
