import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metric } from '../core/artifact.ts';
import { fail } from '../core/failure.ts';
import { writeJsonFile } from './artifact-file.ts';

export const METRICS_FILE = 'metrics.json';
const FORM = '{"acc": 0.9} or {"test.acc": {"value": 0.9, "better": "higher"}}';
const SPLITS = ['train', 'val', 'test'];
const BETTER = ['higher', 'lower', 'neither'];

/** Writes what `summarise` reads of a stage that offers `metrics`. */
export async function writeMetrics(folder: string, metrics: readonly Metric[]): Promise<void> {
  await writeJsonFile(folder, METRICS_FILE, { metrics: metrics.map((metric) => ({ ...metric })) });
}

/** The metrics that a command wrote, none where it wrote no such file. `test.acc` is the metric acc of the split test. */
export async function readMetrics(out: string): Promise<Metric[]> {
  const text = await readFile(join(out, METRICS_FILE), 'utf8').catch(() => null);
  return text === null ? [] : parseMetrics(text);
}

/** @throws ExpectedFailure bad-input, naming what is wrong. */
export function parseMetrics(text: string): Metric[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const cure = /\b(NaN|Infinity)\b/.test(text) ? ' (JSON has no NaN and no Infinity)' : '';
    fail('bad-input', `${METRICS_FILE} is no JSON${cure}: ${(error as Error).message}`);
  }
  if (!isObject(value)) fail('bad-input', `${METRICS_FILE} must be ${FORM}`);
  return Object.entries(value).map(([fullName, given]): Metric => {
    const metric = isObject(given) ? given : { value: given };
    const { value: number, better = 'neither' } = metric;
    if (typeof number !== 'number')
      fail(
        'bad-input',
        `${METRICS_FILE}: '${fullName}' is ${JSON.stringify(given)}, and a metric is ${FORM}`,
      );
    if (!BETTER.includes(better as string))
      fail('bad-input', `${METRICS_FILE}: 'better' of '${fullName}' must be one of ${BETTER.join(', ')}`);
    const [split, ...name] = fullName.split('.');
    const hasSplit = name.length > 0 && SPLITS.includes(split);
    return {
      name: hasSplit ? name.join('.') : fullName,
      split: hasSplit ? split : null,
      value: number,
      better: better as Metric['better'],
    };
  });
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
