import { chmodSync, linkSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FingerprintFields, Job, JobPart } from '../../../src/core/artifact.ts';
import {
  CHECKPOINT_MANIFEST,
  checkpointFolderName,
  describeCheckpoint,
  encodeCheckpointManifest,
} from '../../../src/core/checkpoint-format.ts';
import { digestBytes } from '../../../src/core/digest.ts';
import type { Store } from '../../../src/store/open-store.ts';
import type { StoredObject } from '../../../src/store/stored-object.ts';
import {
  beginAttempt,
  fieldsOf,
  fingerprintOf,
  finishWork,
  KEEP_ALL,
  publishWork,
  temporaryStore,
} from './fixtures.ts';

const WHOLE: JobPart = { kind: 'whole' };
const WORK = { fields: fieldsOf({ parameters: { of: 'made' } }), files: { 'a.txt': 'ant', 'b.txt': 'bee' } };
let store: Store;
let made: StoredObject;
const inMade = (path: string) => join(made.folder, path);

beforeEach(async () => {
  store = temporaryStore();
  made = await publishWork(store, WORK);
});

const A = { 'a.txt': digestBytes('ant') };
const BOTH = { ...A, 'b.txt': digestBytes('bee') };

/** What a job says of its inputs, as it is written. */
function reading(
  inputs: Job['inputs'] = { text: made.folder },
  digests: FingerprintFields['inputs'] = { text: BOTH },
  part = WHOLE,
) {
  return { inputs, part, fields: fieldsOf({ inputs: digests }) };
}

function marked(job = reading()): Job {
  const found = store.markInputs(job);
  if (!found.ok) throw new Error(found.failure.message);
  return { ...job, marks: found.marks } as Job;
}

function change(path: string, text: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
}

