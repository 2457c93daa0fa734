import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import { type Effects, systemEffects } from '../../../src/store/effects.ts';
import { readLeaseFile } from '../../../src/store/lease-file.ts';
import { Leases } from '../../../src/store/leases.ts';
import type { ProcessIdentity, ProcessTable } from '../../../src/store/process-identity.ts';
import { temporaryFolder } from './fixtures.ts';

const FINGERPRINT = digestBytes('step');

/** Machines with processes of our own making. */
function fakeProcesses(own: Partial<ProcessIdentity>, dead: ReadonlySet<number>): ProcessTable {
  const identify = (pid: number): ProcessIdentity => ({
    pid,
    startedAt: '1',
    boot: 'boot',
    host: 'here',
    machine: '',
    space: null,
    ...own,
  });
  return {
    own: () => identify(own.pid ?? 1),
    identify: (pid) => ({ ...identify(pid), pid }),
    liveness: ({ host, pid }) =>
      host !== (own.host ?? 'here') ? 'unknown' : dead.has(pid) ? 'dead' : 'alive',
  };
}

function leasesOf(
  folder: string,
  own: Partial<ProcessIdentity>,
  some: { dead?: Set<number>; clock?: Effects['clock'] } = {},
) {
  const processes = fakeProcesses(own, some.dead ?? new Set());
  const leases = new Leases(folder, {
    ...systemEffects,
    processes,
    clock: some.clock ?? systemEffects.clock,
  });
  onTestFinished(() => leases.close());
  return leases;
}

function take(leases: Leases, runId = 'r1') {
  const claim = leases.claim(FINGERPRINT, runId);
  if ('heldBy' in claim) throw new Error(`held by ${claim.heldBy.pid}`);
  return claim.lease;
}

describe('a lease', () => {
  test('is given to one claimant, and names its holder to the others', () => {
    const folder = temporaryFolder();
    expect(take(leasesOf(folder, { pid: 1 }), 'r1').epoch).toBe(1);
    expect(leasesOf(folder, { pid: 2 }).claim(FINGERPRINT, 'r2')).toMatchObject({
      heldBy: { pid: 1, host: 'here', runId: 'r1', orphaned: false },
    });
  });

  test('is free after its release, with a growing epoch', () => {
    const folder = temporaryFolder();
    for (const epoch of [1, 2, 3]) {
      const lease = take(leasesOf(folder, { pid: epoch }));
      expect(lease.epoch).toBe(epoch);
      lease.release();
      expect(lease.isCurrent()).toBe(false);
    }
    expect(readdirSync(join(folder, 'leases', FINGERPRINT)).sort()).toEqual(['1', '2', '3']);
  });

  test('of a dead owner is taken over, and the old one is not current any more', () => {
    const folder = temporaryFolder();
    const old = take(leasesOf(folder, { pid: 1 }));
    const claim = leasesOf(folder, { pid: 2 }, { dead: new Set([1]) }).claim(FINGERPRINT, 'r2');
    expect(claim).toMatchObject({ tookOver: true, lease: { epoch: 2 } });
    expect(old.isCurrent()).toBe(false);
    old.setWorker(77); // a late writer must not bring the old lease back
    old.release();
    expect(leasesOf(folder, { pid: 3 }).holderOf(FINGERPRINT)).toMatchObject({ pid: 2 });
  });

  test('of a dead runner is held while its worker lives', () => {
    const folder = temporaryFolder();
    const dead = new Set<number>();
    take(leasesOf(folder, { pid: 1 })).setWorker(50);
    const other = leasesOf(folder, { pid: 2 }, { dead });
    dead.add(1);
    expect(other.claim(FINGERPRINT, 'r2')).toMatchObject({ heldBy: { pid: 50, orphaned: true } });
    dead.add(50);
    expect(other.claim(FINGERPRINT, 'r2')).toMatchObject({ tookOver: true });
  });

  test('of another machine is taken over only after its heartbeat stood still', () => {
    const folder = temporaryFolder();
    const clock = { now: 0, nowMs: () => Date.now(), monotonicMs: () => clock.now };
    const lease = take(leasesOf(folder, { pid: 1, host: 'there' }));
    const here = leasesOf(folder, { pid: 2 }, { clock });
    expect(here.claim(FINGERPRINT, 'r2')).toHaveProperty('heldBy');
    clock.now = 60_000;
    utimesSync(join(folder, 'leases', FINGERPRINT, '1'), new Date(), new Date()); // as its heartbeat does
    expect(here.claim(FINGERPRINT, 'r2')).toHaveProperty('heldBy');
    clock.now = 149_000;
    expect(here.claim(FINGERPRINT, 'r2')).toHaveProperty('heldBy');
    clock.now = 151_000;
    expect(here.claim(FINGERPRINT, 'r2')).toMatchObject({ tookOver: true });
    expect(lease.isCurrent()).toBe(false);
  });

  test('whose file is damaged counts as held while it is fresh, and is taken over afterwards', () => {
    const folder = temporaryFolder();
    take(leasesOf(folder, { pid: 1 }));
    const file = join(folder, 'leases', FINGERPRINT, '1');
    const whole = readFileSync(file, 'utf8').trimEnd();
    for (let length = 0; length < whole.length; length += 9) {
      writeFileSync(file, whole.slice(0, length));
      expect(leasesOf(folder, { pid: 2 }).claim(FINGERPRINT, 'r2')).toMatchObject({
        heldBy: { host: 'unknown' },
      });
    }
    const later = { ...systemEffects.clock, nowMs: () => Date.now() + 60_000 };
    expect(leasesOf(folder, { pid: 2 }, { clock: later }).claim(FINGERPRINT, 'r2')).toMatchObject({
      lease: { epoch: 2 },
    });
  });

  test('is not thought current while the next one cannot be read', () => {
    const folder = temporaryFolder();
    const first = take(leasesOf(folder, { pid: 1 }));
    const second = take(leasesOf(folder, { pid: 2 }, { dead: new Set([1]) }));
    expect(second.epoch).toBe(2);
    const file = join(folder, 'leases', FINGERPRINT, '2');
    const text = readFileSync(file, 'utf8');
    for (const torn of ['', text.slice(0, 30), text.replace('"after"', '\0\0'), text]) {
      writeFileSync(file, torn);
      expect(first.isCurrent()).toBe(false);
    }
  });

  test('leaves nothing behind after a publication; one of the same epoch later is not mistaken for it', () => {
    const folder = temporaryFolder();
    const first = take(leasesOf(folder, { pid: 1 }));
    rmSync(join(folder, 'leases', FINGERPRINT), { recursive: true }); // as another process does that took it over and published
    const second = take(leasesOf(folder, { pid: 2 }));
    expect([first.epoch, second.epoch]).toEqual([1, 1]);
    expect([first.isCurrent(), second.isCurrent()]).toEqual([false, true]);
    second.releasePublished();
    expect(readdirSync(join(folder, 'leases'))).toEqual([]);
  });
});

