import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, openBrowser } from '../../scripts/browser.mjs';
import { BIN, clade, temporaryFolder } from '../support/clade.ts';
import { until } from '../support/until.ts';

/** Two steps that are reused, and one that says that it has begun and waits for leave to end. */
const pipeline = (folder: string) => `stages:
  first: { uses: command, with: { run: 'echo 1 > "$OUT/n"' } }
  second: { uses: command, needs: { n: first }, with: { run: 'cat "$IN_N/n" > "$OUT/n"' } }
  slow:
    uses: command
    needs: { n: second }
    with: { run: 'cd ${folder}; touch begun; until test -e go; do sleep 0.05; done; echo 1 > "$OUT/n"' }
`;

let place = temporaryFolder();
const call = async (...args: string[]) => (await clade(args, { cwd: place.path })).stdout;
const run = () => execa('node', [BIN, 'run', 'p.yaml'], { cwd: place.path, reject: false });

beforeEach(async () => {
  place = temporaryFolder();
  writeFileSync(join(place.path, 'p.yaml'), pipeline(place.path));
  await call('run', 'p.yaml', '--only', 'second');
});
afterEach(() => place.remove());

/** What all commands say of the run that is on, or of the one that was just killed. */
async function look() {
  const [{ status, counts }] = JSON.parse(await call('ls', '--json')).runs;
  const shown = JSON.parse(await call('show', '--json'));
  const steps = shown.steps.map((step: { stepId: string; verdict: string }) => [step.stepId, step.verdict]);
  return { status, reused: counts.reused, steps, running: shown.running?.[0]?.stepId };
}

const REUSED = [
  ['first', 'reused'],
  ['second', 'reused'],
];

describe.skipIf(process.platform === 'win32')('a run that is on', () => {
  it('shows in every command what was reused and what runs, while its first step takes its time', async () => {
    const running = run();
    await until(() => existsSync(join(place.path, 'begun')));
    const expected = { status: 'running', reused: 2, steps: REUSED, running: 'slow' };
    await expect.poll(look, { timeout: 10_000 }).toEqual(expected);
    expect(await call('show')).toMatch(/: 2 of 3 steps settled\n\nrunning .*\n.*\nslow /);
    expect(await call('status')).toMatch(/ +2 +0 .*\n\n.*: 2 of 3 steps settled/);
    writeFileSync(join(place.path, 'go'), '');
    await running;
    expect(await call('show')).not.toContain('settled');
  });

  it('has the same counts in every command, of all steps that were planned', async () => {
    const running = run();
    await until(() => existsSync(join(place.path, 'begun')));
    const counts = { total: 3, executed: 0, reused: 2, failed: 0, skipped: 0 };
    const ls = async () => JSON.parse(await call('ls', '--json')).runs[0].counts;
    await expect.poll(ls, { timeout: 10_000 }).toEqual(counts);
    expect(JSON.parse(await call('show', '--json')).run.counts).toEqual(counts);
    const status = JSON.parse(await call('status', '--json'));
    expect([status.running[0].counts, status.latest.counts]).toEqual([counts, counts]);
    writeFileSync(join(place.path, 'go'), '');
    await running;
    expect(await ls()).toEqual({ ...counts, executed: 1 });
  });

  it('keeps its counts when it is killed', async () => {
    const running = run();
    await until(() => existsSync(join(place.path, 'begun')));
    await expect.poll(look, { timeout: 10_000 }).toMatchObject({ reused: 2 });
    running.kill('SIGKILL');
    await running;
    expect(await look()).toEqual({ status: 'interrupted', reused: 2, steps: REUSED, running: undefined });
    writeFileSync(join(place.path, 'go'), '');
  });
});

const chromium = findChromium();

describe.skipIf(process.platform === 'win32' || !chromium)('a page that is served while a run is on', () => {
  it('shows by itself how the run ended, also where that was the moment after it was loaded', async () => {
    const running = run();
    await until(() => existsSync(join(place.path, 'begun')));
    const server = execa('node', [BIN, 'serve', '--port', '0'], { cwd: place.path, reject: false });
    const url = await new Promise<string>((resolve) => {
      server.stdout.on('data', (chunk) => resolve(String(chunk).trim().split('\n')[0]));
    });
    const browser = await openBrowser(chromium!);
    try {
      await browser.open(url);
      const text = () => browser.evaluate<string>('document.body.innerText');
      expect(await text()).toContain(' running ');
      writeFileSync(join(place.path, 'go'), '');
      await running;
      await expect.poll(text, { timeout: 15_000 }).toMatch(/ succeeded .*: 1 executed, 2 reused/);
    } finally {
      await browser.close();
      server.kill('SIGINT');
      await server;
    }
  }, 60_000);
});