describe('marks of inputs', () => {
  it('find nothing where nothing changed', () => expect(store.changedInput(marked())).toBeNull());

  it('are not given for what is damaged, and name it', () => {
    change(inMade('b.txt'), 'bug');
    const found = store.markInputs(reading());
    expect(found).toMatchObject({ ok: false, failure: { reason: 'input-damaged' } });
    expect(JSON.stringify(found)).toContain(
      "'text' was read from is damaged since it was made (b.txt: changed)",
    );
  });

  const HARMS: [string, () => void, string][] = [
    ['its content', () => change(inMade('a.txt'), 'bug'), 'a.txt: changed'],
    ['its length', () => change(inMade('a.txt'), ''), 'a.txt: has 0 bytes instead of 3'],
    ['that it is gone', () => rmSync(inMade('a.txt')), 'a.txt: missing'],
    ['that all are', () => rmSync(made.folder, { recursive: true }), 'a.txt: missing'],
  ];
  it.each(HARMS)('find a file that changed by %s', (_, harm, said) => {
    const job = marked();
    harm();
    expect(store.changedInput(job)?.message).toContain(`'text' is read from changed meanwhile (${said})`);
    expect(store.changedInput(job)?.message).toContain('it is not there any more'); // set aside by the first look
  });

  it('find an edit whose time was put back', () => {
    const job = marked();
    const { atime, mtime } = statSync(inMade('a.txt'));
    change(inMade('a.txt'), 'bug');
    utimesSync(inMade('a.txt'), atime, mtime);
    expect(store.changedInput(job)?.reason).toBe('input-damaged');
  });

  it('find that it was made anew, though it is sound now', async () => {
    const job = marked();
    rmSync(made.folder, { recursive: true });
    expect(store.findObject(made.fingerprint).status).toBe('damaged');
    await publishWork(store, WORK);
    expect(store.findObject(made.fingerprint).status).toBe('sound');
    expect(store.changedInput(job)?.message).toContain('it was made anew');
  });

  it('let pass a file that was linked, or given other rights', () => {
    const job = marked();
    linkSync(inMade('a.txt'), join(store.folder, 'mine'));
    chmodSync(inMade('b.txt'), 0o400);
    expect(store.changedInput(job)).toBeNull();
  });

  it('let pass what a collection took, as it was whole until then', async () => {
    const job = marked();
    store.close(); // as long as it is open, what it handed out stays
    store = temporaryStore(store.folder);
    await store.collect({ retention: KEEP_ALL, dryRun: false, waitMs: 300 });
    expect(store.findObject(made.fingerprint)).toEqual({ status: 'absent', removed: true });
    expect(store.changedInput(job)).toBeNull();
  });

  it('are of the files alone that the stage reads', async () => {
    await sleep(50); // what was written a moment ago is read as a whole
    expect(store.findObject(made.fingerprint).status).toBe('sound');
    const job = marked(reading(undefined, { text: A }));
    change(inMade('b.txt'), 'bug');
    expect(store.changedInput(job)).toBeNull();
    change(inMade('a.txt'), 'bug');
    expect(store.changedInput(job)?.reason).toBe('input-damaged');
  });

  it('are of all points of a collecting input, missing ones left out', async () => {
    const other = await publishWork(store, { fields: fieldsOf({ parameters: { of: 'other' } }) });
    const point = (seed: number) => ({ point: { seed } });
    const files = { 'out.txt': digestBytes('hello') };
    const job = marked(
      reading(
        {
          all: [
            { ...point(1), folder: made.folder },
            { ...point(3), folder: other.folder },
          ],
        },
        {
          all: [
            { ...point(1), files: BOTH },
            { ...point(2), files: {}, missing: true },
            { ...point(3), files },
          ],
        },
      ),
    );
    expect(store.changedInput(job)).toBeNull();
    change(join(other.folder, 'out.txt'), 'hallo');
    expect(store.changedInput(job)?.message).toContain(
      "'all' is read from changed meanwhile (out.txt: changed)",
    );
  });

  it('are of the artifacts of its items too, where a mapped step joins them', async () => {
    const { fingerprint, folder } = await publishWork(store, {
      fields: fieldsOf({ item: { key: 'i', value: 1 } }),
    });
    const items = [{ key: 'i', value: 1, files: ['a.txt'], folder, fingerprint }];
    const job = marked(reading(undefined, undefined, { kind: 'join', items, startedAt: '' }));
    change(join(folder, 'out.txt'), 'hallo');
    expect(store.changedInput(job)?.message).toContain("'items' is read from");
  });

  it('are nothing that a job of an older version has', () => {
    const { marks: _, ...old } = marked();
    change(inMade('a.txt'), 'bug');
    expect(store.changedInput(old as Job)).toBeNull();
  });
});

describe('an attempt whose input changed', () => {
  async function attempt() {
    const fields = fieldsOf({ inputs: { text: BOTH } });
    const begun = await beginAttempt(store, { fields });
    writeFileSync(join(begun.attempt.folder, 'job.json'), JSON.stringify({ ...marked(), fields }));
    return { ...begun, fields };
  }

  it('is not published, whoever finds it', async () => {
    const { attempt: one, lease, fields } = await attempt();
    finishWork(one, lease, { fields });
    change(inMade('a.txt'), 'bug');
    expect(await store.publish(one, lease)).toMatchObject({
      ok: false,
      failure: { reason: 'input-damaged' },
    });
    lease.release();
    const { refused, published } = await store.recover();
    expect([refused.length, published]).toEqual([1, []]);
  });

  it('leaves no checkpoint; one whose inputs are as they were does', async () => {
    const save = (folder: string, fingerprint: string) => {
      const files = new Map([['state', new Uint8Array([1])]]);
      const place = join(folder, 'checkpoint', checkpointFolderName(1));
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'state'), files.get('state')!);
      writeFileSync(
        join(place, CHECKPOINT_MANIFEST),
        encodeCheckpointManifest(describeCheckpoint(fingerprint, 1, files)),
      );
    };
    for (const changed of [false, true]) {
      const { attempt: one, lease, fields } = await attempt();
      save(one.folder, fingerprintOf(fields));
      if (changed) change(inMade('a.txt'), 'bug');
      store.abandon(one, { reason: 'cancelled', message: '' });
      lease.release();
      const kept = store.newestCheckpoint(fingerprintOf(fields));
      expect(kept?.attempt === one.id).toBe(!changed);
    }
  });
});
