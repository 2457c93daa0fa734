import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestBytes } from '../core/digest.ts';
import type { RunEvent, RunStatus, StepCounts } from '../core/events.ts';
import { failpoint } from '../core/failpoint.ts';
import { fail, toFailure } from '../core/failure.ts';
import { errorCode } from './files.ts';
import { findTwin, finishRunRow, insertRun, insertRunSteps, shareRunSteps } from './index-run.ts';
import { runFolder } from './layout.ts';
import { type LineageIndex, recordIfPossible } from './lineage-index.ts';
import { hasLinks, linkStep, linksOwner, pointLatest, shareLinks } from './run-links.ts';
import type { RunDescription, RunFile, StepVerdict } from './run-record.ts';
import { stepsDigestOf } from './steps-digest.ts';
import { nowIso, type StoreContext } from './store-context.ts';

/** Makes `runs/<id>/`. @throws ExpectedFailure not-writable, out-of-space */
export function startRun(context: StoreContext, description: RunDescription): RunFolder {
  try {
    const id = makeRunFolder(context);
    const { text, ...described } = description;
    const run: RunFile = {
      format: 1,
      id,
      ...described,
      textDigest: digestBytes(text),
      startedAt: nowIso(context),
      process: context.effects.processes.own(),
    };
    const folder = runFolder(context.folder, id);
    failpoint('run-folder-made');
    writeFileSync(join(folder, 'pipeline.yaml'), text);
    writeFileSync(join(folder, 'run.json'), `${JSON.stringify(run)}\n`);
    failpoint('run-started');
    let seq: number | null = null;
    recordIfPossible(() => {
      seq = insertRun(context.index, run);
    });
    failpoint('run-recorded');
    pointLatest(context.folder, id);
    return new RunFolder(context, { id, seq, folder });
  } catch (error) {
    const { reason, message } = toFailure(error);
    return fail(reason, message);
  }
}

/** Larger than this, waiting lines are written at once. */
const BUFFER_CHARACTERS = 1 << 16;
const FLUSH_AFTER_MS = 50;
/** Rows of verdicts are written together: a transaction a step would cost as much as publishing it. */
const RECORD_AFTER_MS = 100;
/** Lines that a follower waits for; the others may come a moment later. */
const PROMPT = new Set<RunEvent['event']>([
  'run-started',
  'step-started',
  'step-finished',
  'step-failed',
  'run-finished',
]);

/**
 * One run's own folder and rows: events, links to the objects of its steps, verdicts. As long as
 * nothing was executed nothing is linked or recorded, because a run that does nothing new shares the
 * links and rows of the last.
 */
export class RunFolder {
  readonly id: string;
  readonly folder: string;
  readonly #context: StoreContext;
  /** In the index; null where the index could not be written. */
  readonly #seq: number | null;
  readonly #events: number;
  #lines = '';
  #flushTimer: NodeJS.Timeout | null = null;
  readonly #verdicts: StepVerdict[] = [];
  /** How many of the verdicts are linked, and how many recorded: a moment later, some at a time. */
  #linked = 0;
  #recorded = 0;
  #recordTimer: NodeJS.Timeout | null = null;
  #finished = false;

  /** Made by `startRun` alone. */
  constructor(
    context: StoreContext,
    of: { readonly id: string; readonly seq: number | null; readonly folder: string },
  ) {
    this.#context = context;
    this.id = of.id;
    this.folder = of.folder;
    this.#seq = of.seq;
    this.#events = openSync(join(of.folder, 'events.jsonl'), 'a');
  }