describe('the folder of a published lease', () => {
  const OTHER = digestBytes('another step');
  const claimed = (leases: Leases, fingerprint: string) => {
    const claim = leases.claim(fingerprint, 'r1');
    if ('heldBy' in claim) throw new Error(`held by ${claim.heldBy.pid}`);
    return claim.lease;
  };
  /** Leases with one spare folder, of a lease that named a worker. */
  function withSpare(folder: string) {
    const leases = leasesOf(folder, { pid: 1 });
    const first = claimed(leases, FINGERPRINT);
    first.setWorker(77);
    first.releasePublished();
    expect(readdirSync(join(folder, 'leases'))).toEqual([]);
    return leases;
  }

  test('serves the next fingerprint, which is held as any other', () => {
    const folder = temporaryFolder();
    const lease = claimed(withSpare(folder), OTHER);
    expect(readdirSync(join(folder, 'gc/trash'))).toEqual([]);
    expect([lease.epoch, lease.isCurrent()]).toEqual([1, true]);
    expect(readLeaseFile(join(folder, 'leases', OTHER, '1'))?.worker).toBeNull();
    expect(leasesOf(folder, { pid: 2 }).claim(OTHER, 'r2')).toMatchObject({ heldBy: { pid: 1 } });
    lease.setWorker(78);
    expect(readLeaseFile(join(folder, 'leases', OTHER, '1'))?.worker?.pid).toBe(78);
    lease.release();
    expect(claimed(leasesOf(folder, { pid: 2 }), OTHER).epoch).toBe(2);
  });

  test('is never put over what another process took', () => {
    const folder = temporaryFolder();
    const leases = withSpare(folder);
    const theirs = claimed(leasesOf(folder, { pid: 2 }), OTHER);
    expect(leases.claim(OTHER, 'r1')).toMatchObject({ heldBy: { pid: 2 } });
    expect(theirs.isCurrent()).toBe(true);
  });

  test('takes the place of one that another process has made and put nothing in', () => {
    const folder = temporaryFolder();
    const leases = withSpare(folder);
    mkdirSync(join(folder, 'leases', OTHER));
    const lease = claimed(leases, OTHER);
    expect(leasesOf(folder, { pid: 2 }).claim(OTHER, 'r2')).toMatchObject({ heldBy: { pid: 1 } });
    expect(lease.isCurrent()).toBe(true);
  });

  test('is done without where somebody cleared it away, whole or its file', () => {
    for (const gone of ['gc/trash', 'gc/trash/*/1']) {
      const folder = temporaryFolder();
      const leases = withSpare(folder);
      const [name] = readdirSync(join(folder, 'gc/trash'));
      rmSync(join(folder, gone.replace('*', name)), { recursive: true });
      expect(claimed(leases, OTHER).isCurrent()).toBe(true);
    }
  });
});

describe('the process table', () => {
  const { processes } = systemEffects;

  test('knows itself as alive, and a process of another start of the machine as dead', () => {
    expect(processes.liveness(processes.own())).toBe('alive');
    expect(processes.liveness({ ...processes.own(), boot: 'an earlier one' })).toBe('dead');
    expect(processes.liveness({ ...processes.own(), host: 'elsewhere' })).toBe('unknown');
  });

  test.runIf(process.platform === 'linux')('does not take a process for a later one with its number', () => {
    expect(processes.liveness({ ...processes.own(), startedAt: '1' })).toBe('dead');
  });

  test('sees another process die', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const identity = processes.identify(child.pid!);
    expect(processes.liveness(identity)).toBe('alive');
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(processes.liveness(identity)).toBe('dead');
  });
});
