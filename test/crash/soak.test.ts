import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createRandom, type Random } from '../../src/core/random.ts';
import { until } from '../support/until.ts';
import {
  type CommandEnd,
  copyPlace,
  type Inventory,
  makePlace,
  names,
  type Place,
  runClade,
  startClade,
  takeInventory,
  wholeEvents,
} from './support/crash-place.ts';
import { FLIPPED, listFiles } from './support/damage.ts';
import { expectInOrder, expectPlainWords, processesIn } from './support/expect-in-order.ts';

/**
 * Several terminals on one folder: runs of a sweep, of the same steps or of some, and beside them people who look
 * and who collect; each command is killed, interrupted or left alone, at moments drawn by a seed. While it goes on,
 * what was published stays what and where it was; in the end everything is as if one run had been let alone.
 */
const ROUNDS = process.env.CLADE_CRASH === 'all' ? 12 : 1;
const COMMANDS = process.env.CLADE_CRASH === 'all' ? 60 : 14;

const REFERENCE = `'\${{ params.embeddingDim }}'`;
/** Two embeddings × five seeds, the numbers of all points in one file. */
const SWEEP = `  all:
    uses: command
    needs: { text: fragile }
    over: [embeddingDim, seed]
    with: { run: 'cat "$IN_TEXT"/*/n > "$OUT/all"', outputs: [all] }
sweep: { grid: { embeddingDim: [2, 3], seed: [1, 2, 3, 4, 5] } }
params: { embeddingDim: 2 }
`;

let fresh: Place;
let undisturbed: Inventory;

beforeAll(async () => {
  fresh = makePlace((text) => text.replace('embeddingDim: 2', `embeddingDim: ${REFERENCE}`) + SWEEP);
  const place = copyPlace(fresh);
  const end = await runClade(place);
  undisturbed = takeInventory(place.artifacts);
  expectInOrder(place, end, { undisturbed });
  place.remove();
}, 120_000);
afterAll(() => fresh.remove());

const RUNS: readonly (readonly string[])[] = [
  ['run', 'crash.yaml', '--json', '--jobs', '2'],
  ['run', 'crash.yaml', '--json', '--jobs', '1', '--keep-going'],
  ['run', 'crash.yaml', '--json', '--only', 'pretrain'],
  ['run', 'crash.yaml', '--json', '--only', 'fragile'],
];
const LOOKS: readonly (readonly string[])[] = [
  ['ls', '--json'],
  ['status', '--json'],
  ['show', 'latest', '--json'],
  ['compare', 'latest', '--json'],
  ['why', 'crash.yaml', 'split', '--json'],
  ['verify', '--json'],
  ['gc', '--json'],
  ['reindex'],
];

/** What costs artifacts that are there: they are made again, and nothing else is. */
const LOSSES: readonly (readonly string[])[] = [
  ['gc', '--keep-runs', '1', '--unreferenced', '0', '--json'],
  ['gc', '--max-size', '10kB', '--unreferenced', '0', '--json'],
  ['index deleted'],
  ['artifact deleted'],
  ['file changed'],
];

type Fate =
  | 'alone'
  | 'interrupted'
  | 'terminated'
  | 'killed'
  | 'group killed'
  | 'worker killed'
  | 'stopped a while';
const FATES: readonly Fate[] = [
  'alone',
  'interrupted',
  'terminated',
  'killed',
  'group killed',
  'group killed',
  'worker killed',
  'stopped a while',
];

const folderOf = (place: Place, fingerprint: string) =>
  join(place.artifacts, 'objects', fingerprint.slice(0, 2), fingerprint);

/** What no command does, but a person, or a disk. */
function harm(place: Place, what: string, random: Random): void {
  if (what === 'index deleted') {
    for (const name of names(place.artifacts).filter((one) => one.startsWith('lineage.db')))
      rmSync(join(place.artifacts, name), { force: true });
    return;
  }
  const folders = Object.keys(takeInventory(place.artifacts)).map((one) => folderOf(place, one));
  if (folders.length === 0) return;
  const folder = folders[random.integer(folders.length)];
  if (what === 'artifact deleted') rmSync(folder, { recursive: true, force: true });
  const files = listFiles(folder);
  if (what === 'file changed' && files.length > 0)
    FLIPPED.inflict(join(folder, files[random.integer(files.length)]));
}

