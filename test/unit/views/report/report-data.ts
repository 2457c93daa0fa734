import type { ReportData } from '../../../../src/views/report/report-data.ts';

const IMAGES = ['ct', 'mri', 'pet'];
const PNG = 'A'.repeat(5000);

/** A report of `count` made-up points, each with a figure of every kind: three images and what each made of them. */
export function reportOf(count: number, changes: Partial<ReportData> = {}): ReportData {
  const points = Array.from({ length: count }, (_, index) => ({
    id: String(index + 1),
    run: 'run-1',
    point: { gamma: 0.1 * (index + 1), seed: index % 3 },
    status: 'executed',
    metrics: { 'evaluate.test.acc': 0.5 + index / 100, 'evaluate.val.acc': 0.4 },
    panels: [`f${2 * index}`, `f${2 * index + 1}`],
  }));
  const panels = points.flatMap(({ id }, index) => [
    [
      `f${2 * index}`,
      {
        kind: 'scatter' as const,
        step: `project@seed=${id}`,
        title: 'UMAP, test',
        axes: 'UMAP',
        ids: ['a', 'b', 'c'],
        coordinates: [0, 0, 1, 1, 2, null],
        clusters: [0, 1, 1],
        classes: [0, 1, 1],
        classNames: ['CT', 'PET'],
        centres: [0, 0, 1, 1],
      },
    ] as const,
    [
      `f${2 * index + 1}`,
      {
        kind: 'pictures' as const,
        step: `figures@seed=${id}`,
        title: 'Images and their reconstructions',
        pairs: IMAGES.map((name): [string, string] => [name, `${name}-of-${id}`]),
      },
    ] as const,
  ]);
  return {
    title: 'study',
    runs: [
      {
        id: 'run-1',
        pipeline: 'study',
        file: 'study.yaml',
        status: 'succeeded',
        startedAt: '2026-01-01T10:00:00.000Z',
        durationMs: 61_000,
        engine: 'wasm',
        counts: { total: 5, executed: 5, reused: 0, failed: 0, skipped: 0 },
        pipelineText: 'name: study\n',
      },
    ],
    over: ['seed'],
    results: [
      {
        stage: 'evaluate',
        axes: ['gamma'],
        columns: ['test.acc'],
        rows: [
          {
            run: 'run-1',
            step: 'evaluate',
            point: { gamma: 0.1 },
            n: 3,
            values: { 'test.acc': { mean: 0.7222, sd: 0.05556, n: 3 } },
          },
        ],
        best: { 'test.acc': null },
      },
    ],
    charts: [],
    axes: ['gamma', 'seed'],
    metrics: ['evaluate.test.acc', 'evaluate.val.acc'],
    directions: { 'evaluate.test.acc': 'higher' },
    points,
    steps: [
      {
        run: 'run-1',
        id: 'evaluate',
        stage: 'evaluate',
        verdict: 'executed',
        durationMs: 1500,
        fingerprint: '0123456789abcdef',
        params: { resamples: 0 },
        notes: ['a note'],
        failure: null,
      },
    ],
    panels: Object.fromEntries(panels),
    images: Object.fromEntries(
      IMAGES.flatMap((name) => [name, ...points.map(({ id }) => `${name}-of-${id}`)]).map((name) => [
        name,
        PNG,
      ]),
    ),
    graph: {
      nodes: [
        { key: 'ingest', stage: 'ingest', count: 1, state: 'made' },
        { key: 'evaluate', stage: 'evaluate', count: 1, state: 'made' },
      ],
      edges: [['ingest', 'evaluate']],
    },
    environment: [['node', 'v20.20.2']],
    leftOut: 0,
    notices: [],
    ...changes,
  };
}

export const PARTS = { script: '"use strict";', madeAt: '2026-01-02T03:04:05.000Z', version: '0.1.0' };
