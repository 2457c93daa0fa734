/**
 * A process that works on a store, to be killed. Its first argument says what it does, its second holds
 * the particulars as JSON; it prints one JSON line.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactRecord, FingerprintFields } from '../../src/core/artifact.ts';
import { digestBytes, digestOf } from '../../src/core/digest.ts';
import type { Json } from '../../src/core/json.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { systemProcesses } from '../../src/store/process-identity.ts';

interface Particulars {
  readonly folder: string;
  readonly fields: FingerprintFields;
  readonly fingerprints: readonly string[];
  readonly computeMs: number;
  readonly attempt: { readonly id: string; readonly folder: string };
  readonly epoch: number;
  /** When to open the store, in milliseconds since 1970. */
  readonly atMs: number;
}

const say = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Writes the result that `fields` always has. */
function finishWork({ fields, attempt, epoch }: Pick<Particulars, 'fields' | 'attempt' | 'epoch'>): void {
  const content = `result of ${JSON.stringify(fields.parameters)}`;
  writeFileSync(join(attempt.folder, 'work', 'out.txt'), content);
  writeFileSync(join(attempt.folder, 'names.csv'), 'id,source\n0,a.png\n');
  const record: ArtifactRecord = {
    format: 1,
    fingerprint: digestOf('fingerprint', fields as unknown as Json),
    fields,
    stepId: 'copy',
    outputs: [{ path: 'out.txt', digest: digestBytes(content), sizeBytes: content.length }],
    metrics: [],
    notes: [],
    sourcesRead: {},
    codeModules: [],
    attempt: attempt.id,
    leaseEpoch: epoch,
    versions: { clade: '0', node: '20' },
    machine: { host: 'here', platform: 'linux', arch: 'x64', cpu: 'any' },
    startedAt: '2026-11-23T05:12:00.000Z',
    durationMs: 1,
    resumedFrom: null,
  };
  const file = join(attempt.folder, 'work', 'artifact.json');
  writeFileSync(`${attempt.folder}/artifact.tmp`, JSON.stringify(record));
  writeFileSync(file, readFileSync(`${attempt.folder}/artifact.tmp`));
}

/** One whole run of one step: claim or wait, attempt, work, publish, finish. */
async function run(store: Store, { fields, computeMs }: Particulars) {
  const fingerprint = digestOf('fingerprint', fields as unknown as Json);
  const run = store.startRun({
    pipeline: 'p',
    file: 'p.yaml',
    text: '',
    points: [{}],
    engine: 'wasm',
    versions: {},
  });
  const step = { id: 'copy', key: 'copy', uses: 'copy', point: {}, params: {} };
  for (;;) {
    const found = store.findObject(fingerprint);
    const claim = found.status === 'sound' ? null : await store.claim(fingerprint, run.id);
    if (claim && 'heldBy' in claim) {
      await store.waitFor(fingerprint, AbortSignal.timeout(20_000));
      continue;
    }
    if (claim && 'published' in claim) continue;
    const computed = claim !== null;
    if (claim) {
      const attempt = store.createAttempt({ runId: run.id, stepId: 'copy', fingerprint });
      say({ attempt });
      await sleep(computeMs);
      finishWork({ fields, attempt, epoch: claim.lease.epoch });
      const publication = await store.publish(attempt, claim.lease);
      if (!publication.ok) {
        claim.lease.release();
        return { failure: publication.failure };
      }
    }
    const counts = { total: 1, executed: Number(computed), reused: Number(!computed), failed: 0, skipped: 0 };
    run.settled({
      step,
      verdict: computed ? 'executed' : 'reused',
      fingerprint,
      attempt: null,
      reasons: [],
      failure: null,
      durationMs: 1,
    });
    run.finish({ status: 'succeeded', steps: counts, durationMs: 1 });
    return { computed };
  }
}

/** Takes and gives back leases for a while; whoever holds one must be alone with its marker. */
async function compete(store: Store, { folder, fingerprints, computeMs }: Particulars) {
  const markers = join(folder, 'markers');
  mkdirSync(markers, { recursive: true });
  let taken = 0;
  const collisions: string[] = [];
  const untilMs = Date.now() + computeMs;
  while (Date.now() < untilMs) {
    for (const fingerprint of fingerprints) {
      const claim = await store.claim(fingerprint, 'r');
      if (!('lease' in claim)) continue;
      taken++;
      const marker = join(markers, fingerprint);
      if (existsSync(marker) && isAlive(readFileSync(marker, 'utf8'))) collisions.push(fingerprint);
      const mine = JSON.stringify(systemProcesses.own());
      writeFileSync(marker, mine);
      await sleep(1);
      if (readFileSync(marker, 'utf8') !== mine) collisions.push(fingerprint);
      rmSync(marker, { force: true });
      if (taken % 3 === 0) claim.lease.releasePublished();
      else claim.lease.release();
    }
  }
  return { taken, collisions };
}

