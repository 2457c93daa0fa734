import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail } from '../../core/failure.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CollectedInput, StageContext } from '../../core/stage.ts';
import { writeCsv } from '../../formats/csv.ts';
import type { Parameters } from './declaration.ts';

/**
 * Puts into the private folder what the command was promised: sources under their names, and beside it
 * the parameters' file and the collected inputs. @returns the variables that say where things are.
 */
export async function layOut(
  context: StageContext<Parameters>,
  folder: string,
): Promise<{ [name: string]: string }> {
  for (const name of context.sourceNames('sources')) {
    const source = context.source(`sources:${name}`);
    for (const path of await source.list()) write(join(folder, path), await source.read(path));
  }
  const { run: _, sources, versions, outputs, env, ...own } = context.params as Parameters & JsonObject;
  const paramsFile = join(context.scratch, 'params.json');
  write(paramsFile, `${JSON.stringify(own)}\n`);
  const places: { [name: string]: string } = { PARAMS: paramsFile };
  for (const name of context.inputNames) {
    if (variableOf(name) in places)
      fail(
        'bad-parameter',
        `two inputs of the command would both be $${variableOf(name)}: name one otherwise`,
      );
    const one = context.optionalInput(name);
    places[variableOf(name)] =
      one ?? layOutCollected(context.collected(name), join(context.scratch, 'inputs', name));
  }
  return places;
}

/** `labels-of-train` → `IN_LABELS_OF_TRAIN`. */
function variableOf(input: string): string {
  return `IN_${input.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

/** `points.csv`, a row an artifact with its point, and a folder for each: `0`, `1`, … as the column `folder` says. */
function layOutCollected(collected: readonly CollectedInput[], place: string): string {
  const axes = [...new Set(collected.flatMap(({ point }) => Object.keys(point)))];
  const cell = (value: unknown) =>
    value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const rows = collected.map(({ point }, index) => [String(index), ...axes.map((axis) => cell(point[axis]))]);
  write(join(place, 'points.csv'), writeCsv(['folder', ...axes], rows));
  // A junction needs no rights on Windows; elsewhere the word says nothing.
  for (const [index, { folder }] of collected.entries())
    symlinkSync(folder, join(place, String(index)), 'junction');
  return place;
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: 0o755 }); // a script may be called by its name
}