/** One command, from its start to the end of all that it started, and what is done to it meanwhile. */
async function endure(
  place: Place,
  args: readonly string[],
  fate: Fate,
  random: Random,
): Promise<CommandEnd> {
  const { pid, ended } = startClade(place, args);
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const send = (to: number, signal: NodeJS.Signals) => {
    try {
      if (!over) process.kill(to, signal);
    } catch {
      // it has just ended
    }
  };
  if (fate === 'alone') return await ended;
  await Promise.race([ended, sleep(200 + random.integer(1500))]);
  if (fate === 'interrupted') send(-pid, 'SIGINT');
  if (fate === 'terminated') send(pid, 'SIGTERM');
  if (fate === 'killed') send(pid, 'SIGKILL');
  if (fate === 'group killed') send(-pid, 'SIGKILL');
  if (fate === 'worker killed') for (const worker of childrenOf(pid)) send(worker, 'SIGKILL');
  if (fate === 'stopped a while') {
    send(-pid, 'SIGSTOP');
    await sleep(random.integer(1500));
    send(-pid, 'SIGCONT');
  }
  return await ended;
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return []; // it has ended, or the system has no such file
  }
}

/** Where each artifact lies: another inode would say that it was made again, though it was there. */
function whereabouts(place: Place): Map<string, number> {
  const lying = new Map<string, number>();
  for (const [fingerprint, { sound }] of Object.entries(takeInventory(place.artifacts))) {
    expect(sound, fingerprint).toBe(true);
    lying.set(fingerprint, statSync(folderOf(place, fingerprint)).ino);
  }
  return lying;
}

/** A run that meets what was harmed fails by name; whoever looks before there is a run is told so. */
const FAIR: readonly (number | null)[] = [0, 1, 3];
const NOTHING_YET = /there is no run|no pipeline has run/;

interface Task {
  readonly args: readonly string[];
  readonly fate: Fate;
  readonly random: Random;
}

describe('several commands at once, each ended at some moment', () => {
  const rounds = (kind: string) => Array.from({ length: ROUNDS }, (_, round) => `${kind} ${round}`);
  let place: Place;
  let story: string[];

  beforeEach(() => {
    place = copyPlace(fresh);
    story = [];
    const mine = place;
    onTestFinished(() => mine.remove());
  });

  it.each(
    rounds('runs'),
  )('%s: nothing is lost, and the next one ends as if it had been alone', async (seed) => {
    const seen = new Map<string, number>();
    const lookAround = () => {
      for (const [fingerprint, inode] of whereabouts(place)) {
        expect(inode, `${fingerprint}\n${story.join('\n')}`).toBe(seen.get(fingerprint) ?? inode);
        seen.set(fingerprint, inode);
      }
    };
    await soak(seed, [RUNS, RUNS, LOOKS], [0], lookAround);
    const end = await runClade(place);
    expectInOrder(place, end, { undisturbed });
    lookAround();
  }, 600_000);

  it.each(rounds('harms'))('%s: what is lost is made again, and nothing is wrong', async (seed) => {
    await soak(seed, [RUNS, RUNS, LOOKS, LOSSES], FAIR, () => {});
    await startClade(place, ['verify']).ended; // no run looks at what it does not need
    expectInOrder(place, await runClade(place), { undisturbed, quarantined: null, itemsMayLack: true });
  }, 600_000);

  async function soak(
    seed: string,
    kinds: readonly (readonly (readonly string[])[])[],
    fair: readonly (number | null)[],
    after: () => void,
  ): Promise<void> {
    const random = createRandom(seed);
    const pick = <T>(of: readonly T[]): T => of[random.integer(of.length)];
    const tasks = Array.from(
      { length: COMMANDS },
      (_, at): Task => ({
        args: pick(kinds[at % kinds.length]),
        fate: pick(FATES),
        random: random.fork(`${at}`),
      }),
    );
    const terminal = async () => {
      for (let task = tasks.shift(); task; task = tasks.shift()) {
        if (task.args.length === 1 && task.args[0].includes(' ')) {
          harm(place, task.args[0], task.random);
          story.push(task.args[0]);
        } else story.push(await expectFair(task, fair));
        after();
      }
    };
    const ends = await Promise.allSettled([terminal(), terminal(), terminal()]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await until(() => processesIn(place).length === 0);
  }

  async function expectFair({ args, fate, random }: Task, fair: readonly (number | null)[]): Promise<string> {
    const { exitCode, signal, stdout, stderr } = await endure(place, args, fate, random);
    const title = `clade ${args.join(' ')}, ${fate}: ${exitCode ?? signal}`;
    const isRun = args[0] === 'run';
    const told = { events: isRun ? wholeEvents(stdout) : [], stderr: isRun ? stderr : stderr + stdout };
    expectPlainWords(told);
    if (fate !== 'alone' && fate !== 'stopped a while') return title;
    if (!NOTHING_YET.test(stderr))
      expect(fair, `${title}\n${stderr}\n${story.join('\n')}`).toContain(exitCode);
    return title;
  }
});
