import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit, type Json, type JsonObject } from '../../core/json.ts';
import { type Spread, spreadOfValues } from '../../core/spread.ts';
import type { Lineage } from '../../store/read-lineage.ts';
import { readPlannedSteps } from '../../store/read-run-folders.ts';
import type { RunRow, RunStepRow } from '../../store/read-runs.ts';
import { axisText } from '../compare/axis-text.ts';
import { comparePoints } from '../compare/compare-points.ts';
import { directionsOf, findBest } from '../compare/summarise-rows.ts';
import { countOf } from '../format.ts';
import { drawAgainstAxes } from './draw-against-axes.ts';
import { gatherPanels, readLabelsOf } from './gather-panels.ts';
import type { GraphNode, Panel, ReportData, ReportPoint, ReportStep, ResultTable } from './report-data.ts';

export interface ReportRequest {
  readonly runs: readonly RunRow[];
  /** Axes to take mean and standard deviation over. */
  readonly over: readonly string[];
  readonly title?: string;
}

interface RunAndSteps {
  readonly run: RunRow;
  readonly steps: readonly RunStepRow[];
}

/** Reads what lineage and published objects say of some runs. Writes nothing. */
export function gatherReport(lineage: Lineage, request: ReportRequest): ReportData {
  const runs = request.runs.map((run) => ({ run, steps: asPlanned(lineage, run.id) }));
  const facts = runs.map(({ run, steps }) => ({ runId: run.id, points: run.points, steps }));
  const directions = directionsOf(facts);
  const rows = comparePoints(facts);
  const { panels, panelsOf, notices } = collectPanels(lineage, runs);
  const points = rows.map((row, index): ReportPoint => {
    const { steps } = runs.find(({ run }) => run.id === row.runId)!;
    const own = steps.filter((step) => isOfPoint(step, row.point));
    return {
      id: String(index + 1),
      run: row.runId,
      point: row.point,
      status: statusOf(own),
      metrics: row.metrics,
      panels: own.flatMap(({ fingerprint }) => (fingerprint && panelsOf.get(fingerprint)) || []),
    };
  });
  return {
    title: request.title ?? [...new Set(runs.map(({ run }) => run.pipeline))].join(', '),
    runs: runs.map(({ run }) => ({ ...run, pipelineText: pipelineText(lineage.folder, run.id) })),
    over: request.over,
    results: tabulateResults(runs, request.over, directions),
    charts: drawAgainstAxes(runs, request.over),
    axes: [...new Set(rows.flatMap(({ point }) => Object.keys(point)))],
    metrics: sortMetrics(rows.flatMap(({ metrics }) => Object.keys(metrics))),
    directions,
    points,
    steps: runs.flatMap(({ run, steps }) => steps.map((step) => describeStep(lineage, run, step))),
    panels,
    graph: gatherGraph(lineage, runs),
    environment: describeEnvironment(lineage, runs),
    leftOut: 0,
    notices: [...failureNotices(runs), ...notices],
  };
}

/** The steps in the order of the pipeline and its sweep: lineage has them as they happened to settle. */
function asPlanned(lineage: Lineage, runId: string): RunStepRow[] {
  const places = new Map(readPlannedSteps(lineage.folder, runId).map((id, at) => [id, at]));
  const placeOf = ({ stepId }: RunStepRow) => places.get(stepId) ?? places.size;
  return lineage.steps(runId).sort((a, b) => placeOf(a) - placeOf(b));
}

/** A step stands for every point that agrees with the axes it depends on. */
function isOfPoint(step: RunStepRow, point: JsonObject): boolean {
  return Object.entries(step.point).every(([axis, value]) => axisText(point[axis]) === axisText(value));
}

function statusOf(steps: readonly RunStepRow[]): string {
  const verdicts = new Set(steps.map(({ verdict }) => verdict));
  return (['failed', 'skipped', 'executed', 'reused'] as const).find((one) => verdicts.has(one)) ?? 'planned';
}

/** Test first, then validation, then train; bounds of intervals behind what they bound. */
function sortMetrics(names: readonly string[]): string[] {
  const rank = (name: string) =>
    (/\.test\./.test(name) ? 0 : /\.val\./.test(name) ? 1 : 2) + (isBound(name) ? 3 : 0);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b) || byCodeUnit(a, b));
}

const isBound = (metric: string) => /(High|Low)$/.test(metric);

