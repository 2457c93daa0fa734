import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withInstallLock } from '../../../../src/engine/tensorflow/install-lock.ts';
import { temporaryFolder } from '../../../support/clade.ts';

let place: ReturnType<typeof temporaryFolder>;
let lock: string;
beforeEach(() => {
  place = temporaryFolder();
  lock = join(place.path, 'install.lock');
});
afterEach(() => place.remove());

const hold = (holder: object) => writeFileSync(lock, JSON.stringify(holder));
const now = () => new Date().toISOString();
const atWork = {
  failure: {
    reason: 'engine-unavailable',
    message: expect.stringMatching(/another install is at work.*install\.lock/),
  },
};

describe('withInstallLock', () => {
  it('lets one work at a time, and the next when it is done or has failed', async () => {
    await withInstallLock(place.path, async () => {
      await expect(withInstallLock(place.path, async () => 1)).rejects.toMatchObject(atWork);
    });
    await expect(
      withInstallLock(place.path, async () => {
        throw new Error('failed');
      }),
    ).rejects.toThrow('failed');
    expect(existsSync(lock)).toBe(false);
    expect(await withInstallLock(place.path, async () => 2)).toBe(2);
  });

  it('takes over from a process that is gone, and from one that was killed while it wrote', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    hold({ pid, host: hostname(), since: now() });
    expect(await withInstallLock(place.path, async () => 1)).toBe(1);
    writeFileSync(lock, '{"pid": 1');
    expect(await withInstallLock(place.path, async () => 2)).toBe(2);
  });

  it('believes another machine for an hour', async () => {
    hold({ pid: 1, host: 'another', since: now() });
    await expect(withInstallLock(place.path, async () => 1)).rejects.toMatchObject(atWork);
    hold({ pid: 1, host: 'another', since: '2020-01-01T00:00:00.000Z' });
    expect(await withInstallLock(place.path, async () => 1)).toBe(1);
  });
});
