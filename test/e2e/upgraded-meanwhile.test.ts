import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/core/declaration.ts';
import { eventsOf, ROOT, temporaryFolder } from '../support/clade.ts';
import { until } from '../support/until.ts';

/** `slow` says that it has begun and waits for leave to end; `ingest` comes after it. */
const pipeline = (gate: string) => `stages:
  slow:
    uses: command
    retries: 1
    with: { run: 'cd ${gate}; echo $PPID >> begun; until test -e go; do sleep 0.05; done; echo > "$OUT/n"' }
  ingest: { uses: ingest, with: { source: phantom, subjects: 3, size: 16 } }
`;

let place = temporaryFolder();
const at = (...path: string[]) => join(place.path, ...path);
const DIST = 'clade/dist';

/** clade as it is installed, in a folder where it can be upgraded. */
beforeEach(() => {
  place = temporaryFolder();
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(join(ROOT, name), at('clade', name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), at('clade/node_modules'), 'junction');
  mkdirSync(at('gate'));
  writeFileSync(at('p.yaml'), pipeline(at('gate')));
});
afterEach(() => place.remove());

async function run() {
  const { exitCode, stdout } = await execa(
    'node',
    [at('clade/bin/clade.js'), 'run', 'p.yaml', '--json', '--jobs', '1', '--cpus', '1', '--keep-going'],
    { cwd: place.path, env: { CLADE_ENGINE: 'wasm' }, reject: false },
  );
  return { exitCode, events: eventsOf(stdout) };
}

async function runWhile(work: (worker: number) => void) {
  const running = run();
  await until(() => existsSync(at('gate/begun')) && readFileSync(at('gate/begun'), 'utf8').endsWith('\n'));
  work(Number(readFileSync(at('gate/begun'), 'utf8').trim().split('\n')[0]));
  writeFileSync(at('gate/go'), '');
  return running;
}

const failed = ({ events }: Awaited<ReturnType<typeof run>>) =>
  events.flatMap((event) => (event.event === 'step-failed' ? [[event.stepId, event.reason]] : []));

function change(file: string, alter: (text: string) => string): void {
  const text = readFileSync(at(DIST, file), 'utf8');
  expect(alter(text)).not.toBe(text);
  writeFileSync(at(DIST, file), alter(text));
}

describe.skipIf(process.platform === 'win32')('clade that is upgraded while a run is on', () => {
  it('computes no step by code that its fingerprint does not name: the step fails', async () => {
    const ended = await runWhile(() => change('stages/ingest.js', (text) => `${text}\n// another build\n`));
    expect(failed(ended)).toEqual([['ingest', 'code-changed']]);
    const catalogue = JSON.parse(readFileSync(at(DIST, 'catalogue.json'), 'utf8')) as Catalogue;
    expect(Object.values(catalogue.stages).every(({ bundle }) => /^[0-9a-f]{64}$/.test(bundle))).toBe(true);
  });

  it('has no worker of another build take a job', async () => {
    const { worker } = JSON.parse(readFileSync(at(DIST, 'catalogue.json'), 'utf8')) as Catalogue;
    const ended = await runWhile((pid) => {
      change('worker-main.js', (text) => text.replace(worker, 'f'.repeat(64)));
      process.kill(pid, 'SIGKILL'); // the next one is of the new build
    });
    expect(failed(ended).sort()).toEqual([
      ['ingest', 'code-changed'],
      ['slow', 'code-changed'],
    ]);
  });

  it('says so where modules of the old build are gone', async () => {
    const ended = await runWhile(() => rmSync(at(DIST, 'chunks'), { recursive: true }));
    expect(failed(ended)).toEqual([['ingest', 'code-changed']]);
  });

  it('does not mind a build that came out the same', async () => {
    const ended = await runWhile(() => {
      const text = readFileSync(at(DIST, 'stages/ingest.js'), 'utf8');
      rmSync(at(DIST, 'stages/ingest.js'));
      writeFileSync(at(DIST, 'stages/ingest.js'), text);
    });
    expect([ended.exitCode, failed(ended)]).toEqual([0, []]);
  });
});
