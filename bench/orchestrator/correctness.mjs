import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { killGroup, Workspace } from './workspace.mjs';

/** Says when it starts and ends, and writes its output in two halves with a pause between them. */
const PROGRAM = `import helper, os, sys, time
source, target, log, name, seconds, letter = sys.argv[1:7]


def note(word):
    with open(log, 'a') as file:
        file.write(f'{word} {name} {os.getpid()}\\n')


note('start')
text = helper.transform(open(source).read()) + letter + '\\n'
with open(target, 'w') as file:
    file.write(text[: len(text) // 2])
    file.flush()
    time.sleep(float(seconds))
    file.write(text[len(text) // 2 :])
note('end')
`;
const HELPER = `def transform(text):
    return text.upper()
`;
const SOURCE = 'a small file, all of which should come out in capitals\n';
const RIGHT = `${SOURCE.toUpperCase()}A\n`;

/** Each row of the table: really done, with one tool. `ok` says whether it kept what a cache promises. */
export const TESTS = [
  {
    name: 'half output left by kill -9',
    async try(work) {
      work.declare([stage(work, 'slow', { seconds: 2 })]);
      const run = work.start();
      await work.until(() => work.executions('slow') === 1);
      await pause(300);
      await killAll(work, run);
      const again = await work.run();
      if (again.code !== 0) return { verdict: 'refuses', ok: false };
      return work.read('slow') === RIGHT
        ? { verdict: 'rerun', ok: true }
        : { verdict: 'accepted', ok: false };
    },
  },
  {
    name: 'finished work lost by the kill (of 8)',
    async try(work) {
      const quick = Array.from({ length: 8 }, (_, index) => stage(work, `quick-${index}`));
      work.declare([...quick, stage(work, 'slow', { needs: quick.map(({ name }) => name), seconds: 3 })]);
      const run = work.start();
      await work.until(() => work.executions('slow') === 1);
      await killAll(work, run);
      const again = await work.run();
      const lost = quick.filter(({ name }) => work.executions(name) > 1).length;
      return again.code === 0 ? { verdict: String(lost), ok: lost === 0 } : { verdict: 'refuses', ok: false };
    },
  },
  {
    name: 'the runner dies, its stage lives on, started again',
    async try(work) {
      // One tool's lock is believed for ten seconds.
      work.declare([stage(work, 'slow', { seconds: 13 })]);
      const run = work.start();
      await work.until(() => work.executions('slow') === 1);
      for (const pid of firstOf(run.child.pid, work.tool.launchers ?? 1)) process.kill(pid, 'SIGKILL');
      await run.ended;
      const again = await work.run();
      const overlap = overlaps(work.log(), 'slow');
      killGroup(run.child);
      if (overlap) return { verdict: 'two writers', ok: false };
      if (again.code !== 0) return { verdict: 'refuses', ok: false };
      return work.read('slow') === RIGHT
        ? { verdict: 'one writer', ok: true }
        : { verdict: 'partial', ok: false };
    },
  },
  {
    name: 'two runs started together',
    async try(work) {
      work.declare(Array.from({ length: 6 }, (_, index) => stage(work, `s${index}`, { seconds: 0.4 })));
      const runs = [work.start(), work.start()];
      const ends = await Promise.all(runs.map(({ done }) => done));
      const names = Array.from({ length: 6 }, (_, index) => `s${index}`);
      const twice = names.filter((name) => work.executions(name) > 1).length;
      const both = names.filter((name) => overlaps(work.log(), name)).length;
      const refused = ends.filter(({ code }) => code !== 0).length;
      if (both > 0) return { verdict: `two writers in ${both} of 6`, ok: false };
      if (refused > 0) return { verdict: 'second refused', ok: false };
      return twice > 0 ? { verdict: `${twice} of 6 twice`, ok: false } : { verdict: 'each once', ok: true };
    },
  },
  {
    name: 'output unchanged: the rebuild stops there',
    async try(work) {
      work.declare([stage(work, 'first'), stage(work, 'second', { needs: ['first'] })]);
      await work.run();
      await pause(1100);
      work.file('in.txt', SOURCE.replace('a small', 'A small'));
      await work.run();
      if (work.executions('first') !== 2) return { verdict: 'first not rerun', ok: false };
      return work.executions('second') === 1 ? { verdict: 'yes', ok: true } : { verdict: 'no', ok: false };
    },
  },
  {
    name: '`touch` only',
    async try(work) {
      work.declare([stage(work, 'only')]);
      await work.run();
      await pause(1100);
      const now = new Date();
      for (const name of ['in.txt', 'work.py', 'helper.py']) utimesSync(join(work.folder, name), now, now);
      await work.run();
      return rerunVerdict(work, 'only', 'skips');
    },
  },
  {
    name: 'final output tampered with',
    try: (work) => tamper(work, { keepTime: false }),
  },
  {
    name: 'the same, old mtime put back',
    try: (work) => tamper(work, { keepTime: true }),
  },
  {
    name: 'rotten blob in the cache',
    async try(work) {
      const { tool, folder } = work;
      if (!tool.cache) return { verdict: 'no cache', ok: null };
      work.declare([stage(work, 'only')]);
      await work.run();
      const blobs = filesBelow(join(folder, tool.cache)).filter(
        (path) => readFileSync(path, 'utf8') === RIGHT,
      );
      if (blobs.length === 0) return { verdict: 'no blob found', ok: null };
      for (const path of blobs) overwrite(path, RIGHT.replace('SMALL', 'WRONG'), { keepTime: true });
      rmSync(join(folder, 'out', 'only.txt'), { force: true });
      const again = await work.run();
      if (again.code !== 0) return { verdict: 'refuses', ok: false };
      return work.read('only') === RIGHT
        ? { verdict: 'detected', ok: true }
        : { verdict: 'served', ok: false };
    },
  },
  {
    name: 'comment edited in the script',
    async try(work) {
      work.declare([stage(work, 'only')]);
      await work.run();
      await pause(1100);
      work.file('work.py', `# says what it does\n${PROGRAM}`);
      await work.run();
      return rerunVerdict(work, 'only', 'skips');
    },
  },
  {
    name: 'helper edited that the script imports',
    async try(work) {
      work.declare([stage(work, 'only')]);
      await work.run();
      await pause(1100);
      work.file('helper.py', HELPER.replace('upper', 'lower'));
      await work.run();
      const got = work.read('only');
      return got === `${SOURCE.toLowerCase()}A\n`
        ? { verdict: 'reruns', ok: true }
        : { verdict: 'stale', ok: false };
    },
  },
  {
    name: 'two targets share a stage, run at the same time',
    async try(work) {
      const shared = stage(work, 'shared', { seconds: 1 });
      work.declare([shared, ...['a', 'b'].map((name) => stage(work, name, { needs: ['shared'] }))]);
      await Promise.all(['a', 'b'].map((name) => work.run(name)));
      const times = work.executions('shared');
      const got = ['a', 'b'].every((name) => work.executions(name) === 1);
      if (!got) return { verdict: 'one was refused', ok: false };
      return times === 1 ? { verdict: 'once', ok: true } : { verdict: 'twice', ok: false };
    },
  },
  {
    name: 'parameter A → B → A',
    async try(work) {
      for (const letter of ['A', 'B', 'A']) {
        work.declare([stage(work, 'only', { letter })]);
        await work.run();
        if (work.read('only') !== RIGHT.replace(/A\n$/, `${letter}\n`))
          return { verdict: `the file is not ${letter}'s`, ok: false };
        await pause(1100);
      }
      const times = work.executions('only');
      return times === 2 ? { verdict: 'restored', ok: true } : { verdict: 'recomputed', ok: false };
    },
  },
];

