import { drawConfusionMatrix } from '../../charts/confusion-matrix.ts';
import { drawLossCurves } from '../../charts/loss-curves.ts';
import { drawScatter, type ScatterInput } from '../../charts/scatter.ts';
import { drawUpdateCurves } from '../../charts/update-curves.ts';
import type { Panel, ScatterPanel } from './report-data.ts';

export type DrawnPanel = Exclude<Panel, { kind: 'pictures' }>;

/** A panel as SVG, a scatter by cluster: in the page and in exported files alike. */
export function drawFigure(panel: DrawnPanel): string {
  switch (panel.kind) {
    case 'losses':
      return drawLossCurves({ ...panel, title: undefined, series: panel.series.map(withNaN) });
    case 'confusion':
      return drawConfusionMatrix({ ...panel, title: undefined });
    case 'agreement':
      return drawUpdateCurves({
        updates: panel.updates,
        panels: panel.panels.map(({ name, series }) => ({ name, series: series.map(withNaN) })),
      });
    case 'scatter':
      return drawScatter(scatterInput(panel, 'cluster'));
  }
}

/** JSON has no NaN. */
function withNaN({ name, values }: { name: string; values: readonly (number | null)[] }) {
  return { name, values: values.map((value) => value ?? Number.NaN) };
}

/** What to draw of a scatter, coloured by cluster or, where labels are known, by true class. */
export function scatterInput(panel: ScatterPanel, by: 'cluster' | 'class'): ScatterInput {
  const count = Math.max(-1, ...panel.clusters, (panel.centres?.length ?? 0) / 2 - 1) + 1;
  const clusters = Array.from({ length: count }, (_, cluster) => cluster);
  return {
    xLabel: `${panel.axes} 1`,
    yLabel: `${panel.axes} 2`,
    coordinates: panel.coordinates.map((value) => value ?? Number.NaN),
    classes: by === 'cluster' ? panel.clusters : panel.classes!,
    classNames: by === 'cluster' ? clusters.map((cluster) => `cluster ${cluster}`) : panel.classNames!,
    ...(panel.centres
      ? { centres: { coordinates: panel.centres, ...(by === 'cluster' ? { classes: clusters } : {}) } }
      : {}),
  };
}
