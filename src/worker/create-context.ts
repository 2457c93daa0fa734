import { join } from 'node:path';
import type { Job } from '../core/artifact.ts';
import { createRandom } from '../core/random.ts';
import type { Checkpoints, CollectedInput, StageContext } from '../core/stage.ts';
import type { AttemptLog } from './attempt-log.ts';
import type { EngineKeeper } from './engine-keeper.ts';
import type { SourceReaders } from './source-readers.ts';

export interface ContextParts {
  readonly job: Job;
  readonly work: string;
  readonly engines: EngineKeeper;
  readonly sources: SourceReaders;
  readonly checkpoint: Checkpoints;
  readonly log: AttemptLog;
  readonly signal: AbortSignal;
}

/** What the stage gets, and what it leaves in passing: its notes and the names of its items. */
export function createContext({ job, work, engines, sources, checkpoint, log, signal }: ContextParts) {
  const notes: string[] = [];
  if (job.missing.length > 0) notes.push(tellMissing(job.missing));
  const nameRows: { id: string; source: string }[] = [];
  const folderOf = (name: string): string | null => {
    const input = job.inputs[name];
    return typeof input === 'string' ? input : null;
  };
  const context: StageContext = {
    params: job.params,
    out: work,
    inputNames: Object.keys(job.inputs),
    input(name) {
      const folder = folderOf(name);
      if (folder === null) throw new Error(`the step has no input '${name}'`);
      return folder;
    },
    optionalInput: folderOf,
    collected(name): readonly CollectedInput[] {
      const input = job.inputs[name];
      if (input === undefined) throw new Error(`the step has no input '${name}'`);
      return typeof input === 'string' ? [{ point: {}, folder: input }] : input;
    },
    source: (parameter) => sources.of(parameter),
    sourceNames: (parameter) =>
      Object.keys(job.sources)
        .filter((name) => name.startsWith(`${parameter}:`))
        .map((name) => name.slice(parameter.length + 1)),
    random() {
      if (job.seed === null) throw new Error('the stage is not declared random');
      return createRandom(job.seed);
    },
    async engine() {
      const { engine } = job.fields;
      if (engine === null) throw new Error('the stage is not declared to compute tensors');
      return engines.open(engine, job.threads);
    },
    checkpoint,
    scratch: join(job.folder, 'scratch'),
    threads: job.threads,
    names: (rows) => void nameRows.push(...rows),
    progress: (progress) => log.progress(progress),
    log: (level, message, fields) => log.line(level, message, fields),
    note(message) {
      notes.push(message);
      log.line('info', message);
    },
    signal,
  };
  return { context, notes, nameRows };
}

function tellMissing(missing: Job['missing']): string {
  const points = missing.map(({ input, point }) => `${input} ${JSON.stringify(point)}`);
  return `made without ${missing.length} points that had no artifact: ${points.join('; ')}`;
}
