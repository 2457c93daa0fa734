import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import {
  copyPlace,
  type Inventory,
  names,
  type Place,
  type RunEnd,
  runClade,
  takeInventory,
} from './support/crash-place.ts';
import { CUT_ANYWHERE, DAMAGES, type Damage, FLIPPED, GONE, listFiles } from './support/damage.ts';
import { attemptedInLastRun, expectInOrder, expectPlainWords } from './support/expect-in-order.ts';
import { runUndisturbed } from './support/undisturbed.ts';

/**
 * What is stored suffers, file by file: cut, a bit flipped, gone. The next run has to name it, to make again no more
 * than what is damaged, and to end with the same bytes as an undisturbed one; `clade verify` has to name it too.
 * `npm run test:crash` takes every file in every way, `npm test` some.
 */
const ALL = process.env.CLADE_CRASH === 'all';
const SOME_FILES = 1;

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

let place: Place;
const copy = (from: Place) => {
  place = copyPlace(from);
  const mine = place;
  onTestFinished(() => mine.remove());
};
/** By its events: an index may be what suffered. */
const executed = ({ events }: RunEnd) =>
  events.flatMap((event) => (event.event === 'step-started' ? [event.stepId] : []));
const inArtifacts = (...path: string[]) => join(place.artifacts, ...path);

function findings(repair = false) {
  const store = openStore({ folder: place.artifacts, readOnly: !repair });
  try {
    return store.verify().findings;
  } finally {
    store.close();
  }
}

const folderOf = (fingerprint: string) => inArtifacts('objects', fingerprint.slice(0, 2), fingerprint);
const objectOf = (stepId: string) =>
  folderOf(Object.entries(undisturbed).find(([, object]) => object.stepId === stepId)![0]);

/** All cases of a list, or a few that differ from test to test. */
function some<T>(cases: readonly T[], by: number, count = SOME_FILES): readonly T[] {
  return ALL
    ? cases
    : Array.from({ length: Math.min(count, cases.length) }, (_, at) => cases[(by + at * 5) % cases.length]);
}

const casesOf = (folder: string, damages: readonly Damage[] = DAMAGES) =>
  listFiles(folder).flatMap((path) => damages.map((damage) => ({ path, damage })));

describe('a damaged file of an artifact', () => {
  beforeEach(() => copy(finished));

  const STEPS = ['ingest', 'coregister', 'split', 'pretrain', 'make', 'fragile'];
  it.each(STEPS.map((stepId, at) => [stepId, at * 7] as const))(
    'of %s is named, and that step alone made again',
    async (stepId, by) => {
      for (const { path, damage } of some(casesOf(objectOf(stepId)), by)) {
        if (!damage.inflict(join(objectOf(stepId), path))) continue;
        const title = `${stepId}/${path}, ${damage.title}`;
        expect(
          findings().map((one) => [one.kind, one.path]),
          title,
        ).toEqual([['object', path]]);
        const end = await runClade(place);
        const started = end.events.find((event) => event.event === 'step-started');
        const code = damage === GONE ? 'output-missing' : 'output-damaged';
        expect(started, title).toMatchObject({ stepId, reasons: [{ code, field: path }] });
        expect(executed(end), title).toEqual([stepId]);
        expectInOrder(place, end, { undisturbed, quarantined: null });
      }
    },
    900_000,
  );

  it('of an item of a mapped step is named and set aside by verify, and made again with its step', async () => {
    const [fingerprint] = Object.entries(undisturbed).find(([, { stepId }]) => stepId.includes('/'))!;
    for (const { path, damage } of some(casesOf(folderOf(fingerprint)), 3)) {
      if (!damage.inflict(join(folderOf(fingerprint), path))) continue;
      expect(findings(true).map((one) => [one.kind, one.path])).toEqual([['object', path]]);
      const end = await runClade(place, { args: ['--force', 'coregister'] });
      expectInOrder(place, end, { undisturbed, quarantined: null });
    }
  }, 300_000);

  it('that is deleted with its artifact is made again, and nothing else', async () => {
    for (const stepId of some(STEPS, 4)) {
      rmSync(objectOf(stepId), { recursive: true });
      const end = await runClade(place);
      expect(executed(end)).toEqual([stepId]);
      expectInOrder(place, end, { undisturbed });
    }
  }, 120_000);
});

