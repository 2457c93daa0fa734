import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { CollectedDigests, FileDigests, InputMark, Job } from '../core/artifact.ts';
import { type Failure, fail } from '../core/failure.ts';
import { readTextIfThere } from './files.ts';
import { findObject } from './find-object.ts';
import { JOB_FILE } from './layout.ts';
import { stampOf } from './stamp.ts';
import type { StoreContext } from './store-context.ts';

/**
 * A stage reads its inputs as they lie in their objects, for hours maybe. What it makes may be published only if
 * they were all that time what the fingerprint says: sound when it began, and the same files since.
 */
export type Reading = Pick<Job, 'part' | 'inputs' | 'fields'>;

/** Files of one object that a job reads; null for all. */
interface Read {
  readonly folder: string;
  readonly paths: ReadonlySet<string> | null;
}

export type Marked =
  | { readonly ok: true; readonly marks: Job['marks'] }
  | { readonly ok: false; readonly failure: Failure };

/** Looks at all that a job is about to read. Not ok where something of it is damaged or gone. */
export function markInputs(context: StoreContext, job: Reading): Marked {
  const marks: { [input: string]: InputMark } = {};
  for (const [input, reads] of readsOf(job)) {
    const { mark, unsound } = look(context, reads);
    if (mark === null)
      return {
        ok: false,
        failure: {
          reason: 'input-damaged',
          message: `what its input '${input}' was read from is damaged since it was made (${unsound}): run again, it is made anew first`,
        },
      };
    marks[input] = mark;
  }
  return { ok: true, marks };
}

/**
 * What became of an input while a job read it, as a failure; null where all are as they were. A file that was
 * given another name, link or right beside is the same file; one that `clade gc` took was whole until then.
 */
export function changedInput(context: StoreContext, job: Reading & Pick<Job, 'marks'>): Failure | null {
  if (!job.marks) return null; // of an older version
  for (const [input, reads] of readsOf(job)) {
    const before = job.marks[input];
    const { mark, unsound, collected } = look(context, reads);
    if (collected && unsound === null) continue;
    if (mark?.stamps === before.stamps || mark?.contents === before.contents) continue;
    const how = unsound ?? 'it was made anew';
    return {
      reason: 'input-damaged',
      message: `what its input '${input}' is read from changed meanwhile (${how}): nothing was published, run again`,
    };
  }
  return null;
}

/** @throws ExpectedFailure input-damaged */
export function refuseChangedInput(context: StoreContext, job: Job | null): void {
  const failure = job && changedInput(context, job);
  if (failure) fail(failure.reason, failure.message);
}

/** The job of an attempt; null where there is none that can be read. */
export function readJob({ folder }: { readonly folder: string }): Job | null {
  try {
    return JSON.parse(readTextIfThere(join(folder, JOB_FILE)) ?? '') as Job;
  } catch {
    return null;
  }
}

function* readsOf({ part, inputs, fields }: Reading): Generator<[input: string, reads: Read[]]> {
  for (const [input, given] of Object.entries(inputs)) {
    const digests = fields.inputs[input];
    if (typeof given === 'string') yield [input, [{ folder: given, paths: pathsOf(digests as FileDigests) }]];
    else {
      const members = (digests as readonly CollectedDigests[]).filter(({ missing }) => !missing);
      yield [input, given.map(({ folder }, at) => ({ folder, paths: pathsOf(members[at].files) }))];
    }
  }
  if (part.kind === 'join') yield ['items', part.items.map(({ folder }) => ({ folder, paths: null }))];
}

const pathsOf = (digests: FileDigests): ReadonlySet<string> => new Set(Object.keys(digests));

interface Look {
  /** null where something is not sound, or was collected. */
  readonly mark: InputMark | null;
  /** What is wrong; null for nothing. */
  readonly unsound: string | null;
  /** Something of it was taken by `clade gc`. */
  readonly collected: boolean;
}

function look(context: StoreContext, reads: readonly Read[]): Look {
  const stamps = createHash('sha256');
  const contents = createHash('sha256');
  let collected = false;
  for (const { folder, paths } of reads) {
    const found = findObject(context, basename(folder), paths);
    if (found.status === 'damaged') {
      const [{ path, problem }] = found.damaged;
      return { mark: null, unsound: `${path}: ${problem}`, collected };
    }
    if (found.status === 'absent') {
      if (!found.removed) return { mark: null, unsound: 'it is not there any more', collected };
      collected = true;
      continue;
    }
    for (const { path } of found.object.outputs) {
      if (paths !== null && !paths.has(path)) continue;
      const stamp = stampOf(`${folder}/${path}`);
      stamps.update(`${path}\n${stamp?.text}\n`);
      contents.update(`${path}\n${stamp?.contentText}\n`);
    }
  }
  const mark = collected ? null : { stamps: stamps.digest('hex'), contents: contents.digest('hex') };
  return { mark, unsound: null, collected };
}
