import type { Json, JsonObject } from '../../core/json.ts';
import type { StageContext } from '../../core/stage.ts';
import { parseJsonObject, readArtifactFile } from '../../formats/artifact-file.ts';
import { parseMetrics } from '../../formats/metrics-file.ts';
import type { Parameters } from './declaration.ts';

/** The metrics of one artifact. */
export interface Entry {
  /** Name of the input it came by. */
  readonly input: string;
  /** Where in the sweep it is: the axes that it depends on. */
  readonly point: JsonObject;
  /** `test.acc` → value */
  readonly values: ReadonlyMap<string, number>;
}

/** All artifacts of all inputs, in their order. */
export async function readEntries(context: StageContext<Parameters>): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const input of context.inputNames) {
    for (const { point, folder } of context.collected(input))
      entries.push({ input, point, values: await readValues(folder) });
  }
  return entries;
}

async function readValues(folder: string): Promise<Map<string, number>> {
  const text = new TextDecoder().decode(await readArtifactFile(folder, 'metrics.json'));
  const report = parseJsonObject(text, 'metrics.json');
  // Of our own stages a report with a list of metrics; of a command the plain form.
  const metrics = Array.isArray(report.metrics) ? report.metrics : parseMetrics(text);
  return new Map(
    (metrics as readonly { name: string; split: string | null; value: number }[]).map(
      ({ name, split, value }) => [split === null ? name : `${split}.${name}`, value],
    ),
  );
}

/**
 * The metrics that are asked for and there, by their full names, in the order asked for. One that none of
 * the splits asked for has (kl is of train) is taken where it is.
 */
export function chooseColumns(
  entries: readonly Entry[],
  { metrics, splits }: Pick<Parameters, 'metrics' | 'splits'>,
): string[] {
  const present = new Set(entries.flatMap(({ values }) => [...values.keys()]));
  return metrics.flatMap((metric) => {
    const asked = splits.map((split) => `${split}.${metric}`).filter((name) => present.has(name));
    if (asked.length > 0) return asked;
    return [metric, `train.${metric}`, `val.${metric}`, `test.${metric}`]
      .filter((name) => present.has(name))
      .slice(0, 1);
  });
}

/** Every axis that a point has, in the order in which they come up. */
export function axesOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.flatMap(({ point }) => Object.keys(point)))];
}

/** `embeddingDim=3,seed=0`; an axis that the point lacks is left out. */
export function pointText(point: JsonObject, axes: readonly string[]): string {
  return axes
    .filter((axis) => point[axis] !== undefined)
    .map((axis) => `${axis}=${valueText(point[axis])}`)
    .join(',');
}

export function valueText(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
