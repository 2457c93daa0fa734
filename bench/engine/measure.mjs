import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { bound, start } from './contestants.mjs';

/** Steps from equal weights whose losses are compared before anything is timed. */
const CHECKED_STEPS = 5;
/** Of losses, relative: float32 sums in another order, some Adam steps later. */
const TOLERANCE = 1e-3;
/** Threads of the one before spin a little longer. */
const PAUSE_MS = 20;

/**
 * Has all contestants compute the same work, first checked against the first one's losses, then in turn.
 * @param turnMs a turn lasts about this long, whoever has it.
 * @returns of each contestant the times of single steps, or why it has none
 */
export async function timeWork(contestants, work, { rounds, turnMs, cores, threads }) {
  const entries = [];
  try {
    for (const contestant of contestants) {
      const running = start(contestant, { cores, threads });
      const entry = { name: contestant.name, own: contestant.own ?? false, running, times: [] };
      entries.push(entry);
      try {
        Object.assign(entry, await prepare(running, work, entries[0].losses));
        tell(`  ${entry.name}: ${entry.failed ?? `ready in ${(entry.prepareMs / 1000).toFixed(1)} s`}`);
      } catch (error) {
        entry.failed = error.message;
        tell(`  ${entry.failed}`);
        if (entry === entries[0]) throw error;
      }
    }
    const sound = entries.filter(({ failed }) => !failed);
    for (const entry of sound) {
      const { ms } = await entry.running.ask({ do: 'time', steps: work.kind === 'epoch' ? 1 : 3 });
      entry.steps = Math.max(1, Math.round(turnMs / Math.min(...ms)));
    }
    for (let round = 0; round < rounds; round++) {
      // Another one begins each time.
      for (let turn = 0; turn < sound.length; turn++) {
        const entry = sound[(round + turn) % sound.length];
        await setTimeout(PAUSE_MS);
        if (work.kind === 'step') await entry.running.ask({ do: 'time', steps: 1 }); // caches are cold
        entry.times.push(...(await entry.running.ask({ do: 'time', steps: entry.steps })).ms);
      }
    }
  } finally {
    await Promise.all(entries.map(({ running }) => running.stop()));
  }
  return entries.map(({ running: _, ...entry }) => entry);
}

async function prepare(running, work, expected) {
  const { losses, weights, ms } = await running.ask({ do: 'prepare', work, steps: CHECKED_STEPS });
  if (expected && !agree(losses, expected, TOLERANCE)) {
    return {
      losses,
      failed: `computes something else: losses ${JSON.stringify(losses.at(-1))}, not ${JSON.stringify(expected.at(-1))}`,
    };
  }
  return { losses, weights, prepareMs: ms };
}

export function agree(got, expected, tolerance) {
  return got.every((row, step) =>
    row.every((loss, part) => {
      const wanted = expected[step][part];
      // A contestant need not compute a loss that it does not train on.
      if (loss === null || wanted === null) return true;
      return Math.abs(loss - wanted) <= tolerance * Math.abs(wanted);
    }),
  );
}

/** Whole processes in turn, from start to end. @returns of each its times and what its last one said */
export async function timePipelines(contestants, { rounds, cores }) {
  const entries = contestants.map((contestant) => ({ ...contestant, times: [], said: null }));
  for (let round = 0; round < rounds; round++) {
    for (const entry of entries) {
      if (entry.failed) continue;
      try {
        await entry.before?.();
        await setTimeout(PAUSE_MS);
        const startedMs = performance.now();
        const said = await runToEnd(entry, cores);
        entry.times.push(performance.now() - startedMs);
        entry.said = (entry.read ?? JSON.parse)(said);
        await entry.after?.();
      } catch (error) {
        entry.failed = error.message;
      }
    }
  }
  const [first, ...others] = entries;
  // `clade run` has a split of its own, and so other losses.
  for (const entry of others) if (!entry.own) entry.failed ??= differs(entry.said, first.said);
  return entries.map(({ name, own, times, failed, said }) => ({
    name,
    own: own ?? false,
    times,
    failed,
    said,
  }));
}

/** Two trainings drift apart in float32; the same protocol still ends at the same losses. */
function differs(got, expected) {
  for (const [name, tolerance] of [
    ['valLoss', 0.1],
    ['inertia', 0.5],
  ]) {
    if (Math.abs(got[name] - expected[name]) > tolerance * expected[name])
      return `computes something else: ${name} ${got[name]}, not ${expected[name]}`;
  }
  return undefined;
}

async function runToEnd({ name, args, env }, cores) {
  const [program, ...rest] = bound(args, cores, 1);
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: env ?? process.env });
  const [out, err] = [[], []];
  child.stdout.on('data', (chunk) => out.push(chunk));
  child.stderr.on('data', (chunk) => err.push(chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0)
    throw new Error(`${name} ended with ${code}: ${Buffer.concat(err).toString().slice(-2000)}`);
  return Buffer.concat(out).toString();
}

function tell(text) {
  process.stderr.write(`${text}\n`);
}
