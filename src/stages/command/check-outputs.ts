import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fail } from '../../core/failure.ts';
import { byCodeUnit } from '../../core/json.ts';
import type { StageContext } from '../../core/stage.ts';
import { METRICS_FILE } from '../../formats/metrics-file.ts';
import type { Parameters } from './declaration.ts';

/** What was declared must be there; what was not is kept, and told of. */
export function checkOutputs({ params, out, note }: StageContext<Parameters>): void {
  const { outputs } = params;
  const entries = readdirSync(out, { recursive: true, withFileTypes: true });
  const special = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (special)
    fail(
      'missing-output',
      `the command left '${special.name}' in $OUT, which is no file: a link leads out of the artifact; copy what it leads to`,
    );
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(out, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort(byCodeUnit);
  if (files.includes('artifact.json'))
    fail(
      'missing-output',
      "the command wrote 'artifact.json' to $OUT: that name is taken by the artifact's record",
    );
  if (!outputs) return;
  const covers = (output: string, file: string) =>
    output.endsWith('/') ? file.startsWith(output) : file === output;
  const missing = outputs.filter((output) => !files.some((file) => covers(output, file)));
  if (missing.length > 0) {
    const there = files.length > 0 ? `there: ${files.slice(0, 10).join(', ')}` : '$OUT is empty';
    fail('missing-output', `the command ended well without writing ${missing.join(', ')} to $OUT (${there})`);
  }
  const extra = files.filter(
    (file) => file !== METRICS_FILE && !outputs.some((output) => covers(output, file)),
  );
  if (extra.length > 0)
    note(`not among 'outputs', and kept: ${extra.slice(0, 10).join(', ')}${extra.length > 10 ? ', …' : ''}`);
}
