import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeMachine } from '../../../../src/engine/auto/machine.ts';
import {
  listSpeeds,
  readSpeed,
  type Speed,
  type SpeedKey,
  writeSpeed,
} from '../../../../src/engine/auto/speed-store.ts';
import { temporaryFolder } from '../../../support/clade.ts';

const KEY: SpeedKey = {
  machine: { platform: 'linux-x64', cpu: 'abacus', cores: 2, node: '20.0.0', gpus: [] },
  engine: { name: 'wasm', version: '4.22.0', kernels: 'abc' },
  workload: { stage: 'pretrain', parameters: { batch: 12 }, imageSize: [128, 128] },
};
const MEASURED_AT = '2026-11-23T10:00:00.000Z';
const NOW_MS = Date.parse(MEASURED_AT) + 1000;
const DAY_MS = 24 * 3600_000;
const WORKS: Speed = { status: 'works', stepMs: 3.5, error: 0.25 };

let place = temporaryFolder();
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());
const store = (speed: Speed, key = KEY) =>
  writeSpeed(place.path, { format: 1, ...key, speed, measuredAt: MEASURED_AT });

describe('stored speeds', () => {
  it('are found again, however late, for the same machine, engine and workload alone', () => {
    store(WORKS);
    expect(readSpeed(place.path, KEY, NOW_MS + 1000 * DAY_MS)).toEqual(WORKS);
    const others: SpeedKey[] = [
      { ...KEY, machine: { ...KEY.machine, gpus: ['a GPU'] } },
      { ...KEY, machine: { ...KEY.machine, node: '22.0.0' } },
      { ...KEY, engine: { ...KEY.engine, kernels: 'abd' } },
      { ...KEY, workload: { ...KEY.workload, imageSize: [64, 64] } },
      { ...KEY, workload: { ...KEY.workload, parameters: { batch: 64 } } },
    ];
    for (const other of others) expect(readSpeed(place.path, other, NOW_MS)).toBeNull();
    expect(listSpeeds(place.path, KEY.machine)).toHaveLength(1);
    expect(listSpeeds(place.path, others[0].machine)).toEqual([]);
  });

  it('tell a failure for a day, and then it is tried again', () => {
    store({ status: 'fails', why: 'it hung' });
    expect(readSpeed(place.path, KEY, NOW_MS)).toEqual({ status: 'fails', why: 'it hung' });
    expect(readSpeed(place.path, KEY, NOW_MS + DAY_MS)).toBeNull();
    expect(readSpeed(place.path, KEY, NOW_MS - DAY_MS)).toBeNull(); // a clock that was set back
  });

  it('are as if never measured where the file is cut off, empty, of another kind, or says nonsense', () => {
    store(WORKS);
    const [name] = readdirSync(place.path);
    const path = join(place.path, name);
    const whole = readFileSync(path, 'utf8');
    for (let length = 0; length < whole.length - 2; length += 7) {
      writeFileSync(path, whole.slice(0, length));
      expect(readSpeed(place.path, KEY, NOW_MS)).toBeNull();
    }
    const record = JSON.parse(whole) as Record<string, unknown>;
    const wrongs = [
      null,
      [],
      {},
      { ...record, format: 2 },
      { ...record, speed: { status: 'works', stepMs: -1, error: 0 } },
      { ...record, speed: { status: 'works', stepMs: 'fast', error: 0 } },
      { ...record, speed: { status: 'perhaps' } },
      { ...record, speed: null },
      { ...record, workload: null },
      { ...record, machine: { ...KEY.machine, cpu: 'other' } },
    ];
    for (const wrong of wrongs) {
      writeFileSync(path, JSON.stringify(wrong));
      expect(readSpeed(place.path, KEY, NOW_MS)).toBeNull();
    }
    writeFileSync(path, 'rubbish');
    expect(listSpeeds(place.path, KEY.machine)).toEqual([]);
    store(WORKS);
    expect(readSpeed(place.path, KEY, NOW_MS)).toEqual(WORKS);
  });

  it('cost no more than a measurement where the folder cannot be made or written', () => {
    const file = join(place.path, 'file');
    writeFileSync(file, '');
    const record = { format: 1, ...KEY, speed: WORKS, measuredAt: MEASURED_AT } as const;
    expect(() => writeSpeed(join(file, 'below'), record)).not.toThrow();
    expect(readSpeed(join(file, 'below'), KEY, NOW_MS)).toBeNull();
    expect(listSpeeds(join(file, 'below'), KEY.machine)).toEqual([]);
    const closed = join(place.path, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    expect(() => writeSpeed(closed, record)).not.toThrow();
    chmodSync(closed, 0o700);
  });
});

describe('describeMachine', () => {
  it('says the same when asked again, and notices what chooses a driver', () => {
    expect(describeMachine({})).toEqual(describeMachine({}));
    expect(describeMachine({ VK_DRIVER_FILES: '/some.json' }).gpus).toContain('VK_DRIVER_FILES=/some.json');
  });
});
