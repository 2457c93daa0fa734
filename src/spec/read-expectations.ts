import type { Catalogue } from '../core/declaration.ts';
import {
  type Bounds,
  type Expectation,
  type FileExpectation,
  type FileRequirement,
  type GoldenTolerance,
  STATISTICS,
} from '../core/expectation.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { PipelineSpec } from '../core/pipeline.ts';
import { resolveMetric } from './expected-metric.ts';
import type { ValuePath } from './problem.ts';

/** The `expect` block of a pipeline without problems, each thing it says by itself, in the order of the file. */
export function readExpectations(spec: PipelineSpec, catalogue: Catalogue): Expectation[] {
  return Object.entries(spec.expect ?? {}).flatMap(([key, block]): Expectation[] =>
    key === 'sweep'
      ? (block as readonly JsonObject[]).flatMap((entry, index) =>
          readEntry({ spec, catalogue }, entry, ['expect', 'sweep', index]),
        )
      : readStep(spec, key, block as JsonObject),
  );
}

function readStep(spec: PipelineSpec, step: string, block: JsonObject): Expectation[] {
  return Object.entries(block).flatMap(([name, value]): Expectation[] => {
    const path = ['expect', step, name];
    if (name === 'files') return readFiles(spec, { step, where: null, files: value as JsonObject, path });
    const bounds = value as Bounds;
    return [{ kind: 'metric', step, where: null, metric: name, bounds, ...placed(spec, path) }];
  });
}

function readEntry(
  { spec, catalogue }: { readonly spec: PipelineSpec; readonly catalogue: Catalogue },
  entry: JsonObject,
  path: ValuePath,
): Expectation[] {
  const where = (entry.where ?? null) as JsonObject | null;
  const expectations: Expectation[] = [];
  if (entry.metric !== undefined) {
    const found = resolveMetric(String(entry.metric), { draft: spec, catalogue });
    if ('problem' in found) throw new Error(found.problem.message); // the checks come first
    if (entry.over === undefined) {
      expectations.push({ kind: 'metric', ...found, where, bounds: entry as Bounds, ...placed(spec, path) });
    }
    const over = typeof entry.over === 'string' ? [entry.over] : ((entry.over ?? []) as readonly string[]);
    for (const statistic of entry.over === undefined ? [] : STATISTICS) {
      if (entry[statistic] === undefined) continue;
      const bounds = entry[statistic] as Bounds;
      const place = placed(spec, [...path, statistic]);
      expectations.push({ kind: 'statistic', ...found, where, over, statistic, bounds, ...place });
    }
  }
  if (entry.step === undefined) return expectations;
  const files = entry.files as JsonObject;
  return [
    ...expectations,
    ...readFiles(spec, { step: String(entry.step), where, files, path: [...path, 'files'] }),
  ];
}

interface Files {
  readonly step: string;
  readonly where: JsonObject | null;
  readonly files: JsonObject;
  readonly path: ValuePath;
}

function readFiles(spec: PipelineSpec, { step, where, files, path }: Files): FileExpectation[] {
  return Object.entries(files).flatMap(([file, block]) =>
    requirementsOf(block as JsonObject).map(
      ({ at, requirement }): FileExpectation => ({
        kind: 'file',
        step,
        where,
        file,
        requirement,
        ...placed(spec, [...path, file, ...at]),
      }),
    ),
  );
}

interface PlacedRequirement {
  readonly at: ValuePath;
  readonly requirement: FileRequirement;
}

function requirementsOf(block: JsonObject): PlacedRequirement[] {
  const { digest, columns, rows, tensors } = block;
  const requirements: PlacedRequirement[] = [];
  const add = (requirement: FileRequirement, ...at: string[]) => requirements.push({ at, requirement });
  if (block.present !== undefined) add({ is: 'present', present: block.present === true }, 'present');
  if (digest !== undefined) add({ is: 'digest', digest: digest as string | null }, 'digest');
  for (const requirement of arrayRequirements(block, null)) add(requirement, requirement.is);
  for (const [tensor, form] of Object.entries((tensors ?? {}) as { [tensor: string]: JsonObject })) {
    for (const requirement of arrayRequirements(form, tensor))
      add(requirement, 'tensors', tensor, requirement.is);
  }
  if (Array.isArray(columns)) add({ is: 'columns', columns: columns as string[] }, 'columns');
  else if (columns !== undefined) {
    for (const [column, bounds] of Object.entries(columns as JsonObject))
      add({ is: 'column', column, bounds: bounds as Bounds | null }, 'columns', column);
  }
  if (rows !== undefined) add({ is: 'rows', bounds: rowBounds(rows) }, 'rows');
  if (block.golden !== undefined) {
    const { within, meanDifference, maxDifference, differingPixels } = block as GoldenTolerance;
    const tolerance = { within, meanDifference, maxDifference, differingPixels };
    add({ is: 'golden', golden: block.golden as string | true, ...tolerance }, 'golden');
  }
  return requirements;
}

function arrayRequirements({ shape, dtype, values }: JsonObject, tensor: string | null): FileRequirement[] {
  return [
    ...(shape === undefined ? [] : [{ is: 'shape' as const, tensor, shape: shape as (number | null)[] }]),
    ...(dtype === undefined ? [] : [{ is: 'dtype' as const, tensor, dtype: String(dtype) }]),
    ...(values === undefined ? [] : [{ is: 'values' as const, tensor, bounds: values as Bounds }]),
  ];
}

function rowBounds(rows: Json): Bounds {
  return typeof rows === 'number' ? { between: [rows, rows] } : (rows as Bounds);
}

function placed(spec: PipelineSpec, path: ValuePath) {
  return { path, position: spec.positionOf(path, 'key') };
}