/** A panel belongs to an object: points and runs that share it share the panel. */
function collectPanels(lineage: Lineage, runs: readonly RunAndSteps[]) {
  const panels: { [id: string]: Panel } = {};
  const panelsOf = new Map<string, readonly string[]>();
  const problems: string[] = [];
  const steps = runs.flatMap((one) => one.steps).filter(({ verdict }) => verdict !== 'failed');
  const labels = labelsOf(lineage, steps);
  for (const { stepId, fingerprint } of steps) {
    if (!fingerprint || panelsOf.has(fingerprint)) continue;
    const source = { step: stepId, folder: lineage.objectFolder(fingerprint), labels };
    const ids = gatherPanels(source, (message) => problems.push(message)).map((panel) => {
      const id = `f${Object.keys(panels).length}`;
      panels[id] = panel;
      return id;
    });
    panelsOf.set(fingerprint, ids);
  }
  return { panels, panelsOf, notices: problems.map((problem) => `A figure cannot be drawn: ${problem}`) };
}

function labelsOf(lineage: Lineage, steps: readonly RunStepRow[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const { fingerprint } of steps) {
    if (!fingerprint) continue;
    for (const [id, label] of readLabelsOf(lineage.objectFolder(fingerprint))) labels.set(id, label);
  }
  return labels;
}

/** A table a stage: evaluations first, for they are what is asked for. */
function tabulateResults(
  runs: readonly RunAndSteps[],
  over: readonly string[],
  directions: ReportData['directions'],
): ResultTable[] {
  const stages = [
    ...new Set(
      runs.flatMap(({ steps }) => steps.filter((step) => step.metrics.length > 0).map(({ stage }) => stage)),
    ),
  ];
  const tables = stages.map((stage) => tabulateStage(stage, runs, over, directions));
  const weight = ({ columns }: ResultTable) => (columns.some((name) => name.startsWith('test.')) ? 0 : 1);
  return tables.sort((a, b) => weight(a) - weight(b));
}

function tabulateStage(
  stage: string,
  runs: readonly RunAndSteps[],
  over: readonly string[],
  directions: ReportData['directions'],
): ResultTable {
  const groups = new Map<
    string,
    { run: string; step: string; point: JsonObject; n: number; values: Map<string, number[]> }
  >();
  for (const { run, steps } of runs) {
    for (const { key, stage: kind, point: whole, metrics } of steps) {
      if (kind !== stage || metrics.length === 0) continue;
      const point = Object.fromEntries(Object.entries(whole).filter(([axis]) => !over.includes(axis)));
      const name = JSON.stringify([run.id, key, point]);
      const group = groups.get(name) ?? { run: run.id, step: key, point, n: 0, values: new Map() };
      groups.set(name, group);
      group.n++;
      for (const { split, name: metric, value } of metrics) {
        const column = split ? `${split}.${metric}` : metric;
        group.values.set(column, [...(group.values.get(column) ?? []), value]);
      }
    }
  }
  const inOrder = [...groups.values()].sort(byStepAndPoint(runs));
  const rows = inOrder.map(({ values, ...row }) => ({
    ...row,
    values: Object.fromEntries(
      [...values].map(([column, all]): [string, Spread] => [column, spreadOfValues(all)!]),
    ),
  }));
  const all = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))].filter(
    (name) => !isBound(name),
  );
  // What is measured in test is shown of test alone, and what only train has (KL) of train.
  const columns = all
    .filter((name) => !/^(train|val)\./.test(name) || !all.includes(name.replace(/^\w+/, 'test')))
    .sort((a, b) => rankOf(a) - rankOf(b));
  return {
    stage,
    axes: [...new Set(rows.flatMap(({ point }) => Object.keys(point)))],
    columns,
    rows,
    best: Object.fromEntries(
      columns.map((column) => [
        column,
        findBest(
          rows.map(({ values }) => values[column] ?? null),
          directions[`${rows[0].step}.${column}`],
        ),
      ]),
    ),
  };
}

/** The field's usual order; all others behind, as they are. */
const USUAL = ['acc', 'nmi', 'ari', 'mse', 'kl'];
const rankOf = (column: string) => {
  const at = USUAL.indexOf(column.split('.').at(-1)!);
  return at < 0 ? USUAL.length : at;
};

type Placed = { readonly run: string; readonly step: string; readonly point: JsonObject };