  /** Adds a line to `events.jsonl`; it is there a moment later. @throws ExpectedFailure out-of-space */
  append(event: RunEvent): void {
    this.#lines += `${JSON.stringify(event)}\n`;
    if (event.event === 'step-started') this.#show(); // it may take hours: what was reused before it is seen by then
    if (this.#lines.length > BUFFER_CHARACTERS || PROMPT.has(event.event)) this.#flushEvents();
    else this.#flushTimer ??= setTimeout(() => this.#flushLater(), FLUSH_AFTER_MS).unref();
  }

  /** A step has ended, one way or another. */
  settled(verdict: StepVerdict): void {
    this.#verdicts.push(verdict);
    if (verdict.verdict !== 'reused' || this.#linked > 0) this.#show();
  }

  /** Links the verdicts that there are, and records them a moment later. */
  #show(): void {
    if (this.#linked === this.#verdicts.length) return;
    this.#linkVerdicts();
    this.#recordTimer ??= setTimeout(() => this.#recordLater(), RECORD_AFTER_MS).unref();
  }

  /** The end. A run that never gets here shows as interrupted once its process is gone. */
  finish(end: { readonly status: RunStatus; readonly steps: StepCounts; readonly durationMs: number }): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#flushEvents();
    if (this.#linked > 0) fsyncSync(this.#events);
    closeSync(this.#events);
    const stepsDigest = stepsDigestOf(this.#verdicts);
    if (this.#linked > 0 || !this.#standOnLast(stepsDigest)) {
      this.#linkVerdicts();
      this.#recordVerdicts();
    }
    failpoint('run-before-finish');
    const finishedAt = nowIso(this.#context);
    this.#index((index, seq) => finishRunRow(index, seq, { ...end, finishedAt, stepsDigest }));
    failpoint('run-finished');
  }

  /** Nothing new: the links and rows of the last run are this one's too, if its steps had the same artifacts. */
  #standOnLast(stepsDigest: Digest | null): boolean {
    const { folder } = this.#context;
    const last = stepsDigest && this.#seq && findTwin(this.#context.index, this.#seq, stepsDigest);
    if (!last || !hasLinks(folder, last.id)) return false;
    shareLinks(folder, this.id, linksOwner(folder, last.id));
    this.#index((index, seq) => shareRunSteps(index, seq, last));
    return true;
  }

  #index(work: (index: LineageIndex, seq: number) => void): void {
    if (this.#seq !== null) recordIfPossible(() => work(this.#context.index, this.#seq!));
  }

  #linkVerdicts(): void {
    const fresh = this.#verdicts.slice(this.#linked);
    this.#linked = this.#verdicts.length;
    for (const { step, fingerprint, verdict } of fresh) {
      if (fingerprint === null || verdict === 'failed') continue;
      linkStep(this.#context.folder, this, { id: step.id, fingerprint });
    }
  }

  /** As `#flushLater`: what is not recorded now is with the next ones, or at the end. */
  #recordLater(): void {
    const recorded = this.#recorded;
    try {
      this.#recordVerdicts();
    } catch {
      this.#recorded = recorded;
    }
  }

  /** What a killed run did not record any more, the next one takes from its events. */
  #recordVerdicts(): void {
    if (this.#recordTimer !== null) clearTimeout(this.#recordTimer);
    this.#recordTimer = null;
    const first = this.#recorded;
    const fresh = this.#verdicts.slice(first);
    this.#recorded = this.#verdicts.length;
    failpoint('step-linked');
    this.#index((index, seq) => insertRunSteps(index, seq, { first, verdicts: fresh }));
    failpoint('step-recorded');
  }

  /** Nobody hears what is thrown in a timer: the lines wait for the next one. */
  #flushLater(): void {
    const lines = this.#lines;
    try {
      this.#flushEvents();
    } catch {
      this.#lines = lines + this.#lines;
    }
  }

  #flushEvents(): void {
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
    if (this.#lines === '') return;
    const lines = this.#lines;
    this.#lines = '';
    try {
      writeSync(this.#events, lines);
    } catch (error) {
      const { reason, message } = toFailure(error);
      fail(reason, message);
    }
  }
}

/** Names sort by time, to the millisecond: the last part is that, and a random digit. */
function makeRunFolder(context: StoreContext): string {
  const now = nowIso(context);
  const stamp = now.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const milliseconds = Number(now.slice(20, 23)).toString(16).padStart(3, '0');
  mkdirSync(runFolder(context.folder, ''), { recursive: true });
  for (;;) {
    const id = `${stamp}-${milliseconds}${context.effects.randomHex(1)}`;
    try {
      mkdirSync(runFolder(context.folder, id));
      return id;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}
