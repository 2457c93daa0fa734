import type { ArtifactRecord, FileDigests, JobOutcome } from '../../src/core/artifact.ts';
import type { Catalogue, StageDeclaration } from '../../src/core/declaration.ts';
import { digestBytes, digestOf } from '../../src/core/digest.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import type { StepPolicy } from '../../src/core/resources.ts';
import type { Executor, Task } from '../../src/runner/executor.ts';
import type { EventBody, RunOptions } from '../../src/runner/run-options.ts';
import type { RunStore, StepVerdict, StoredObject } from '../../src/runner/run-store.ts';

/** A stage that reads `out.txt` of every input and writes one; enough for the runner, which runs no code itself. */
export function fakeDeclaration(name: string, more: Partial<StageDeclaration> = {}): StageDeclaration {
  return {
    name,
    summary: name,
    parameters: { type: 'object', properties: {} },
    inputs: {},
    anyInputs: { description: 'any', kind: 'text', reads: ['out.txt'] },
    outputs: [{ path: 'out.txt', description: 'text' }],
    offers: ['text'],
    random: false,
    engine: false,
    exact: true,
    ...more,
  };
}

export function fakeCatalogue(
  names: readonly string[],
  code: { readonly [name: string]: string } = {},
): Catalogue {
  return {
    format: 1,
    worker: 'c0de',
    stages: Object.fromEntries(
      names.map((name) => [
        name,
        {
          declaration: fakeDeclaration(name),
          module: `${name}.js`,
          bundle: `bundle-${name}`,
          code: code[name] ?? `code-${name}`,
          modules: [{ name: `src/${name}.ts`, digest: code[name] ?? `code-${name}` }],
        },
      ]),
    ),
  };
}

export const FAKE_POLICY: StepPolicy = {
  demand: { cpu: 1, threads: 1, memoryMiB: 0, gpu: 0 },
  retries: 0,
  timeoutMs: null,
};

/** Steps from `{ c: ['a', 'b'] }`: each name is a step of the stage of its name and needs the others. */
export function fakePlan(
  needs: { readonly [step: string]: readonly string[] },
  params: { readonly [step: string]: object } = {},
): Plan {
  const steps = Object.entries(needs).map(([id, dependsOn]): Step => {
    const own = (params[id] ?? {}) as Step['params'];
    return {
      id,
      key: id,
      uses: id,
      point: {},
      params: own,
      identity: own,
      seed: null,
      inputs: Object.fromEntries(dependsOn.map((on) => [on, { kind: 'one', step: on }])),
      sources: [],
      structuralKey: digestOf('step', id),
      dependsOn,
      positions: {},
      policy: FAKE_POLICY,
    };
  });
  return {
    name: 'fake',
    file: 'fake.yaml',
    text: '',
    seed: 0,
    engine: null,
    axes: [],
    points: [{}],
    sweep: null,
    steps,
    stepsOfPoint: [Object.fromEntries(steps.map(({ id }) => [id, id]))],
    notes: [],
  };
}

/** A store in memory with the same promises as the real one. */
export class FakeStore implements RunStore {
  readonly objects = new Map<string, StoredObject>();
  readonly executions: StoredObject[] = [];
  readonly held = new Map<string, () => void>();
  readonly abandoned: string[] = [];
  sourceDigests: FileDigests = {};
  private attempts = 0;

