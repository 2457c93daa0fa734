import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAILPOINTS, type FailpointName } from '../../src/core/failpoint-names.ts';
import {
  copyPlace,
  finishedWork,
  type Inventory,
  type Place,
  readLedger,
  runClade,
} from './support/crash-place.ts';
import { attemptedInLastRun, expectInOrder } from './support/expect-in-order.ts';
import { runUndisturbed } from './support/undisturbed.ts';

/**
 * Runs are killed at each failpoint, by SIGKILL: the process that reaches it, its whole group, or of a worker the
 * runner above it. The next run has to end as if nothing had happened, without doing again what was finished.
 * `npm run test:crash` takes all of them, `npm test` some.
 */
const ALL = process.env.CLADE_CRASH === 'all';

/** Failpoints that no run reaches, and the tests that arm them. */
const ELSEWHERE: { readonly [prefix: string]: string } = {
  'gc-': 'collect.test.ts',
  'engine-': '../e2e/engine-install.test.ts',
};

/** What has to be the case for a run to come by there. */
const PREPARATIONS: { readonly [prefix: string]: Preparation } = {
  'quarantine-': 'damaged object',
  'index-mid-aside': 'damaged index',
  'reindex-before-commit': 'damaged index',
  'worker-before-failure': 'failing program',
  'worker-after-failure': 'failing program',
  'abandon-': 'failing program',
  'lease-before-release': 'failing program',
  'duplicate-found': 'made elsewhere meanwhile',
  'recover-attempt': 'runner and worker died',
  'recover-before-publish': 'runner died after the result',
  'takeover-before-publish': 'runner dies under its worker',
};
type Preparation = (typeof PREPARED)[number];
const PREPARED = [
  'damaged object',
  'damaged index',
  'failing program',
  'runner and worker died',
  'runner died after the result',
  'runner dies under its worker',
  'made elsewhere meanwhile',
] as const;

const SOME: readonly (readonly [FailpointName, Action])[] = [
  ['lease-after-link', 'kill'],
  ['job-written', 'group'],
  ['worker-after-checkpoint', 'parent'],
  ['worker-after-result', 'group'],
  ['publish-before-rename', 'kill'],
  ['publish-after-rename', 'group'],
  ['publish-after-record', 'kill'],
  ['mapped-item-made', 'group'],
  ['step-linked', 'kill'],
];
type Action = 'kill' | 'group' | 'parent';

const EVERY = (Object.keys(FAILPOINTS) as FailpointName[])
  .filter((name) => elsewhere(name) === undefined)
  .flatMap((name) =>
    (FAILPOINTS[name][0] === 'worker' ? ['kill', 'group', 'parent'] : ['kill', 'group']).map(
      (action) => [name, action as Action] as const,
    ),
  );

function elsewhere(name: string): string | undefined {
  return Object.entries(ELSEWHERE).find(([prefix]) => name.startsWith(prefix))?.[1];
}

let fresh: Place;
let finished: Place;
let undisturbed: Inventory;

beforeAll(async () => {
  ({ fresh, finished, undisturbed } = await runUndisturbed());
}, 60_000);
afterAll(() => {
  fresh.remove();
  finished.remove();
});

describe('a run killed', () => {
  it.each(ALL ? EVERY : SOME)(
    'at %s (%s) ends the next time as if nothing had happened',
    async (name, action) => {
      const preparation = Object.entries(PREPARATIONS).find(([prefix]) => name.startsWith(prefix))?.[1];
      const place = await prepare(preparation);
      try {
        const killed = await runClade(place, { failpoint: `${name}=${action}` });
        expect(killed.reached, `${name} was not reached`).toContain(name);
        rmSync(join(place.path, 'home/broken'), { force: true });
        const done = finishedWork(place);
        const again = await runClade(place);
        expectInOrder(place, again, { undisturbed, quarantined: quarantinedBy(preparation) });
        expect(attemptedInLastRun(place).filter((stepId) => done.has(stepId))).toEqual([]);
        if (preparation === undefined) expectFewExecutions(place);
      } finally {
        place.remove();
      }
    },
    60_000,
  );
});

/** A program is executed once, and once more where it was killed at its work. */
function expectFewExecutions(place: Place): void {
  const ledger = readLedger(place);
  for (const step of ['make', 'fragile'])
    expect(ledger.filter((one) => one === step).length, step).toBeLessThanOrEqual(2);
  expect(ledger.length).toBeLessThanOrEqual(3);
}

async function prepare(preparation: Preparation | undefined): Promise<Place> {
  const place = copyPlace(preparation?.startsWith('damaged') ? finished : fresh);
  switch (preparation) {
    case 'damaged object':
      damageObject(place);
      break;
    case 'damaged index':
      writeFileSync(join(place.artifacts, 'lineage.db'), 'no database');
      break;
    case 'failing program':
      writeFileSync(join(place.path, 'home/broken'), '');
      break;
    case 'runner and worker died':
      await runClade(place, { failpoint: 'worker-after-checkpoint=group' });
      break;
    case 'runner died after the result':
      await runClade(place, { failpoint: 'worker-after-result@2=group' });
      break;
    case 'runner dies under its worker':
      await runClade(place, { failpoint: 'command-started=parent,command-ended=wait' });
      break;
    case 'made elsewhere meanwhile':
      await runClade(place, { failpoint: 'publish-before-rename=group' });
      copyFirstObject(place);
      break;
    case undefined:
      break;
  }
  return place;
}

/** As another machine might, on a shared disk: what was about to be published is there. */
function copyFirstObject(place: Place): void {
  const [fingerprint] = Object.entries(undisturbed).find(([, { stepId }]) => stepId === 'ingest')!;
  const path = join('objects', fingerprint.slice(0, 2), fingerprint);
  cpSync(join(finished.artifacts, path), join(place.artifacts, path), { recursive: true });
}

function damageObject(place: Place): void {
  const [fingerprint] = Object.entries(undisturbed).find(([, { stepId }]) => stepId === 'make')!;
  truncateSync(join(place.artifacts, 'objects', fingerprint.slice(0, 2), fingerprint, 'said'), 2);
}

/** null: a damaged index may be moved aside in two parts, and each lies there by itself. */
function quarantinedBy(preparation: Preparation | undefined): number | null {
  if (preparation === 'damaged index') return null;
  return preparation === 'damaged object' ? 1 : 0;
}

describe('the failpoints', () => {
  it('that no run reaches are armed by other tests', () => {
    for (const name of Object.keys(FAILPOINTS)) {
      const file = elsewhere(name);
      if (file) expect(readFileSync(join(import.meta.dirname, file), 'utf8').includes(name), name).toBe(true);
    }
  });

  it('are each prepared for in a way there is', () => {
    for (const preparation of Object.values(PREPARATIONS)) expect(PREPARED).toContain(preparation);
  });
});