/** Runs as given, steps as they come up, points as the sweep lists them: not as they happened to finish. */
function byStepAndPoint(runs: readonly RunAndSteps[]): (a: Placed, b: Placed) => number {
  const placeOf = ({ run: id, step, point }: Placed) => {
    const at = runs.findIndex(({ run }) => run.id === id);
    const { run, steps } = runs[at];
    const agrees = (other: JsonObject) =>
      Object.entries(point).every(([axis, value]) => axisText(other[axis]) === axisText(value));
    return [at, steps.findIndex(({ key }) => key === step), run.points.findIndex(agrees)];
  };
  return (a, b) => {
    const [left, right] = [placeOf(a), placeOf(b)];
    const differs = left.findIndex((place, index) => place !== right[index]);
    return differs < 0 ? 0 : left[differs] - right[differs];
  };
}

function describeStep(lineage: Lineage, run: RunRow, step: RunStepRow): ReportStep {
  const record = step.fingerprint ? lineage.record(step.fingerprint) : null;
  return {
    run: run.id,
    id: step.stepId,
    stage: step.stage,
    verdict: step.verdict,
    durationMs: record?.durationMs ?? step.durationMs,
    fingerprint: step.fingerprint,
    params: step.params,
    notes: record?.notes ?? [],
    failure: step.message,
  };
}

/** One node a key of the pipeline file; edges from what the objects were really made from. */
function gatherGraph(lineage: Lineage, runs: readonly RunAndSteps[]): ReportData['graph'] {
  const nodes = new Map<string, GraphNode>();
  const keyOf = new Map<string, string>();
  for (const { key, stage, verdict, fingerprint } of runs.flatMap(({ steps }) => steps)) {
    const before = nodes.get(key);
    const state = verdict === 'failed' ? 'failed' : verdict === 'skipped' ? 'skipped' : 'made';
    const worst = before && before.state !== 'made' ? before.state : state;
    nodes.set(key, { key, stage, count: (before?.count ?? 0) + 1, state: worst });
    if (fingerprint) keyOf.set(fingerprint, key);
  }
  const edges = new Map<string, readonly [string, string]>();
  for (const [fingerprint, key] of keyOf) {
    for (const { fingerprint: from } of lineage.upstream(fingerprint)) {
      const source = from === null ? undefined : keyOf.get(from);
      if (source !== undefined && source !== key)
        edges.set(JSON.stringify([source, key]), [source, key] as const);
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

/** What the results were computed with: every value that occurs, so that a mixture is seen. */
function describeEnvironment(
  lineage: Lineage,
  runs: readonly RunAndSteps[],
): readonly (readonly [string, string])[] {
  const found = new Map<string, Set<string>>();
  const add = (name: string, value: string) => found.set(name, (found.get(name) ?? new Set()).add(value));
  for (const { fingerprint } of runs.flatMap(({ steps }) => steps)) {
    const record = fingerprint ? lineage.record(fingerprint) : null;
    if (!record) continue;
    for (const [name, version] of Object.entries(record.versions)) add(name, version);
    if (record.fields.engine) add('engine', engineText(record.fields.engine as unknown as JsonObject));
    add('machine', `${record.machine.cpu}, ${record.machine.platform} ${record.machine.arch}`);
  }
  return [...found].map(([name, values]) => [name, [...values].sort(byCodeUnit).join('; ')] as const);
}

function engineText(engine: JsonObject): string {
  return Object.values(engine)
    .filter((value): value is Json => value !== null)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(' ');
}

function failureNotices(runs: readonly RunAndSteps[]): string[] {
  return runs.flatMap(({ run, steps }) => {
    const failed = steps.filter(({ verdict }) => verdict === 'failed');
    const skipped = steps.filter(({ verdict }) => verdict === 'skipped').length;
    const state =
      run.status === 'succeeded' ? [] : [`Run ${run.id} is ${run.status}: this report is of what is there.`];
    return [
      ...state,
      ...failed.map(({ stepId, message }) => `${stepId} failed: ${message ?? 'no message'}`),
      ...(skipped > 0 ? [`${countOf(skipped, 'step')} of run ${run.id} skipped for that.`] : []),
    ];
  });
}

function pipelineText(folder: string, runId: string): string | null {
  try {
    return readFileSync(join(folder, 'runs', runId, 'pipeline.yaml'), 'utf8');
  } catch {
    return null;
  }
}
