import { svgToPng } from '../../charts/png.ts';
import { fail } from '../../core/failure.ts';
import type { StageRun } from '../../core/stage.ts';
import { writeArtifactFile } from '../../formats/artifact-file.ts';
import type { Parameters } from './declaration.ts';
import { drawAgainstAxis } from './draw-against-axis.ts';
import { groupEntries } from './group-entries.ts';
import { axesOf, chooseColumns, readEntries } from './read-entries.ts';
import { writePoints, writeTables } from './write-tables.ts';

const run: StageRun<Parameters> = async (context) => {
  const { params, out } = context;
  const entries = await readEntries(context);
  const columns = chooseColumns(entries, params);
  if (columns.length === 0)
    fail('bad-parameter', `metrics: no input has any of ${params.metrics.join(', ')}`);
  const axes = axesOf(entries);
  const groups = groupEntries(entries, params.average);
  const rowAxes = axes.filter((axis) => !params.average.includes(axis));
  await writeTables(out, { groups, axes: rowAxes, columns, caption: params.caption });
  await writePoints(out, { entries, axes, columns });
  if (params.axis === undefined) return;
  const svg = drawAgainstAxis(entries, { axis: params.axis, column: columns[0], averaged: params.average });
  await writeArtifactFile(out, 'against-axis.svg', svg);
  await writeArtifactFile(out, 'against-axis.png', svgToPng(svg));
};

export default run;
