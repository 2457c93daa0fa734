import type { RunEvent } from '../../core/events.ts';
import {
  LineFollower,
  listRunIds,
  type RunHead,
  readRunHead,
  runEventsFile,
} from '../../store/read-run-folders.ts';
import { EMPTY_RUN, type RunState, reduceRun } from '../run-state.ts';
import { PointTable } from './point-table.ts';

/** So much of a run's events is read between two looks at the keys. */
const CHUNK_BYTES = 1 << 20;
const HEADS_AT_ONCE = 20;

/** What lies in an artifacts folder, read little by little and again as it grows. Never writes. */
export class DataSource {
  runs: readonly RunHead[] = [];
  run: RunState | null = null;
  table: PointTable | null = null;
  loading = true;
  /** The followed run was deleted. */
  gone = false;
  readonly #heads = new Map<string, RunHead>();
  #follower: LineFollower | null = null;
  #head: RunHead | null = null;

  constructor(readonly folder: string) {}

  /** Reads the heads of runs that are new, and again of those that were not at their end. @returns is there more? */
  readRuns(): boolean {
    const ids = listRunIds(this.folder);
    const present = new Set(ids);
    for (const id of this.#heads.keys()) if (!present.has(id)) this.#heads.delete(id);
    let budget = HEADS_AT_ONCE;
    for (const id of ids) {
      const known = this.#heads.get(id);
      if (known && known.status !== 'running') continue;
      if (!known && budget-- <= 0) continue;
      const head = readRunHead(this.folder, id);
      if (head) this.#heads.set(id, head);
    }
    this.runs = ids.flatMap((id) => this.#heads.get(id) ?? []);
    this.gone = this.#head !== null && !present.has(this.#head.id);
    return budget < 0;
  }

  /** Follows another run, from its first event. */
  follow(runId: string | null): void {
    if ((this.#head?.id ?? null) === runId) return;
    this.#head = runId === null ? null : readRunHead(this.folder, runId);
    this.#follower = this.#head && new LineFollower(runEventsFile(this.folder, this.#head.id));
    this.run = this.#head && { ...EMPTY_RUN, runId: this.#head.id, pipeline: this.#head.pipeline };
    this.table = null;
    this.loading = this.#head !== null;
    this.gone = false;
  }

  /** Some more of the followed run. @returns did anything change, and is there more? */
  readEvents(): { readonly changed: boolean; readonly more: boolean } {
    const read = this.#follower?.read(CHUNK_BYTES);
    if (!read || !this.run || !this.#head) {
      this.loading = false;
      return { changed: false, more: false };
    }
    const changed = new Set<string>();
    for (const line of read.lines) {
      let event: RunEvent;
      try {
        event = JSON.parse(line);
      } catch {
        continue; // a line that a crash cut off
      }
      this.run = reduceRun(this.run, event);
      if ('stepId' in event && event.event !== 'step-progressed') changed.add(event.stepId);
    }
    if (!this.table && read.atEnd && this.run.steps.size > 0)
      this.table = new PointTable(this.#head.points, this.run.steps);
    else this.table?.update(this.run.steps, changed);
    this.loading = !read.atEnd;
    return { changed: read.lines.length > 0, more: !read.atEnd };
  }
}
