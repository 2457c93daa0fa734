import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../core/artifact.ts';
import type { Failure } from '../core/failure.ts';
import { collectResult } from './collect-result.ts';
import type { Executor, Observation, Task } from './executor.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface LocalExecutorOptions {
  /** The worker's bundle, absolute. */
  readonly workerModule: string;
  /** Processes at a time. */
  readonly workers: number;
  /** How long a cancelled stage may take to end by itself. */
  readonly graceMs?: number;
}

interface Assignment {
  readonly task: Task;
  readonly token: string;
  state: Observation['state'];
  progress?: Progress;
  worker: WorkerProcess | null;
  wake: () => void;
  changed: Promise<void>;
}

/** Warm worker processes on this machine; a worker that died is replaced, its task reported as ended. */
export function createLocalExecutor({
  workerModule,
  workers,
  graceMs = 3000,
}: LocalExecutorOptions): Executor {
  const assignments = new Map<string, Assignment>(); // by token
  const idle: { readonly worker: WorkerProcess; readonly gpus: string }[] = [];
  const busy = new Map<WorkerProcess, Assignment>();
  const waiting: Assignment[] = [];
  const told = new WeakMap<Task, Failure>(); // what a full disk has no room for

  return {
    name: 'local',
    slots: workers,
    async submit(batch, token) {
      if (batch.length !== 1) throw new Error('the local executor takes one task a token');
      const assignment = armed({ task: batch[0], token, state: 'pending', worker: null } as Assignment);
      assignments.set(token, assignment);
      waiting.push(assignment);
      dispatch();
    },
    find: async (token) => assignments.has(token),
    async poll(token) {
      const assignment = assignments.get(token);
      if (!assignment) return [];
      const { task, state, progress } = assignment;
      return [{ attempt: task.attempt, state, ...(progress ? { progress } : {}) }];
    },
    async cancel(token) {
      const assignment = assignments.get(token);
      if (!assignment || assignment.state === 'ended') return;
      const queued = waiting.indexOf(assignment);
      if (queued >= 0) {
        waiting.splice(queued, 1);
        return end(assignment, { reason: 'cancelled', message: 'cancelled before it started' });
      }
      const worker = assignment.worker!;
      worker.send({ type: 'cancel', attempt: assignment.task.attempt });
      const timer = setTimeout(() => worker.kill(), graceMs); // a stage deep in native code hears nothing
      await untilEnded(assignment);
      clearTimeout(timer);
    },
    async collect(task) {
      const failure = told.get(task);
      return (await collectResult(task.job)) ?? (failure ? { status: 'failed', failure } : null);
    },
    changed: (token) => assignments.get(token)?.changed ?? Promise.resolve(),
    workerPid: (attempt) =>
      [...busy].find(([, assignment]) => assignment.task.attempt === attempt)?.[0].pid ?? null,
    async close() {
      for (const { worker } of idle) worker.send({ type: 'exit' });
      for (const worker of busy.keys()) worker.kill();
    },
  };

  function dispatch(): void {
    while (waiting.length > 0 && busy.size < workers) {
      const assignment = waiting.shift()!;
      const worker = takeWorker(assignment.task.job.gpus.join(','));
      busy.set(worker, assignment);
      assignment.worker = worker;
      assignment.state = 'running';
      worker.send({ type: 'run', jobFile: assignment.task.jobFile });
      notify(assignment);
    }
  }

  /** A warm one that sees the same GPUs, or a new one: what a library saw when it was loaded stays. */
  function takeWorker(gpus: string): WorkerProcess {
    const warm = idle.findLastIndex((one) => one.gpus === gpus);
    if (warm >= 0) return idle.splice(warm, 1)[0].worker;
    if (idle.length + busy.size >= workers) idle.shift()?.worker.send({ type: 'exit' });
    return start(gpus);
  }

  function start(gpus: string): WorkerProcess {
    const env: { [name: string]: string } = gpus === '' ? {} : { CUDA_VISIBLE_DEVICES: gpus };
    const worker: WorkerProcess = startWorkerProcess(workerModule, env, {
      message(message) {
        const assignment = busy.get(worker);
        if (!assignment || message.type === 'ready' || message.attempt !== assignment.task.attempt) return;
        if (message.type === 'progress') {
          assignment.progress = message.progress;
          notify(assignment);
        } else {
          busy.delete(worker);
          idle.push({ worker, gpus });
          void end(assignment, message.failure);
        }
      },
      exit({ code, signal, stderr }) {
        const at = idle.findIndex((one) => one.worker === worker);
        if (at >= 0) idle.splice(at, 1);
        const assignment = busy.get(worker);
        busy.delete(worker);
        if (!assignment) return;
        const how = signal ? `killed by ${signal}` : `exit status ${code}`;
        const hint = signal === 'SIGKILL' ? ' (out of memory?)' : '';
        const said = stderr.trim() ? `\n${stderr.trim()}` : '';
        void end(assignment, {
          reason: 'worker-died',
          message: `the worker process ended: ${how}${hint}${said}`,
        });
      },
    });
    return worker;
  }

  /** The failure goes to the attempt's folder, where every reader looks; a worker that could wrote it itself. */
  async function end(assignment: Assignment, failure: Failure | null): Promise<void> {
    const { folder } = assignment.task.job;
    if (failure) told.set(assignment.task, failure);
    if (failure && !(await collectResult(assignment.task.job))) {
      await writeFile(join(folder, 'failure.json'), `${JSON.stringify(failure)}\n`).catch(() => {});
    }
    assignment.state = 'ended';
    notify(assignment);
    dispatch();
  }
}

function armed(assignment: Assignment): Assignment {
  assignment.changed = new Promise((resolve) => {
    assignment.wake = resolve;
  });
  return assignment;
}

function notify(assignment: Assignment): void {
  const { wake } = assignment;
  armed(assignment);
  wake();
}

async function untilEnded(assignment: Assignment): Promise<void> {
  while (assignment.state !== 'ended') await assignment.changed;
}