/** Everything that no run used goes, again and again. */
async function collectForAWhile(store: Store, { computeMs }: Particulars) {
  let removed = 0;
  const untilMs = Date.now() + computeMs;
  do {
    const collection = await store.collect({ retention: RETENTION, dryRun: false, waitMs: 2000 });
    removed += collection.removed.length;
  } while (Date.now() < untilMs);
  return { removed };
}

const RETENTION = {
  keepRuns: null,
  keepYoungerMs: null,
  sizeMaxBytes: null,
  unreferencedMs: 0,
  checkpointMs: 1e12,
  quarantineMs: 1e12,
};

/** What runs do, again and again, with new processes' eyes: look, else make; what was handed out must stay readable. */
async function reuseForAWhile(folder: string, { fields, computeMs }: Particulars) {
  const counts = { made: 0, reused: 0 };
  const broken: string[] = [];
  const untilMs = Date.now() + computeMs;
  while (Date.now() < untilMs) {
    const store = openStore({ folder });
    const handed: { path: string; content: string }[] = [];
    for (let number = 0; number < 8; number++) {
      const one = { ...fields, parameters: { number } };
      const fingerprint = digestOf('fingerprint', one as unknown as Json);
      for (;;) {
        const found = store.findObject(fingerprint);
        if (found.status === 'sound') {
          handed.push({
            path: join(found.object.folder, 'out.txt'),
            content: `result of ${JSON.stringify(one.parameters)}`,
          });
          counts.reused++;
          break;
        }
        if (found.status === 'damaged') broken.push(JSON.stringify(found.damaged));
        const claim = await store.claim(fingerprint, 'r');
        if (!('lease' in claim)) {
          await sleep(1);
          continue;
        }
        // As the runner does: between the look and the lease another process may have made it.
        if (store.findObject(fingerprint).status === 'sound') {
          claim.lease.release();
          continue;
        }
        const attempt = store.createAttempt({ runId: 'r', stepId: 'copy', fingerprint });
        finishWork({ fields: one, attempt, epoch: claim.lease.epoch });
        const publication = await store.publish(attempt, claim.lease);
        if (!publication.ok) broken.push(JSON.stringify(publication.failure));
        counts.made++;
      }
      await sleep(120); // long enough for a collection to ask, be answered and remove
      for (const { path, content } of handed)
        if (!existsSync(path) || readFileSync(path, 'utf8') !== content) broken.push(path);
    }
    store.close();
  }
  return { ...counts, broken };
}

/** A marker cut short is of a process that was killed while it wrote. */
function isAlive(marker: string): boolean {
  return marker.endsWith('}') && systemProcesses.liveness(JSON.parse(marker)) === 'alive';
}

/** A runner that starts a worker as a process of its own and is killed: the worker goes on. */
async function startWorkerAndDie(store: Store, particulars: Particulars) {
  const fingerprint = digestOf('fingerprint', particulars.fields as unknown as Json);
  const claim = await store.claim(fingerprint, 'r1');
  if (!('lease' in claim)) throw new Error('no lease');
  const attempt = store.createAttempt({ runId: 'r1', stepId: 'copy', fingerprint });
  const job = JSON.stringify({ ...particulars, attempt, epoch: claim.lease.epoch });
  const worker = spawn(process.execPath, [process.argv[1], 'work', job], { detached: true, stdio: 'ignore' });
  claim.lease.setWorker(worker.pid!);
  say({ worker: worker.pid });
  await sleep(50);
  process.kill(process.pid, 'SIGKILL');
}

const [task, text] = process.argv.slice(2);
const particulars = JSON.parse(text) as Particulars;
async function main(): Promise<void> {
  if (task === 'work') {
    await sleep(particulars.computeMs);
    return finishWork(particulars);
  }
  if (task === 'use') {
    say(await reuseForAWhile(particulars.folder, particulars));
    return;
  }
  while (task === 'open' && Date.now() < particulars.atMs); // all of them in the same millisecond
  const store = openStore({ folder: particulars.folder });
  if (task === 'open') say({ opened: true });
  if (task === 'collect') say(await collectForAWhile(store, particulars));
  if (task === 'recover') say(await store.recover());
  if (task === 'run') say(await run(store, particulars));
  if (task === 'compete') say(await compete(store, particulars));
  if (task === 'orphan') await startWorkerAndDie(store, particulars);
  store.close();
}
void main();
