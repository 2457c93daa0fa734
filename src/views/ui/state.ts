import type { RunHead } from '../../store/read-run-folders.ts';
import type { Look } from '../cells.ts';
import type { RunState, StepState } from '../run-state.ts';
import type { Detail, Tab } from './load-detail.ts';
import type { PointRow, PointTable, TableView } from './point-table.ts';

export type ScreenName = 'runs' | 'points' | 'point' | 'compare';

/** All that keys change. What is on the disk is `UiData`. */
export interface UiState {
  readonly screen: ScreenName;
  readonly runCursor: number;
  readonly runId: string | null;
  readonly table: TableView;
  readonly cursor: number;
  /** The column that s and H mean: a number among the visible ones. */
  readonly column: number;
  readonly marked: readonly string[];
  readonly step: number;
  readonly tab: Tab;
  readonly variant: number;
  readonly scroll: number;
  readonly baseline: number;
  readonly onlyDiffering: boolean;
  readonly overSeeds: boolean;
  /** A filter being typed, and the one that Esc brings back. */
  readonly prompt: { readonly text: string; readonly error: string | null; readonly before: string } | null;
  /** Columns being chosen: which one the cursor is at, among all there are. */
  readonly chooser: number | null;
  /** A page over the screen. */
  readonly page: { readonly title: string; readonly lines: readonly string[] } | null;
  readonly message: string | null;
}

export const INITIAL_STATE: UiState = {
  screen: 'runs',
  runCursor: 0,
  runId: null,
  table: { sort: null, filter: '', hidden: [] },
  cursor: 0,
  column: 0,
  marked: [],
  step: 0,
  tab: 'curves',
  variant: 0,
  scroll: 0,
  baseline: 0,
  onlyDiffering: true,
  overSeeds: false,
  prompt: null,
  chooser: null,
  page: null,
  message: null,
};

/** What is known of the folder now. */
export interface UiData {
  readonly folder: string;
  readonly runs: readonly RunHead[];
  readonly run: RunState | null;
  readonly table: PointTable | null;
  /** The rows that filter and sort leave, in order. */
  readonly rows: readonly PointRow[];
  readonly columns: readonly string[];
  readonly detail: Detail | null;
  readonly loading: boolean;
  readonly nowMs: number;
  readonly look: Look;
}

/** What a key asks of the world. */
export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'open-step'; readonly step: StepState };

/** The steps of the point that is looked at, in the order of the plan. */
export function pointSteps(state: UiState, data: UiData): StepState[] {
  const row = data.rows[state.cursor];
  return (row?.steps ?? []).flatMap((id) => data.run?.steps.get(id) ?? []);
}
