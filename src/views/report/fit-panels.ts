import type { Panel, ReportData } from './report-data.ts';

/** Pictures go first where there is no room: they are by far the largest, and the least missed. */
const isPicture = ({ kind }: Panel) => kind === 'pictures';

/**
 * The report with as many figures of points as `bytes` of JSON hold, in the order of the steps, pictures
 * last; `leftOut` says how many it lacks.
 */
export function fitPanels(data: ReportData, bytes: number): ReportData {
  const entries = Object.entries(data.panels);
  const kept = new Set<string>();
  let left = bytes;
  for (const [id, panel] of [
    ...entries.filter(([, one]) => !isPicture(one)),
    ...entries.filter(([, one]) => isPicture(one)),
  ]) {
    const size = Buffer.byteLength(JSON.stringify(panel)) + id.length + 4;
    if (size > left) continue;
    left -= size;
    kept.add(id);
  }
  const missing = entries.length - kept.size;
  if (missing === 0) return data;
  return {
    ...data,
    panels: Object.fromEntries(entries.filter(([id]) => kept.has(id))),
    points: data.points.map((point) => ({ ...point, panels: point.panels.filter((id) => kept.has(id)) })),
    leftOut: missing,
  };
}
