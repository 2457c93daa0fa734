import { existsSync, readFileSync } from 'node:fs';
import { type FromWorker, type Job, type ToWorker, WORKER_PROTOCOL } from '../core/artifact.ts';
import { failpoint } from '../core/failpoint.ts';
import { toFailure } from '../core/failure.ts';
import { createEngineKeeper } from './engine-keeper.ts';
import { executeJob } from './execute-job.ts';
import { serveMeasurement } from './measure-engine.ts';

/**
 * Three ways to be called: `worker.js` with a channel stays warm and takes one job after the other;
 * `worker.js JOB.json` executes that one and ends (on a cluster). In both the files in the attempt's
 * folder say how it went; the channel only says it sooner. `worker.js --measure`
 * with a channel times one engine and ends.
 */
const engines = createEngineKeeper();
const jobFile = process.argv[2];
if (jobFile === '--measure') {
  await serveMeasurement();
} else if (jobFile) {
  const failure = await executeFile(jobFile, () => {});
  process.exit(failure ? 1 : 0);
} else if (process.send) {
  serve();
} else {
  process.stderr.write('worker: needs a job file, or a channel to a runner\n');
  process.exit(2);
}

function serve(): void {
  const say = (message: FromWorker) => {
    if (process.connected) process.send!(message, () => {}); // the runner may go at any time: its loss is not ours
  };
  let current: { attempt: string; controller: AbortController; ended: Promise<unknown> } | null = null;

  process.on('message', (message: ToWorker) => {
    if (message.type === 'exit') process.exit(0);
    if (message.type === 'cancel' && current?.attempt === message.attempt) {
      current.controller.abort(new DOMException('cancelled', 'AbortError'));
    }
    if (message.type === 'run') start(message.jobFile);
  });
  // A worker whose runner is gone finishes, leaves its result, and ends: the next run finds it.
  process.on('disconnect', () => {
    void (current?.ended ?? Promise.resolve()).then(() => process.exit(0));
  });
  // Ctrl-C and a closed terminal reach the whole process group; the runner decides what they mean.
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  say({ type: 'ready', protocol: WORKER_PROTOCOL, pid: process.pid });

  function start(file: string): void {
    const controller = new AbortController();
    const attempt = attemptOf(file);
    const ended = executeFile(file, say, controller.signal).then((failure) => {
      current = null;
      say({ type: 'ended', attempt, failure });
    });
    current = { attempt, controller, ended };
  }
}

/** `…/attempts/<id>/job.json` → id. */
function attemptOf(file: string): string {
  return file.split(/[\\/]/).at(-2)!;
}

async function executeFile(file: string, say: (message: FromWorker) => void, signal?: AbortSignal) {
  if (!existsSync(file))
    return { reason: 'internal-error' as const, message: `Internal error: no job file ${file}` };
  try {
    const job = JSON.parse(readFileSync(file, 'utf8')) as Job;
    failpoint('worker-job-read');
    const never = new AbortController().signal;
    return await executeJob({ job, engines, say, signal: signal ?? never });
  } catch (thrown) {
    return toFailure(thrown);
  }
}
