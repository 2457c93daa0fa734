import { existsSync, readFileSync } from 'node:fs';
import { readPng } from '../../formats/png.ts';
import { attemptLogFiles, attemptProgressFile, objectPath, readTail } from '../../store/read-run-folders.ts';
import type { StepState } from '../run-state.ts';
import { lossColumns, readColumns, readReconstructions } from '../step-files.ts';
import type { Grey, ScatterPoint, Series } from './plots.ts';

export type Tab = 'curves' | 'scatter' | 'pictures' | 'confusion' | 'log';

export type Detail =
  | { readonly kind: 'curves'; readonly of: string; readonly series: readonly Series[] }
  | {
      readonly kind: 'scatter';
      readonly of: string;
      readonly names: readonly string[];
      readonly points: readonly ScatterPoint[];
    }
  | { readonly kind: 'pictures'; readonly of: string; readonly pairs: readonly (readonly [Grey, Grey])[] }
  | {
      readonly kind: 'confusion';
      readonly of: string;
      readonly classes: readonly string[];
      readonly splits: {
        readonly [split: string]: {
          readonly counts: readonly (readonly number[])[];
          readonly clusterOfColumn: readonly number[];
        };
      };
    }
  | { readonly kind: 'log'; readonly of: string; readonly lines: readonly string[] }
  | { readonly kind: 'nothing'; readonly message: string };

export interface DetailRequest {
  readonly folder: string;
  readonly tab: Tab;
  /** The step that is looked at, then the others of the point, the last first. */
  readonly steps: readonly StepState[];
  /** Which of several (UMAP, t-SNE) is wanted; counted round. */
  readonly variant: number;
}

/** Reads what a tab shows of a point from published objects and attempt logs; what is missing or damaged is said. */
export function loadDetail(request: DetailRequest): Detail {
  try {
    return LOADERS[request.tab](request) ?? { kind: 'nothing', message: NOTHING[request.tab] };
  } catch (error) {
    return { kind: 'nothing', message: `cannot be read: ${(error as Error).message.split('\n')[0]}` };
  }
}

const NOTHING: { readonly [tab in Tab]: string } = {
  curves: 'no step of this point has losses yet',
  scatter: 'no step of this point has projected the embedding yet (stage project)',
  pictures: 'no step of this point has drawn reconstructions yet (stage figures)',
  confusion: 'no step of this point has been evaluated yet (stage evaluate)',
  log: 'this step has logged nothing',
};

const LOADERS: { readonly [tab in Tab]: (request: DetailRequest) => Detail | null } = {
  curves: loadCurves,
  scatter: loadScatter,
  pictures: loadPictures,
  confusion: loadConfusion,
  log: loadLog,
};

const PROGRESS_BYTES = 1 << 20;

function loadCurves(request: DetailRequest): Detail | null {
  for (const step of request.steps) {
    if (step.status === 'running' && step.attempt) {
      const series = progressSeries(
        readTail(attemptProgressFile(request.folder, step.attempt), PROGRESS_BYTES),
      );
      if (series.length > 0) return { kind: 'curves', of: `${step.id} (running)`, series };
    }
    for (const file of ['history.csv', 'updates.csv']) {
      const path = pathIn(request.folder, step, file);
      if (!path) continue;
      const series = lossColumns(readColumns(path, file));
      if (series.length > 0) return { kind: 'curves', of: `${step.id}/${file}`, series };
    }
  }
  return null;
}

function progressSeries(text: string | null): Series[] {
  const series = new Map<string, number[]>();
  for (const line of (text ?? '').split('\n')) {
    try {
      for (const [name, value] of Object.entries(JSON.parse(line).values as { [name: string]: number }))
        valuesOf(series, name).push(value);
    } catch {
      // the first line may be cut, and the last one is perhaps not written to its end
    }
  }
  return [...series].map(([name, values]) => ({ name, values }));
}

function valuesOf(series: Map<string, number[]>, name: string): number[] {
  const values = series.get(name) ?? [];
  series.set(name, values);
  return values;
}

function loadScatter({ folder, steps, variant }: DetailRequest): Detail | null {
  const found = steps.flatMap((step) =>
    ['umap.csv', 'tsne.csv'].flatMap((file) => {
      const path = pathIn(folder, step, file);
      return path ? [{ step, file, path }] : [];
    }),
  );
  if (found.length === 0) return null;
  const { step, file, path } = found[variant % found.length];
  const table = readColumns(path, file);
  const [x, y, cluster] = [table.numbers('x'), table.numbers('y'), table.numbers('cluster')];
  const count = cluster.reduce((most, value) => Math.max(most, value), 0) + 1;
  const more = found.length > 1 ? ` (v: ${(variant % found.length) + 1}/${found.length})` : '';
  return {
    kind: 'scatter',
    of: `${step.id}/${file}${more}`,
    names: Array.from({ length: count }, (_, index) => `cluster ${index}`),
    points: x.map((value, row) => ({ x: value, y: y[row], group: cluster[row] })),
  };
}

function loadPictures({ folder, steps }: DetailRequest): Detail | null {
  for (const step of steps) {
    const path = pathIn(folder, step, 'reconstructions.svg');
    if (!path) continue;
    const pairs = readReconstructions(path).map(
      ([original, reconstruction]) => [greyOf(original), greyOf(reconstruction)] as const,
    );
    return { kind: 'pictures', of: `${step.id}/reconstructions.svg`, pairs };
  }
  return null;
}

function greyOf(png: string): Grey {
  const { pixels, height, width } = readPng(Buffer.from(png, 'base64'), 'a picture of reconstructions.svg');
  return { pixels, height, width };
}

function loadConfusion({ folder, steps }: DetailRequest): Detail | null {
  for (const step of steps) {
    const path = pathIn(folder, step, 'confusion.json');
    if (!path) continue;
    const { classes, splits } = JSON.parse(readFileSync(path, 'utf8'));
    return { kind: 'confusion', of: step.id, classes, splits };
  }
  return null;
}

const LOG_BYTES = 1 << 16;

function loadLog({ folder, steps: [step] }: DetailRequest): Detail | null {
  if (step?.failure && !step.attempt)
    return { kind: 'log', of: step.id, lines: [step.failure.message, ...step.failure.logTail] };
  if (!step?.attempt) return null;
  for (const path of attemptLogFiles(folder, step.attempt)) {
    const text = readTail(path, LOG_BYTES);
    if (text === null) continue;
    const lines = text.split('\n').flatMap((line) => {
      try {
        const { at, level, message } = JSON.parse(line);
        return String(message)
          .split('\n')
          .map((one) => `${String(at).slice(11, 19)} ${level === 'info' ? '' : `${level}: `}${one}`);
      } catch {
        return [];
      }
    });
    return { kind: 'log', of: step.id, lines: [...lines, ...(step.failure?.message.split('\n') ?? [])] };
  }
  return step.failure ? { kind: 'log', of: step.id, lines: step.failure.message.split('\n') } : null;
}

function pathIn(folder: string, step: StepState, file: string): string | null {
  if (!step.fingerprint || (step.status !== 'finished' && step.status !== 'reused')) return null;
  const path = objectPath(folder, step.fingerprint, file);
  return existsSync(path) ? path : null;
}