/** @returns the verdict of one test with one tool; a tool that hangs or breaks is a verdict too. */
export async function tryOne(test, tool, place) {
  const work = new Workspace(tool, place);
  work.file('in.txt', SOURCE);
  work.file('work.py', PROGRAM);
  work.file('helper.py', HELPER);
  try {
    return await test.try(work);
  } catch (error) {
    return { verdict: `broke: ${error.message}`, ok: false };
  } finally {
    work.remove();
  }
}

/** The program on the source, or on the output of the first stage that it needs. */
function stage(work, name, { needs = [], seconds = 0, letter = 'A' } = {}) {
  return {
    name,
    needs,
    // The helper is declared to no tool: nine of nine that were tried did not see it change.
    sources: needs.length > 0 ? ['work.py'] : ['work.py', 'in.txt'],
    command: ({ input, output }) =>
      `python3 work.py ${needs.length > 0 ? input(needs[0]) : 'in.txt'} ${output} ${work.logFile} ${name} ${seconds} ${letter}`,
  };
}

async function tamper(work, { keepTime }) {
  work.declare([stage(work, 'only')]);
  await work.run();
  await pause(1100);
  overwrite(work.tool.output(work.folder, 'only'), RIGHT.replace('SMALL', 'WRONG'), { keepTime });
  const again = await work.run();
  if (work.read('only') !== RIGHT) return { verdict: again.code === 0 ? 'missed' : 'refuses', ok: false };
  return { verdict: work.executions('only') > 1 ? 'reruns' : 'repaired', ok: true };
}

/** `keepTime` puts the time back to the nanosecond, which Node's own utimes cannot. */
function overwrite(path, text, { keepTime }) {
  const clock = `${path}.clock`;
  chmodSync(dirname(path), 0o755);
  execFileSync('touch', ['-r', path, clock]);
  chmodSync(path, 0o644);
  writeFileSync(path, text);
  if (keepTime) execFileSync('touch', ['-r', clock, path]);
  rmSync(clock);
}

function rerunVerdict(work, name, otherwise) {
  const rerun = work.executions(name) > 1;
  return { verdict: rerun ? 'reruns' : otherwise, ok: !rerun };
}

/** Whether one process of a stage started while another was between its start and its end, and lived. */
function overlaps(log, stage) {
  const running = new Set();
  for (const { word, stage: name, pid } of log) {
    if (name !== stage) continue;
    if (
      word === 'start' &&
      running.size > 0 &&
      log.some((other) => other.word === 'end' && running.has(other.pid))
    )
      return true;
    if (word === 'start') running.add(pid);
    else running.delete(pid);
  }
  return false;
}

/** The whole tree, as a power cut would end it: workers that left the group included. */
async function killAll(work, run) {
  killGroup(run.child);
  for (const pid of strays(work.folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }
  await run.ended;
  await pause(100);
}

/** Processes that stand in the folder, or name it in their command line. */
function strays(folder) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** A process and those below it, one a generation, so many of them. */
function firstOf(pid, count) {
  if (count === 1) return [pid];
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return [pid, ...firstOf(Number(child), count - 1)];
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
