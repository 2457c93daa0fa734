import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactRecord, Metric } from '../../core/artifact.ts';
import { byCodeUnit, type Json, type JsonObject } from '../../core/json.ts';
import type { Lineage } from '../../store/read-lineage.ts';
import { readPlannedSteps } from '../../store/read-run-folders.ts';
import type { RunRow, RunStepRow } from '../../store/read-runs.ts';
import { agrees, comparePoints } from '../compare/compare-points.ts';
import { directionsOf, findBest, summariseRows } from '../compare/summarise-rows.ts';
import { countOf } from '../format.ts';
import { isIntervalBound, sortMetrics } from '../metric-names.ts';
import { drawAgainstAxes, type RunAndSteps } from './draw-against-axes.ts';
import { gatherPanels, readLabelsOf } from './gather-panels.ts';
import type { GraphNode, Panel, ReportData, ReportPoint, ReportStep, ResultTable } from './report-data.ts';

export interface ReportRequest {
  readonly runs: readonly RunRow[];
  /** Axes to take mean and standard deviation over. */
  readonly over: readonly string[];
  readonly title?: string;
}

/** Reads what lineage and published objects say of some runs. Writes nothing. */
export function gatherReport(lineage: Lineage, request: ReportRequest): ReportData {
  const runs = request.runs.map((run) => ({ run, steps: asPlanned(lineage, run.id) }));
  const facts = runs.map(({ run, steps }) => ({ runId: run.id, points: run.points, steps }));
  const directions = directionsOf(facts);
  const rows = comparePoints(facts);
  const records = readRecords(lineage, runs);
  const { panels, images, panelsOf, notices } = collectPanels(lineage, runs);
  const points = rows.map((row, index): ReportPoint => {
    const { steps } = runs.find(({ run }) => run.id === row.runId)!;
    const own = steps.filter((step) => agrees(step.point, row.point));
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
    steps: runs.flatMap(({ run, steps }) => steps.map((step) => describeStep(run, step, records))),
    panels,
    images,
    graph: gatherGraph(lineage, runs),
    environment: describeEnvironment(records.values()),
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

function statusOf(steps: readonly RunStepRow[]): string {
  const verdicts = new Set(steps.map(({ verdict }) => verdict));
  return (['failed', 'skipped', 'executed', 'reused'] as const).find((one) => verdicts.has(one)) ?? 'planned';
}

/** A panel belongs to an object: points and runs that share it share the panel. */
function collectPanels(lineage: Lineage, runs: readonly RunAndSteps[]) {
  const panels: { [id: string]: Panel } = {};
  const names = new Map<string, string>();
  const nameImage = (png: string) => {
    const name = names.get(png) ?? `i${names.size}`;
    names.set(png, name);
    return name;
  };
  const panelsOf = new Map<string, readonly string[]>();
  const problems: string[] = [];
  const steps = runs.flatMap((one) => one.steps).filter(({ verdict }) => verdict !== 'failed');
  const damaged = damagedOf(lineage, steps);
  const labels = labelsOf(
    lineage,
    steps.filter(({ fingerprint }) => fingerprint && !damaged.has(fingerprint)),
  );
  for (const { stepId, fingerprint } of steps) {
    if (!fingerprint || panelsOf.has(fingerprint)) continue;
    if (damaged.has(fingerprint)) {
      problems.push(
        `${stepId} is not as it was written (${damaged.get(fingerprint)}): run the pipeline again`,
      );
      panelsOf.set(fingerprint, []);
      continue;
    }
    const source = { step: stepId, folder: lineage.objectFolder(fingerprint), labels, nameImage };
    const ids = gatherPanels(source, (message) => problems.push(message)).map((panel) => {
      const id = `f${Object.keys(panels).length}`;
      panels[id] = panel;
      return id;
    });
    panelsOf.set(fingerprint, ids);
  }
  const images = Object.fromEntries([...names].map(([png, name]) => [name, png]));
  const notices = problems.map((problem) => `A figure cannot be drawn: ${problem}`);
  return { panels, images, panelsOf, notices };
}

/** Nothing is drawn from files that are not as they were written. */
function damagedOf(lineage: Lineage, steps: readonly RunStepRow[]): ReadonlyMap<string, string> {
  const damaged = new Map<string, string>();
  for (const fingerprint of new Set(steps.flatMap((step) => step.fingerprint ?? []))) {
    const damage = lineage.damageOf(fingerprint);
    if (damage !== null) damaged.set(fingerprint, damage);
  }
  return damaged;
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
  const rows = runs.flatMap(({ run, steps }) => {
    const measured = steps.filter((step) => step.stage === stage && step.metrics.length > 0);
    return [...new Set(measured.map(({ key }) => key))].flatMap((step) => {
      const ofStep = measured.filter(({ key }) => key === step);
      const points = ofStep.map(({ point, metrics }) => ({
        runId: run.id,
        point,
        metrics: byColumn(metrics),
      }));
      return summariseRows(points, over).map(({ point, metrics: values }) => {
        const n = Math.max(...Object.values(values).map((spread) => spread.n));
        return { run: run.id, step, point, n, values };
      });
    });
  });
  const all = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))].filter(
    (name) => !isIntervalBound(name),
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

function byColumn(metrics: readonly Metric[]): { [column: string]: number } {
  return Object.fromEntries(
    metrics.map(({ split, name, value }) => [split ? `${split}.${name}` : name, value]),
  );
}

type Records = ReadonlyMap<string, ArtifactRecord>;

function readRecords(lineage: Lineage, runs: readonly RunAndSteps[]): Records {
  const records = new Map<string, ArtifactRecord>();
  for (const { fingerprint } of runs.flatMap(({ steps }) => steps)) {
    const record = fingerprint && !records.has(fingerprint) ? lineage.record(fingerprint) : null;
    if (record) records.set(fingerprint!, record);
  }
  return records;
}

function describeStep(run: RunRow, step: RunStepRow, records: Records): ReportStep {
  const record = step.fingerprint ? records.get(step.fingerprint) : undefined;
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
function describeEnvironment(records: Iterable<ArtifactRecord>): readonly (readonly [string, string])[] {
  const found = new Map<string, Set<string>>();
  const add = (name: string, value: string) => found.set(name, (found.get(name) ?? new Set()).add(value));
  for (const record of records) {
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
