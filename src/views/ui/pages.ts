import { pointText } from '../compare/axis-text.ts';
import { formatDuration, formatNumber } from '../format.ts';
import { formatReason } from '../format-reason.ts';
import type { StepState } from '../run-state.ts';
import type { ScreenName, UiData } from './state.ts';

/** Why a step was executed, or that it was not. */
export function whyLines(step: StepState): string[] {
  const text = {
    reused: 'reused: nothing that decides it has changed',
    planned: 'waits for its turn',
    skipped: 'skipped: something it needs failed',
    running: 'runs, because',
    finished: 'was executed, because',
    failed: 'was executed, because',
  }[step.status];
  const reasons = step.reasons.map((reason) => `  ${formatReason(reason)}`);
  const failure = step.failure
    ? ['', `failed (${step.failure.reason})`, ...step.failure.message.split('\n')]
    : [];
  return [step.id, '', text, ...reasons, ...failure, ...step.notes.map((note) => `note: ${note}`)];
}

/** What a step was made from and what was made from it in this run. */
export function lineageLines(step: StepState, data: UiData): string[] {
  const steps = data.run?.steps ?? new Map<string, StepState>();
  const known = (id: string) => `  ${id}  ${steps.get(id)?.fingerprint?.slice(0, 12) ?? ''}`;
  const above = new Set<string>();
  const visit = (id: string) => {
    for (const needed of steps.get(id)?.dependsOn ?? []) {
      if (above.has(needed)) continue;
      above.add(needed);
      visit(needed);
    }
  };
  visit(step.id);
  const below = [...steps.values()].filter(({ dependsOn }) => dependsOn.includes(step.id));
  return [
    `${step.id}  ${step.fingerprint ?? 'not made yet'}`,
    `stage ${step.uses}${step.durationMs === null ? '' : `, made in ${formatDuration(step.durationMs)}`}`,
    `point ${pointText(step.point)}`,
    ...(step.metrics.length > 0 ? ['', 'metrics'] : []),
    ...step.metrics.map(
      ({ split, name, value }) => `  ${split ? `${split}.` : ''}${name}  ${formatNumber(value)}`,
    ),
    '',
    'from',
    ...(above.size > 0 ? [...above].map(known) : ['  nothing: it is the first']),
    '',
    'used by',
    ...(below.length > 0 ? below.map(({ id }) => known(id)) : ['  nothing in this run']),
    '',
    `all of it: clade lineage ${step.fingerprint?.slice(0, 12) ?? 'FINGERPRINT'}`,
  ];
}

const MOVE: [string, string] = ['j k ↓ ↑', 'down, up; g G first, last; Ctrl-D Ctrl-U a page'];
const KEYS: { readonly [screen in ScreenName]: readonly (readonly [string, string])[] } = {
  runs: [MOVE, ['Enter', 'points of the run'], ['y', 'copy its id'], ['q', 'quit']],
  points: [
    MOVE,
    ['Enter', 'look into the point'],
    ['h l ← →', 'choose a column'],
    ['s', 'sort by it: down, up, not'],
    ['/', 'filter: gamma<0.1 & test.acc>0.6'],
    ['C', 'choose which columns are shown'],
    ['H  U', 'hide this column; show all'],
    ['Space', 'mark; u unmarks all'],
    ['c', 'compare marked points'],
    ['y', 'copy the point'],
    ['Esc', 'back to the runs'],
    ['q', 'quit'],
  ],
  point: [
    ['j k ↓ ↑', 'next, previous step'],
    ['Tab', 'curves, scatter, pictures, confusion, log'],
    ['1 … 5', 'one of them'],
    ['v', 'the next of several (UMAP, t-SNE)'],
    ['J K', 'scroll'],
    ['w', 'why it ran'],
    ['l', 'lineage'],
    ['o', 'open its picture or folder'],
    ['y', 'copy the fingerprint'],
    ['Esc', 'back to the points'],
    ['q', 'quit'],
  ],
  compare: [
    ['h l ← →', 'choose the baseline'],
    ['d', 'all rows, or only what differs'],
    ['m', 'mean ± sd over seeds'],
    ['^  v', 'better, worse than the baseline; with sd: beyond the spread of both'],
    ['J K j k', 'scroll'],
    ['Esc', 'back'],
    ['q', 'quit'],
  ],
};

export function helpLines(screen: ScreenName): string[] {
  return KEYS[screen].map(([keys, what]) => `${keys.padEnd(10)}${what}`);
}

/** The keys at the foot of a screen. */
export const HINTS: { readonly [screen in ScreenName]: string } = {
  runs: '? keys  Enter points  j/k move  q quit',
  points: '? keys  / filter  s sort  Space mark  c compare  Enter details  C columns  q quit',
  point: '? keys  Tab view  j/k step  w why  l lineage  o open  y copy  Esc back',
  compare: '? keys  h/l baseline  d differing  m seeds  Esc back',
};
