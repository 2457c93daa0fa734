import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/core/events.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { arrayDigests, BIN, clade, eventsOf, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

/** Long enough to be hit in the middle of pretraining, with a checkpoint after every epoch. */
const ENV = { CLADE_CHECKPOINT_MS: '0', CLADE_ENGINE: 'wasm' };
const PIPELINE = SMALL_PIPELINE.replace('epochs: 12', 'epochs: 60');

const template = temporaryFolder();
let undisturbed: { [path: string]: string };
let place = temporaryFolder();

beforeAll(async () => {
  makePictureFolder(join(template.path, 'data'));
  writeFileSync(join(template.path, 'small.yaml'), PIPELINE);
  await clade(['run', 'small.yaml', '--artifacts', 'undisturbed'], { cwd: template.path, env: ENV });
  undisturbed = arrayDigests(join(template.path, 'undisturbed'));
  return () => template.remove();
}, 120_000);

beforeEach(() => {
  place = temporaryFolder();
  cpSync(join(template.path, 'data'), join(place.path, 'data'), { recursive: true });
  cpSync(join(template.path, 'small.yaml'), join(place.path, 'small.yaml'));
});
afterEach(() => place.remove());

interface Running {
  readonly child: ChildProcess;
  readonly events: RunEvent[];
  /** Resolves at the first event that the test waits for. */
  until(wanted: (event: RunEvent) => boolean): Promise<void>;
  readonly ended: Promise<number | null>;
}

/** Starts a run in a process group of its own, as a shell does. */
function start(env: Record<string, string> = {}): Running {
  const child = spawn('node', [BIN, 'run', 'small.yaml', '--json'], {
    cwd: place.path,
    env: { ...process.env, ...ENV, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const events: RunEvent[] = [];
  const waiting: { wanted: (event: RunEvent) => boolean; resolve: () => void }[] = [];
  let rest = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop()!;
    for (const event of eventsOf(lines.join('\n'))) {
      events.push(event);
      for (const one of waiting) if (one.wanted(event)) one.resolve();
    }
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    child,
    events,
    ended,
    until: (wanted) =>
      new Promise((resolve) => (events.some(wanted) ? resolve() : waiting.push({ wanted, resolve }))),
  };
}

const halfway = (event: RunEvent) =>
  event.event === 'step-progressed' && event.stepId === 'pretrain' && event.done >= 20;

async function runToTheEnd(env: Record<string, string> = {}) {
  const { exitCode, stdout } = await clade(['run', 'small.yaml', '--json'], {
    cwd: place.path,
    env: { ...ENV, ...env },
  });
  expect(exitCode).toBe(0);
  const events = eventsOf(stdout);
  const stepsWith = (name: RunEvent['event']) =>
    events.filter(({ event }) => event === name).map((event) => (event as { stepId: string }).stepId);
  return { events, executed: stepsWith('step-finished'), reused: stepsWith('step-reused') };
}

describe('a run that is killed in the middle of pretraining', () => {
  it('goes on from a checkpoint and ends in the same bytes, when runner and worker are killed', async () => {
    const running = start();
    await running.until(halfway);
    process.kill(-running.child.pid!, 'SIGKILL');
    await running.ended;
    const { events, reused } = await runToTheEnd();
    expect(reused).toEqual(['ingest', 'normalise', 'split']);
    const started = events.find((event) => event.event === 'step-started' && event.stepId === 'pretrain');
    expect(started).toMatchObject({ resumedFrom: expect.any(String) });
    expect(arrayDigests(join(place.path, 'artifacts'))).toEqual(undisturbed);
  });

  it('keeps what its worker finishes, when the runner alone is killed', async () => {
    const running = start();
    await running.until(halfway);
    running.child.kill('SIGKILL');
    await running.ended;
    const { executed } = await runToTheEnd();
    expect(executed).not.toContain('pretrain'); // the orphan finished it; the next run waited, or found it
    expect(arrayDigests(join(place.path, 'artifacts'))).toEqual(undisturbed);
  });

  it('fails the step and says so, when the worker alone is killed; the next run goes on', async () => {
    const running = start({ CLADE_FAILPOINT: 'worker-after-checkpoint@20' });
    expect(await running.ended).toBe(1);
    expect(running.events).toContainEqual(
      expect.objectContaining({ event: 'step-failed', stepId: 'pretrain', reason: 'worker-died' }),
    );
    await runToTheEnd();
    expect(arrayDigests(join(place.path, 'artifacts'))).toEqual(undisturbed);
  });

  it('ends in order on Ctrl-C: exit 130, interrupted, and everything finished is reused', async () => {
    const running = start();
    await running.until(halfway);
    process.kill(-running.child.pid!, 'SIGINT');
    expect(await running.ended).toBe(130);
    expect(running.events.at(-1)).toMatchObject({ event: 'run-finished', status: 'interrupted' });
    const { reused } = await runToTheEnd();
    expect(reused).toEqual(['ingest', 'normalise', 'split']);
    expect(arrayDigests(join(place.path, 'artifacts'))).toEqual(undisturbed);
  });
});

/** The small pipeline with something said of how pretrain and finetune are executed. */
function sayOfTraining(policy: string, text = PIPELINE): void {
  const said = text.replaceAll(/(uses: (pretrain|finetune)\n)/g, `$1    ${policy}\n`);
  writeFileSync(join(place.path, 'small.yaml'), said);
}

/** How the attempts at a step ended, in the order in which they were made. */
function outcomesOf(stepId: string): string[] {
  const database = openDatabase(join(place.path, 'artifacts/lineage.db'), { readonly: true });
  const rows = database
    .prepare('SELECT outcome, failure FROM attempts WHERE step_id = ? ORDER BY started_at')
    .all(stepId) as { outcome: string; failure: string | null }[];
  database.close();
  return rows.map(({ outcome, failure }) => (failure === null ? outcome : `${outcome}: ${failure}`));
}

describe('a step with retries', () => {
  it('goes on from its checkpoint each time its worker dies, and ends in the same bytes', async () => {
    sayOfTraining('retries: 9');
    const { events } = await runToTheEnd({ CLADE_FAILPOINT: 'worker-after-checkpoint@25' });
    const of = (name: RunEvent['event']) =>
      events.filter((event) => event.event === name && 'stepId' in event && event.stepId === 'pretrain');
    expect(of('step-retried')[0]).toMatchObject({ reason: 'worker-died', retry: 1, retries: 9 });
    expect(of('step-started').slice(1)).toContainEqual(
      expect.objectContaining({ resumedFrom: expect.any(String) }),
    );
    expect(arrayDigests(join(place.path, 'artifacts'))).toEqual(undisturbed);
    const died = of('step-retried').map(() => 'failed: worker-died');
    expect(outcomesOf('pretrain')).toEqual([...died, 'published']);
  });
});

describe('a step with a timeout', () => {
  it('is ended when it takes longer, and goes on from there without it', async () => {
    const long = PIPELINE.replace('epochs: 60', 'epochs: 90000');
    sayOfTraining('timeout: 6s', long);
    const ended = start();
    expect(await ended.ended).toBe(1);
    expect(ended.events).toContainEqual(
      expect.objectContaining({ event: 'step-failed', stepId: 'pretrain', reason: 'timed-out' }),
    );
    writeFileSync(join(place.path, 'small.yaml'), long);
    const again = start();
    await again.until((event) => event.event === 'step-started' && event.stepId === 'pretrain');
    const started = again.events.find(
      (event) => event.event === 'step-started' && event.stepId === 'pretrain',
    );
    expect(started).toMatchObject({ resumedFrom: expect.any(String) });
    process.kill(-again.child.pid!, 'SIGKILL');
    await again.ended;
  }, 60_000);
});

describe('a worker that dies', () => {
  const FAILPOINTS = [
    'worker-before-stage',
    'worker-before-result',
    'worker-after-result',
    'worker-before-checkpoint',
  ];
  it.each(FAILPOINTS)('at %s leaves nothing half made', async (name) => {
    const running = start({ CLADE_FAILPOINT: name });
    await running.ended;
    await runToTheEnd();
    expect(arrayDigests(join(place.path, 'artifacts'))).toEqual(undisturbed);
    expect(readdirSync(join(place.path, 'artifacts/attempts'))).toEqual([]);
  });
});

describe('two runs at once', () => {
  it('compute each step once', async () => {
    const both = [start(), start()];
    const codes = await Promise.all(both.map(({ ended }) => ended));
    const failed = both.flatMap(({ events }) => events.filter(({ event }) => event === 'step-failed'));
    expect({ codes, failed }).toEqual({ codes: [0, 0], failed: [] });
    expect(readdirSync(join(place.path, 'artifacts/leases'))).toEqual([]);
    const finished = both.flatMap(({ events }) =>
      events.flatMap((event) => (event.event === 'step-finished' ? [event.stepId] : [])),
    );
    expect(new Set(finished).size).toBe(finished.length);
    expect(finished).toHaveLength(10);
  });
});

describe('data that changes while it is read', () => {
  it('fails the step and publishes nothing', async () => {
    const manifest = join(place.path, 'data/manifest.csv');
    const running = start();
    await running.until((event) => event.event === 'step-started' && event.stepId === 'ingest');
    writeFileSync(manifest, `${readFileSync(manifest, 'utf8')}\n`);
    expect(await running.ended).toBe(1);
    expect(running.events).toContainEqual(
      expect.objectContaining({ event: 'step-failed', stepId: 'ingest', reason: 'source-changed' }),
    );
    expect(existsSync(join(place.path, 'artifacts/objects'))).toBe(false);
  });
});
