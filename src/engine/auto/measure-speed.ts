import { type ChildProcess, fork } from 'node:child_process';
import type { EngineIdentity } from '../../core/trainable.ts';
import type { WorkloadRequest } from '../../core/workload.ts';
import type { Speed } from './speed-store.ts';

/** What the measuring process is sent, and what it answers. */
export interface MeasureRequest {
  readonly engine: EngineIdentity;
  readonly workload: WorkloadRequest;
  /** The stage's module, absolute. */
  readonly module: string;
}
export type MeasureAnswer = Speed;

export interface MeasureOptions {
  /** The worker's bundle, absolute. */
  readonly workerModule: string;
  readonly timeoutMs?: number;
}

/** Opening an engine, compiling its programs and some training steps take less on all that works. */
const TIMEOUT_MS = 60_000;

/** Times an engine in a process of its own, so that one that crashes or hangs is an answer too. */
export function measureSpeed(
  request: MeasureRequest,
  { workerModule, timeoutMs = TIMEOUT_MS }: MeasureOptions,
): Promise<Speed> {
  return new Promise((resolve) => {
    const child: ChildProcess = fork(workerModule, ['--measure'], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: process.env['TF_CPP_MIN_LOG_LEVEL'] ?? '2' },
      execArgv: [],
    });
    let said = '';
    const end = (speed: Speed) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.stderr?.destroy();
      child.kill('SIGKILL');
      resolve(speed);
    };
    const fails = (why: string) => end({ status: 'fails', why });
    const timer = setTimeout(() => fails(`it gave no answer within ${timeoutMs / 1000} s`), timeoutMs);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
    child.on('message', (answer: MeasureAnswer) => end(answer));
    child.on('error', ({ message }) => fails(`its process could not be started: ${message}`));
    child.on('close', (code, signal) => {
      const last = said.trim().split('\n').at(-1);
      fails(`its process ended by ${signal ?? `exit status ${code}`}${last ? `: ${last}` : ''}`);
    });
    child.send(request, () => {}); // a child that is gone already says so by its exit
  });
}
