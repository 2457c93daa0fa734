import { type ChildProcess, fork } from 'node:child_process';
import { type FromWorker, type ToWorker, WORKER_PROTOCOL } from '../core/artifact.ts';

export interface WorkerProcess {
  readonly pid: number;
  readonly alive: boolean;
  send(message: ToWorker): void;
  kill(): void;
}

export interface WorkerEvents {
  message(message: FromWorker): void;
  /** The process is gone; the last of what it wrote to stderr helps to say why. */
  exit(how: { readonly code: number | null; readonly signal: string | null; readonly stderr: string }): void;
}

const STDERR_KEPT = 4000;

/**
 * Starts a worker; it takes jobs as soon as it has been started, messages wait in its channel.
 * @param env what it sees besides our own environment.
 */
export function startWorkerProcess(
  module: string,
  env: { readonly [name: string]: string },
  events: WorkerEvents,
): WorkerProcess {
  const child: ChildProcess = fork(module, [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // TensorFlow's own log stays quiet.
    env: { ...process.env, ...env, TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '2' },
    execArgv: [],
  });
  let stderr = '';
  let alive = true;
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
  });
  child.on('message', (message: FromWorker) => {
    if (message.type === 'ready' && message.protocol !== WORKER_PROTOCOL) {
      child.kill('SIGKILL'); // an old worker's file beside a new runner: the exit tells
      stderr += `worker speaks protocol ${message.protocol}, the runner ${WORKER_PROTOCOL}: run npm run build`;
      return;
    }
    events.message(message);
  });
  const gone = (code: number | null, signal: string | null) => {
    if (!alive) return;
    alive = false;
    events.exit({ code, signal, stderr });
  };
  child.on('error', (error) => {
    stderr += error.message;
    gone(null, null);
  });
  child.on('exit', gone);
  return {
    pid: child.pid ?? -1,
    get alive() {
      return alive;
    },
    send(message) {
      if (child.connected) child.send(message, () => {}); // a dying worker's exit is what tells
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
