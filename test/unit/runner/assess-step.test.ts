import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Step } from '../../../src/core/plan.ts';
import { createSourceDigests } from '../../../src/runner/assess-step.ts';
import { temporaryFolder } from '../../support/clade.ts';
import { FakeStore, fakePlan } from '../../support/fake-runner.ts';

let place = temporaryFolder();
beforeEach(() => {
  place = temporaryFolder();
  install('torch 2.14');
});
afterEach(() => place.remove());

const file = () => join(place.path, 'versions');
const install = (what: string) => writeFileSync(file(), `numpy 2.3\n${what}\n`);
const step = (): Step => ({
  ...fakePlan({ a: [] }).steps[0],
  sources: [{ parameter: 'versions', kind: 'output', path: `cat '${file()}'` } as Step['sources'][number]],
});
const linesOf = async (digests: Promise<{ readonly [parameter: string]: object }>) =>
  Object.keys((await digests).versions);

describe.skipIf(process.platform === 'win32')('what commands print', () => {
  it('is asked once for all steps, and for those that end soon after', async () => {
    const sources = createSourceDigests(new FakeStore());
    expect(await linesOf(sources.of(step()))).toEqual(['numpy 2.3', 'torch 2.14']);
    rmSync(file());
    expect(await linesOf(sources.of(step()))).toEqual(['numpy 2.3', 'torch 2.14']);
    expect(await linesOf(sources.again(step()))).toEqual(['numpy 2.3', 'torch 2.14']);
  });

  it('is asked again when the answer is old, and what comes later goes by the new one', async () => {
    const sources = createSourceDigests(new FakeStore(), 0);
    await sources.of(step());
    install('torch 2.15');
    expect(await linesOf(sources.of(step()))).toEqual(['numpy 2.3', 'torch 2.14']);
    expect(await linesOf(sources.again(step()))).toEqual(['numpy 2.3', 'torch 2.15']);
    expect(await linesOf(sources.of(step()))).toEqual(['numpy 2.3', 'torch 2.15']);
  });
});
