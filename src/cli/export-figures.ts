import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Lineage } from '../store/read-lineage.ts';
import type { RunRow } from '../store/read-runs.ts';
import { UsageError } from './usage-error.ts';

export interface ExportedSteps {
  readonly run: RunRow;
  readonly steps: readonly {
    readonly stepId: string;
    readonly fingerprint: string;
    /** Where the step's files go, in the output folder. */
    readonly folder: string;
  }[];
  /** Nothing was chosen: what is of the run as a whole belongs to it too. */
  readonly wholeRun: boolean;
}

/**
 * Draws what the report shows of these steps, each figure as SVG and PNG.
 * @returns the files written.
 * @throws UsageError where one of them is there; then nothing is written.
 */
export async function exportFigures(
  lineage: Lineage,
  output: string,
  { run, steps, wholeRun }: ExportedSteps,
): Promise<string[]> {
  const { gatherReport } = await import('../views/report/gather-report.ts');
  const { listFigures } = await import('../views/report/list-figures.ts');
  const { svgToPng } = await import('../charts/png.ts');
  const axes = new Set(run.points.flatMap((point) => Object.keys(point)));
  const data = gatherReport(lineage, { runs: [run], over: ['seed'].filter((axis) => axes.has(axis)) });
  const folders = new Map(steps.map(({ stepId, folder }) => [stepId, folder]));
  const files = listFigures(data).flatMap(({ step, name, svg }) => {
    const folder = step === null ? wholeRun && 'against-axes' : folders.get(step);
    if (!folder) return [];
    return [
      { path: join(output, folder, `${name}.svg`), content: () => svg },
      { path: join(output, folder, `${name}.png`), content: () => svgToPng(svg) },
    ];
  });
  const there = files.find(({ path }) => existsSync(path));
  if (there) throw new UsageError(`${there.path} is there already: export never overwrites`);
  for (const { path, content } of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content());
  }
  return files.map(({ path }) => path);
}