describe('a damaged index', () => {
  /** Runs, and finds that no artifact was lost for it; rows that it holds wrongly are named and repaired. */
  async function expectNothingLost(title: string): Promise<void> {
    const end = await runClade(place);
    expect(end.exitCode, `${title}: ${end.stderr}`).toBe(0);
    expectPlainWords(end);
    expect(executed(end), title).toEqual([]);
    const found = findings();
    expect(
      found.filter(({ kind }) => kind !== 'index'),
      title,
    ).toEqual([]);
    if (found.length > 0) findings(true);
    expectInOrder(place, end, { undisturbed, quarantined: null });
  }

  it('costs no artifact: cut, or gone', async () => {
    for (const damage of some(
      DAMAGES.filter((one) => one !== FLIPPED && !one.title.includes('flipped')),
      2,
    )) {
      copy(finished);
      damage.inflict(inArtifacts('lineage.db'));
      await expectNothingLost(damage.title);
    }
  }, 300_000);

  it('costs no artifact: a bit flipped anywhere', async () => {
    copy(finished);
    const whole = readFileSync(inArtifacts('lineage.db'));
    const stride = Math.ceil(whole.length / (ALL ? 60 : 3));
    for (let at = 100; at < whole.length; at += stride) {
      copy(finished);
      const bytes = Buffer.from(whole);
      bytes[at] ^= 1 << (at % 8);
      writeFileSync(inArtifacts('lineage.db'), bytes);
      await expectNothingLost(`bit ${at % 8} of byte ${at}`);
    }
  }, 300_000);

  it('costs no artifact: one from before all that was made', async () => {
    copy(fresh);
    await runClade(place, { args: ['--only', 'ingest'] });
    const old = readFileSync(inArtifacts('lineage.db'));
    await runClade(place);
    for (const suffix of ['-wal', '-shm']) rmSync(inArtifacts(`lineage.db${suffix}`), { force: true });
    writeFileSync(inArtifacts('lineage.db'), old);
    await expectNothingLost('stale');
  });

  it('loses nothing with its log: cut, flipped, gone, or of another index', async () => {
    copy(fresh);
    await runClade(place, { failpoint: 'run-before-finish=group' }); // the log is not written back
    const killed = place;
    const log = readFileSync(inArtifacts('lineage.db-wal'));
    expect(log.length).toBeGreaterThan(0);
    for (const damage of some(DAMAGES, 1, 2)) {
      copy(killed);
      damage.inflict(inArtifacts('lineage.db-wal'));
      await expectNothingLost(`log ${damage.title}`);
    }
    for (const damage of some([CUT_ANYWHERE, FLIPPED, GONE], 0)) {
      copy(killed);
      damage.inflict(inArtifacts('lineage.db-shm'));
      await expectNothingLost(`shared memory ${damage.title}`);
    }
    copy(finished);
    writeFileSync(inArtifacts('lineage.db-wal'), log);
    await expectNothingLost('log of another');
  }, 300_000);
});

describe('a damaged record of a run that ended', () => {
  it('is named by verify, and in no run’s way', async () => {
    const [runId] = names(join(finished.artifacts, 'runs')).filter((name) => name !== 'latest');
    const cases = ['run.json', 'pipeline.yaml', 'events.jsonl'].flatMap((file) =>
      // A bit flipped in a word of an event leaves no trace.
      DAMAGES.filter(({ title }) => file === 'pipeline.yaml' || !title.includes('flipped')).map((damage) => ({
        file,
        damage,
      })),
    );
    for (const { file, damage } of some(cases, 2, 2)) {
      copy(finished);
      if (!damage.inflict(inArtifacts('runs', runId, file))) continue;
      const named = () => findings().map(({ kind, path }) => [kind, path]);
      // The last byte of run.json ends its line, and says nothing.
      const harmless = file === 'run.json' && damage.title === 'cut by one byte';
      const expected = harmless ? [] : [['run', `runs/${runId}/${file}`]];
      expect(named(), `${file} ${damage.title}`).toEqual(expected);
      const end = await runClade(place);
      expectPlainWords(end);
      expect(end.exitCode, `${file} ${damage.title}`).toBe(0);
      expect(executed(end)).toEqual([]);
      expect(takeInventory(place.artifacts)).toEqual(undisturbed);
      expect(named()).toEqual(expected);
    }
  }, 300_000);
});