  findObject(fingerprint: string): ReturnType<RunStore['findObject']> {
    const object = this.objects.get(fingerprint);
    return object ? { status: 'sound', object } : { status: 'absent' };
  }
  markInputs() {
    return { ok: true as const, marks: {} };
  }
  changedInput() {
    return null;
  }
  async digestSource() {
    return { ok: true as const, digests: this.sourceDigests };
  }
  nearestExecution({ stepId }: { stepId: string }) {
    const found = this.executions.filter(({ record }) => record.stepId === stepId).at(-1);
    return found ? { fields: found.record.fields, codeModules: found.record.codeModules } : null;
  }
  async claim(fingerprint: string): ReturnType<RunStore['claim']> {
    if (this.held.has(fingerprint)) return { heldBy: { pid: 1, host: 'other', runId: 'other' } };
    const nothing = () => {};
    return {
      lease: { fingerprint, epoch: 1, setWorker: nothing, release: nothing, releasePublished: nothing },
    };
  }
  waitFor(fingerprint: string): Promise<void> {
    return new Promise((resolve) => this.held.set(fingerprint, resolve));
  }
  createAttempt() {
    this.attempts++;
    return { id: `attempt-${this.attempts}`, folder: process.env.TMPDIR ?? '/tmp' };
  }
  newestCheckpoint() {
    return null;
  }
  async publish(attempt: { id: string }): ReturnType<RunStore['publish']> {
    const record = this.results.get(attempt.id)!;
    const { fingerprint, outputs, metrics } = record;
    const object = { fingerprint, folder: `/objects/${fingerprint}`, outputs, metrics, record };
    this.objects.set(record.fingerprint, object);
    this.executions.push(object);
    return { ok: true, object };
  }
  abandon(attempt: { id: string }) {
    this.abandoned.push(attempt.id);
  }
  logTail() {
    return ['last line'];
  }
  durations: (stage: string) => number[] = () => [];
  readonly results = new Map<string, ArtifactRecord>();
}

export type FakeStage = (task: Task) => Promise<JobOutcome | string>;

/** Executes a step by calling a function: a string is the text of its output. */
export function fakeExecutor(
  store: FakeStore,
  stage: FakeStage,
  slots = 2,
): Executor & { readonly started: string[] } {
  const running = new Map<
    string,
    { attempt: string; ended: boolean; done: Promise<void>; outcome: JobOutcome | null }
  >();
  const started: string[] = [];
  return {
    name: 'fake',
    slots,
    started,
    async submit([task], token) {
      started.push(task.job.stepId);
      const entry = {
        attempt: task.attempt,
        ended: false,
        done: Promise.resolve(),
        outcome: null as JobOutcome | null,
      };
      entry.done = stage(task).then((result) => {
        entry.outcome = typeof result === 'string' ? success(task, result) : result;
        if (entry.outcome.status === 'succeeded') store.results.set(task.attempt, entry.outcome.record);
        entry.ended = true;
      });
      running.set(token, entry);
    },
    find: async (token) => running.has(token),
    poll: async (token) => {
      const entry = running.get(token)!;
      return [{ attempt: entry.attempt, state: entry.ended ? 'ended' : 'running' }];
    },
    cancel: async () => {},
    collect: async (task) =>
      [...running.values()].findLast(({ attempt }) => attempt === task.attempt)!.outcome,
    changed: (token) => running.get(token)!.done,
    workerPid: () => null,
    close: async () => {},
  };
}

function success(task: Task, text: string): JobOutcome {
  const { job } = task;
  return {
    status: 'succeeded',
    record: {
      format: 1,
      fingerprint: job.fingerprint,
      fields: job.fields,
      stepId: job.stepId,
      outputs: [{ path: 'out.txt', digest: digestBytes(text), sizeBytes: text.length }],
      metrics: [],
      notes: [],
      sourcesRead: {},
      codeModules: job.codeModules,
      attempt: job.attempt,
      leaseEpoch: job.leaseEpoch,
      versions: { clade: '0', node: process.version },
      machine: { host: 'h', platform: 'p', arch: 'a', cpu: 'c' },
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 1,
      resumedFrom: null,
    },
  };
}

export interface FakeRun {
  readonly options: RunOptions;
  readonly events: EventBody[];
  readonly verdicts: StepVerdict[];
}

export function fakeRun(
  plan: Plan,
  store: FakeStore,
  executor: Executor,
  more: Partial<RunOptions> = {},
): FakeRun {
  const events: EventBody[] = [];
  const verdicts: StepVerdict[] = [];
  const options: RunOptions = {
    plan,
    catalogue: fakeCatalogue(plan.steps.map(({ uses }) => uses)),
    moduleFolder: '/modules',
    engine: { name: 'wasm', version: '4', kernels: 'k' },
    capacity: { cpu: 4, memoryMiB: 1000, gpus: [] },
    store,
    run: { id: 'run-1', settled: (verdict) => void verdicts.push(verdict) },
    executor,
    emit: (event) => void events.push(event),
    signal: new AbortController().signal,
    keepGoing: false,
    forced: new Set(),
    ...more,
  };
  return { options, events, verdicts };
}
