import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { measureSpeed } from '../../../../src/engine/auto/measure-speed.ts';
import { temporaryFolder } from '../../../support/clade.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

/** A process in the worker's place that does this when it is asked. */
function measureWith(whenAsked: string, timeoutMs?: number) {
  const workerModule = join(
    place.path,
    `worker-${Math.abs(whenAsked.length * 31 + whenAsked.charCodeAt(8))}.mjs`,
  );
  writeFileSync(workerModule, `process.on('message', (request) => { ${whenAsked} });`);
  const request = {
    engine: { name: 'wasm', version: '1', kernels: '' },
    workload: { stage: 'pretrain', parameters: {}, imageSize: [8, 8] as const },
    module: '/stage.js',
  };
  return measureSpeed(request, { workerModule, timeoutMs });
}

describe('measureSpeed', () => {
  it('passes on what the process answers, and does not wait for it to end', async () => {
    const answer = await measureWith(
      "process.send({ status: 'works', stepMs: 2, error: request.engine.name === 'wasm' ? 1 : 0 }); setInterval(() => {}, 1000);",
    );
    expect(answer).toEqual({ status: 'works', stepMs: 2, error: 1 });
  });

  it('takes a crash for an engine that does not work, with the signal and the last thing said', async () => {
    expect(
      await measureWith(
        "process.stderr.write('first\\nVulkan is unwell\\n', () => process.kill(process.pid, 'SIGSEGV'));",
      ),
    ).toEqual({ status: 'fails', why: 'its process ended by SIGSEGV: Vulkan is unwell' });
    expect(await measureWith('process.exit(3);')).toEqual({
      status: 'fails',
      why: 'its process ended by exit status 3',
    });
  });

  it('takes one that hangs, even in native code that hears nothing, for an engine that does not work', async () => {
    expect(await measureWith('for (;;);', 300)).toEqual({
      status: 'fails',
      why: 'it gave no answer within 0.3 s',
    });
  });

  it('takes one whose program is not there for an engine that does not work', async () => {
    const speed = await measureSpeed(
      {
        engine: { name: 'wasm', version: '1', kernels: '' },
        workload: { stage: 'pretrain', parameters: {}, imageSize: [8, 8] },
        module: '/stage.js',
      },
      { workerModule: join(place.path, 'nowhere.mjs') },
    );
    expect(speed).toMatchObject({ status: 'fails', why: expect.stringContaining('exit status 1') });
  });
});
