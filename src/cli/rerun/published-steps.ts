import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '../../core/declaration.ts';
import { type Digest, digestBytes } from '../../core/digest.ts';
import type { Plan } from '../../core/plan.ts';
import type { EngineIdentity } from '../../core/trainable.ts';
import { selectSteps } from '../../plan/select-steps.ts';
import type { Lineage } from '../../store/read-lineage.ts';
import { readRunCall } from '../../store/read-run-folders.ts';
import type { RunRow } from '../../store/read-runs.ts';
import { findArtifact } from '../find-artifact.ts';
import { findRun } from '../find-run.ts';
import { loadCatalogueFor } from '../load-catalogue.ts';
import { readPipeline } from '../read-pipeline.ts';
import { decideEngine } from '../resolve-engine.ts';
import { UsageError } from '../usage-error.ts';

/** A run as it was planned, with today's code, and what its steps made. */
export interface PlannedRun {
  readonly run: RunRow;
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly engine: EngineIdentity;
  /** Of each step that has an artifact, in the order of the plan. */
  readonly made: ReadonlyMap<string, Digest>;
}

export interface ChosenSteps {
  readonly of: PlannedRun;
  readonly stepIds: ReadonlySet<string>;
}

/**
 * Published steps that a person may mean: steps by name, all their points or some; runs, which alone stand
 * for all their steps, and before steps say of which run these are; fingerprints and paths. Without any,
 * the latest run.
 * @throws UsageError
 */
export async function choosePublishedSteps(
  lineage: Lineage,
  what: readonly string[],
): Promise<readonly ChosenSteps[]> {
  const runs = new Map<string, { of: PlannedRun; stepIds: Set<string> }>();
  const planned = async (run: RunRow) => {
    const known = runs.get(run.id) ?? { of: await planRun(lineage, run), stepIds: new Set<string>() };
    runs.set(run.id, known);
    return known;
  };
  const addAll = async (run: RunRow) => {
    const { of, stepIds } = await planned(run);
    for (const id of of.made.keys()) stepIds.add(id);
  };
  let current: RunRow | null = null;
  let alone = false; // a run that no step has followed yet
  for (const wanted of what.length === 0 ? ['latest'] : what) {
    const [run, ...others] = lineage.findRuns(wanted);
    if (run && others.length === 0) {
      if (current && alone) await addAll(current);
      current = run;
      alone = true;
      continue;
    }
    current ??= findRun(lineage, 'latest');
    const { of, stepIds } = await planned(current);
    const selection = selectSteps(of.plan, [wanted]);
    const [problem] = selection.diagnostics;
    if (problem) {
      const place = placeOf(lineage, wanted, problem);
      (await planned(findRun(lineage, place.runId))).stepIds.add(place.stepId);
      continue;
    }
    alone = false;
    const there = selection.stepIds.filter((id) => of.made.has(id));
    if (there.length === 0) throw new UsageError(`run ${current.id} made nothing for '${wanted}'`);
    for (const id of there) stepIds.add(id);
  }
  if (current && alone) await addAll(current);
  return [...runs.values()].filter(({ stepIds }) => stepIds.size > 0);
}

/** Of a path or fingerprint: a run that has this artifact, and the step it is there. */
function placeOf(
  lineage: Lineage,
  wanted: string,
  problem: { readonly message: string; readonly hint?: string },
): { runId: string; stepId: string } {
  let fingerprints: readonly string[];
  try {
    fingerprints = findArtifact(lineage, wanted);
  } catch (error) {
    if (!/[/.]|^[0-9a-f]{4,64}$/.test(wanted) && error instanceof UsageError)
      throw new UsageError(`${problem.message}${problem.hint ? ` (${problem.hint})` : ''}`);
    throw error;
  }
  for (const fingerprint of fingerprints) {
    const place = lineage.placeOf(fingerprint);
    if (place) return place;
  }
  const stepId = lineage.object(fingerprints[0])?.stepId;
  const step = stepId?.includes('/') ? `: name its step, ${stepId.split('/')[0]}` : '';
  throw new UsageError(`'${wanted}' is no step's artifact in any run${step}`);
}

/** @throws UsageError where its pipeline cannot be planned any more. */
async function planRun(lineage: Lineage, run: RunRow): Promise<PlannedRun> {
  const { file } = run;
  const text = textOf(lineage, run);
  const { set } = readRunCall(lineage.folder, run.id);
  const catalogue = await loadCatalogueFor(file, text);
  const plan = readPipeline({ file, text, catalogue, set });
  if (!plan)
    throw new UsageError(
      `the pipeline of run ${run.id} cannot be planned as it was (its file ${file} was named in the folder where it was run)`,
    );
  const { engine } = await decideEngine({ asked: run.engine, plan, catalogue, artifacts: lineage.folder });
  const rows = new Map(
    lineage
      .steps(run.id)
      .flatMap(({ stepId, fingerprint, verdict }) =>
        fingerprint !== null && (verdict === 'executed' || verdict === 'reused')
          ? [[stepId, fingerprint] as const]
          : [],
      ),
  );
  const made = plan.steps.flatMap(({ id }) => (rows.has(id) ? [[id, rows.get(id)!] as const] : []));
  return { run, plan, catalogue, engine, made: new Map(made) };
}

/** What the file held when it was run. @throws UsageError where that is not known any more. */
function textOf(lineage: Lineage, { id, textDigest }: RunRow): Uint8Array {
  const kept = join(lineage.folder, 'runs', id, 'pipeline.yaml');
  let text: Uint8Array | null = null;
  try {
    text = readFileSync(kept);
  } catch {
    // as one that was changed
  }
  if (text === null || digestBytes(text) !== textDigest)
    throw new UsageError(
      `${kept} is not what was run any more: what decided the steps of ${id} is not known`,
    );
  return text;
}
