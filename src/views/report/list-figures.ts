import { drawScatter } from '../../charts/scatter.ts';
import { drawFigure, scatterInput } from './draw-figure.ts';
import type { Panel, ReportData } from './report-data.ts';

export interface Figure {
  /** Id of the step it is of; null where it is of the run as a whole. */
  readonly step: string | null;
  /** Of a file, without an ending: `loss-by-update`; of one step no two are equal. */
  readonly name: string;
  readonly svg: string;
}

/** Every figure of a report that is drawn from numbers; pictures of images are files of the artifacts already. */
export function listFigures({ charts, panels }: ReportData): Figure[] {
  return [
    ...charts.map(({ title, svg }) => ({ step: null, name: slug(title), svg })),
    ...Object.values(panels).flatMap(figuresOf),
  ];
}

function figuresOf(panel: Panel): Figure[] {
  if (panel.kind === 'pictures') return [];
  const { step } = panel;
  const name = slug(panel.title);
  if (panel.kind !== 'scatter') return [{ step, name, svg: drawFigure(panel) }];
  const byClass = panel.classes && drawScatter(scatterInput(panel, 'class'));
  return [
    { step, name: `${name}-by-cluster`, svg: drawFigure(panel) },
    ...(byClass ? [{ step, name: `${name}-by-class`, svg: byClass }] : []),
  ];
}

function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