describe('what a killed run left', () => {
  it.each([
    ['worker-after-checkpoint=group', 'attempts'],
    ['worker-after-result@2=group', 'attempts'],
    ['worker-after-checkpoint=group', 'leases'],
    ['worker-after-checkpoint=group', 'runs'],
    ['worker-after-checkpoint=group', 'gc'],
  ])(
    'by %s is in nobody’s way when a file of %s is damaged',
    async (failpoint, folder) => {
      copy(fresh);
      await runClade(place, { failpoint });
      const killed = place;
      const sound = takeInventory(killed.artifacts);
      const cases = casesOf(inArtifacts(folder), [CUT_ANYWHERE, FLIPPED, GONE]);
      expect(cases).not.toEqual([]);
      for (const { path, damage } of some(cases, 4)) {
        copy(killed);
        if (!damage.inflict(inArtifacts(folder, path))) continue;
        const end = await runClade(place);
        expectInOrder(place, end, { undisturbed, quarantined: null });
        const again = attemptedInLastRun(place).filter((id) =>
          Object.values(sound).some(({ stepId }) => stepId === id),
        );
        expect(again, `${path} ${damage.title}`).toEqual([]);
      }
    },
    900_000,
  );
});

describe('a clock', () => {
  const SHIM = join(import.meta.dirname, 'support/shift-clock.mjs');
  const shifted = (ms: number) => ({
    env: { NODE_OPTIONS: `--import ${SHIM}`, SHIFT_CLOCK_MS: String(ms) },
  });
  const DAY_MS = 86_400_000;

  it.each([
    ['forward, and back again', DAY_MS, 0],
    ['back', 0, -DAY_MS],
  ])(
    'that jumps %s changes no artifact, and reruns nothing',
    async (_, before, after) => {
      copy(fresh);
      const first = await runClade(place, shifted(before));
      expectInOrder(place, first, { undisturbed });
      const again = await runClade(place, shifted(after));
      expectInOrder(place, again, { undisturbed });
      expect(executed(again)).toEqual([]);
      CUT_ANYWHERE.inflict(join(objectOf('make'), 'said'));
      const repaired = await runClade(place, shifted(after));
      expect(executed(repaired)).toEqual(['make']);
      expectInOrder(place, repaired, { undisturbed, quarantined: 1 });
    },
    120_000,
  );

  it('that jumps while a step is killed does not keep the next run from going on', async () => {
    copy(fresh);
    await runClade(place, { failpoint: 'worker-after-checkpoint=group', ...shifted(DAY_MS) });
    expectInOrder(place, await runClade(place), { undisturbed });
  }, 60_000);
});

/** Mounts need rights that not everybody has. */
function mount(args: readonly string[], at: string): boolean {
  mkdirSync(at, { recursive: true });
  try {
    execFileSync('mount', [...args, at], { stdio: 'pipe' });
  } catch (error) {
    console.warn(
      `skipped: mount ${args.join(' ')} is not permitted here (${(error as Error).message.split('\n')[0]})`,
    );
    return false;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', at]));
  return true;
}

describe.skipIf(process.platform !== 'linux')('a disk', () => {
  it('that is full is named; what was made stays, and the rest is made when there is room', async ({
    skip,
  }) => {
    copy(fresh);
    if (!mount(['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs'], place.artifacts)) return skip();
    const room = ALL ? [60, 100, 150, 200, 250, 300, 400, 600] : [300];
    for (const freeKiB of room) {
      for (const name of names(place.artifacts)) rmSync(inArtifacts(name), { recursive: true });
      writeFileSync(inArtifacts('filler'), Buffer.alloc((2048 - freeKiB) << 10));
      const full = await runClade(place);
      expectPlainWords(full);
      const said = full.stderr + JSON.stringify(full.events);
      expect(full.exitCode, said).toBe(1);
      const failed = full.events.flatMap((event) => (event.event === 'step-failed' ? [event.message] : []));
      expect(full.stderr + failed.join(), said).toMatch(/disk is full|No space left/);
      for (const { stepId, sound } of Object.values(takeInventory(place.artifacts)))
        expect(sound, `${freeKiB}: ${stepId}`).toBe(true);
      const made = Object.values(takeInventory(place.artifacts)).map(({ stepId }) => stepId);
      rmSync(inArtifacts('filler'));
      const end = await runClade(place);
      expectInOrder(place, end, { undisturbed });
      expect(executed(end).filter((id) => made.includes(id))).toEqual([]);
    }
  }, 300_000);

  it('that may not be written is named by run, and read by verify and by a rerun', async ({ skip }) => {
    copy(finished);
    if (!mount(['--bind', '-o', 'ro', place.artifacts], place.artifacts)) return skip();
    const end = await runClade(place);
    expectPlainWords(end);
    expect(end.exitCode).toBe(1);
    expect(end.stderr).toMatch(/artifacts.*cannot be/);
    expect(findings()).toEqual([]);
    expect(takeInventory(place.artifacts)).toEqual(undisturbed);
  }, 60_000);
});
