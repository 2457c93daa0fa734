import type { Catalogue } from '../core/declaration.ts';
import { canonicalJson, type Json, type JsonObject } from '../core/json.ts';
import type { Plan, Step } from '../core/plan.ts';
import type { WorkloadRequest } from '../core/workload.ts';

export interface PlannedWorkload {
  readonly workload: WorkloadRequest;
  /** How many steps of the plan have it. */
  readonly steps: number;
}

/** Measured are the most frequent ones: more would make a run wait longer than they tell. */
const MOST = 3;

/** Where no step says what size its images come out in. */
const USUAL_SIZE: readonly [number, number] = [128, 128];

/** What the plan's steps train, the most frequent first, ties in the plan's order. */
export function findWorkloads(plan: Plan, catalogue: Catalogue): PlannedWorkload[] {
  const byId = new Map(plan.steps.map((step) => [step.id, step]));
  const found = new Map<string, { workload: WorkloadRequest; steps: number }>();
  for (const step of plan.steps) {
    const names = catalogue.stages[step.uses].declaration.workload;
    if (!names) continue;
    const parameters: { [name: string]: Json } = {};
    for (const name of names) if (step.params[name] !== undefined) parameters[name] = step.params[name];
    const imageSize = imageSizeOf(step, byId) ?? USUAL_SIZE;
    const workload = { stage: step.uses, parameters, imageSize };
    const key = canonicalJson(workload as unknown as JsonObject);
    const entry = found.get(key) ?? { workload, steps: 0 };
    entry.steps++;
    found.set(key, entry);
  }
  return [...found.values()].sort((a, b) => b.steps - a.steps).slice(0, MOST);
}

/** The `size` of the nearest step above that has one: two whole numbers, or one for a square. */
function imageSizeOf(step: Step, byId: ReadonlyMap<string, Step>): [number, number] | null {
  const seen = new Set<string>();
  let level = step.dependsOn;
  while (level.length > 0) {
    for (const id of level) {
      const size = byId.get(id)?.params['size'];
      if (typeof size === 'number') return [size, size];
      if (Array.isArray(size) && size.length === 2) return size as [number, number];
      seen.add(id);
    }
    level = level.flatMap((id) => byId.get(id)?.dependsOn ?? []).filter((id) => !seen.has(id));
  }
  return null;
}
