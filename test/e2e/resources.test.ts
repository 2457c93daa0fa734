import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clade, eventsOf, temporaryFolder } from '../support/clade.ts';

/** Four steps, and no data from outside. */
const pipeline = (policy: string) => `name: shared
params: { draw: 0 }
stages:
  heads:
    uses: ingest
    with: { source: phantom, subjects: 3, seed: "\${{ params.draw }}" }
    ${policy}
sweep: { grid: { draw: [0, 1, 2, 3] } }
`;

let place = temporaryFolder();
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());

const run = (policy: string, ...options: string[]) => {
  writeFileSync(join(place.path, 'shared.yaml'), pipeline(policy));
  return clade(['run', 'shared.yaml', '--json', ...options], { cwd: place.path });
};

/** The most steps that were on at once, by the events. */
function mostAtOnce(stdout: string): number {
  let [now, most] = [0, 0];
  for (const { event } of eventsOf(stdout)) {
    if (event === 'step-started') most = Math.max(most, ++now);
    if (event === 'step-finished') now--;
  }
  return most;
}

describe('what steps share out', () => {
  it('is refused before anything runs where a step can never have it', async () => {
    const { exitCode, stderr } = await run('resources: { gpu: 1 }', '--gpus', '0');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('heads needs 1 GPU and there are no GPUs');
    expect(existsSync(join(place.path, 'artifacts'))).toBe(false);
  });

  it('keeps steps that need all cores, or the one GPU, from running at once', async () => {
    const cores = await run('resources: { cpu: 2 }', '--cpus', '2');
    expect(cores.exitCode, cores.stderr).toBe(0);
    expect(mostAtOnce(cores.stdout)).toBe(1);
    const gpu = await run('resources: { gpu: 1 }', '--cpus', '4', '--gpus', '1', '--artifacts', 'other');
    expect(mostAtOnce(gpu.stdout)).toBe(1);
  });

  it('lets two steps at a time have half of one GPU each', async () => {
    const { exitCode, stdout, stderr } = await run('resources: { gpu: 0.5 }', '--cpus', '4', '--gpus', '1');
    expect(exitCode, stderr).toBe(0);
    expect(mostAtOnce(stdout)).toBe(2);
  });

  it('lets as many run as there are cores, and as -j allows', async () => {
    const free = await run('', '--cpus', '3');
    expect(mostAtOnce(free.stdout)).toBeGreaterThan(1);
    expect(mostAtOnce(free.stdout)).toBeLessThanOrEqual(3);
    const one = await run('', '--cpus', '3', '-j', '1', '--artifacts', 'other');
    expect(mostAtOnce(one.stdout)).toBe(1);
  });

  it('changes no fingerprint', async () => {
    await run('');
    const { stdout } = await run('resources: { cpu: 2, memoryMiB: 1 }', '--cpus', '2');
    expect(eventsOf(stdout).at(-1)).toMatchObject({ steps: { reused: 4, executed: 0 } });
  });

  it('executes a step that asks for more memory than there is, and says that it is alone', async () => {
    const { exitCode, stdout } = await run('resources: { memoryMiB: 900000000 }', '--cpus', '4');
    expect(exitCode).toBe(0);
    expect(mostAtOnce(stdout)).toBe(1);
    expect(eventsOf(stdout)[0]).toMatchObject({
      notes: [expect.stringContaining('heads asks for 900000000 MiB of memory')],
    });
  });
});
