import type { JsonObject } from '../../core/json.ts';
import type { Spread } from '../../core/spread.ts';
import type { Direction } from '../compare/summarise-rows.ts';

/** Everything that a report shows, as plain data: a page is a pure function of it. */
export interface ReportData {
  readonly title: string;
  readonly runs: readonly ReportRun[];
  /** Axes whose points are repetitions. */
  readonly over: readonly string[];
  readonly results: readonly ResultTable[];
  readonly charts: readonly ReportChart[];
  readonly axes: readonly string[];
  /** Full names of metrics, those of test first. */
  readonly metrics: readonly string[];
  readonly directions: { readonly [metric: string]: Direction };
  readonly points: readonly ReportPoint[];
  readonly steps: readonly ReportStep[];
  /** By id; a step that several points share is here once. */
  readonly panels: { readonly [id: string]: Panel };
  /** PNG, base64, by name: points of a sweep reconstruct the same images, which are here once. */
  readonly images: { readonly [name: string]: string };
  readonly graph: {
    readonly nodes: readonly GraphNode[];
    readonly edges: readonly (readonly [string, string])[];
  };
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** Figures of points that the file has no room for. */
  readonly leftOut: number;
  /** What a reader has to know: steps that failed, files that cannot be read. */
  readonly notices: readonly string[];
}

export interface ReportRun {
  readonly id: string;
  readonly pipeline: string;
  readonly file: string;
  readonly status: string;
  readonly startedAt: string;
  readonly durationMs: number | null;
  readonly engine: string;
  readonly counts: {
    readonly total: number;
    readonly executed: number;
    readonly reused: number;
    readonly failed: number;
    readonly skipped: number;
  };
  /** The pipeline file as the run kept it; null where it is gone. */
  readonly pipelineText: string | null;
}

/** Steps of one kind that measured something: a row a group of points. */
export interface ResultTable {
  /** Name of the stage. */
  readonly stage: string;
  readonly axes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly run: string;
    readonly step: string;
    readonly point: JsonObject;
    /** How many steps are in it. */
    readonly n: number;
    readonly values: { readonly [column: string]: Spread };
  }[];
  /** Row that is best in a column, beyond the spread. */
  readonly best: { readonly [column: string]: number | null };
}

export interface ReportChart {
  readonly title: string;
  readonly svg: string;
}

export interface ReportPoint {
  /** In the page: `1`, `2` … */
  readonly id: string;
  readonly run: string;
  readonly point: JsonObject;
  readonly status: string;
  readonly metrics: { readonly [name: string]: number };
  readonly panels: readonly string[];
}

export interface ReportStep {
  readonly run: string;
  readonly id: string;
  readonly stage: string;
  readonly verdict: string;
  readonly durationMs: number | null;
  readonly fingerprint: string | null;
  readonly params: JsonObject | null;
  readonly notes: readonly string[];
  readonly failure: string | null;
}

export interface GraphNode {
  /** The step's key in the pipeline file. */
  readonly key: string;
  readonly stage: string;
  /** How many steps of the runs it stands for. */
  readonly count: number;
  readonly state: 'made' | 'failed' | 'skipped';
}

/** A picture of one step, as the numbers that it is drawn from in the page. */
export type Panel = { readonly step: string; readonly title: string } & (
  | {
      readonly kind: 'losses';
      readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
      readonly bestEpoch?: number;
      readonly xLabel: string;
      readonly yLabel: string;
    }
  | ScatterPanel
  | {
      readonly kind: 'confusion';
      readonly counts: readonly (readonly number[])[];
      readonly rowNames: readonly string[];
      readonly columnNames: readonly string[];
    }
  | {
      readonly kind: 'pictures';
      /** Names in `images`. */
      readonly pairs: readonly (readonly [original: string, reconstruction: string])[];
    }
  | {
      readonly kind: 'agreement';
      readonly updates: readonly number[];
      readonly panels: readonly {
        readonly name: string;
        readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
      }[];
    }
);

export interface ScatterPanel {
  readonly kind: 'scatter';
  readonly axes: string;
  readonly ids: readonly string[];
  /** [n, 2] row-major, null where there is no place. */
  readonly coordinates: readonly (number | null)[];
  readonly clusters: readonly number[];
  /** Name of each point's true class, as an index into `classNames`; absent where no labels are known. */
  readonly classes?: readonly number[];
  readonly classNames?: readonly string[];
  readonly centres?: readonly number[];
}
