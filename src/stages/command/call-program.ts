import { type ChildProcess, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { failpoint } from '../../core/failpoint.ts';
import { fail } from '../../core/failure.ts';
import { endGroup, guard } from './process-group.ts';

export interface ProgramCall {
  /** Text for `sh -eu`, or a program with its arguments. */
  readonly run: string | readonly string[];
  readonly cwd: string;
  readonly env: { readonly [name: string]: string };
  readonly signal: AbortSignal;
  /** Each line that it prints, when it prints it. */
  readonly heard: (stream: 'stdout' | 'stderr', line: string) => void;
}

const TAIL_LINES = 20;
const LINE_LENGTH = 4000;
/** What a log may come to; of more than that only the end matters, and failures show that. */
const LOGGED_LIMIT = 16 << 20;
/** Shorter than the executor's patience with a worker. */
const GRACE_MS = 2000;

/**
 * Runs a program to its end, and ends all that it started: also what it left in the background, and
 * everything at once when it is cancelled or this process dies.
 * @throws ExpectedFailure command-failed, missing-program; the signal's reason when cancelled.
 */
export async function callProgram({ run, cwd, env, signal, heard }: ProgramCall): Promise<void> {
  signal.throwIfAborted();
  const [program, ...args] = typeof run === 'string' ? ['sh', '-eu', '-c', run] : run;
  const posix = process.platform !== 'win32';
  const child = spawn(program, args, {
    cwd,
    env,
    detached: posix, // a process group of its own
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const unguard = child.pid === undefined ? () => {} : guard(child.pid);
  failpoint('command-started');
  const tail: string[] = [];
  hear(child, (stream, line) => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    heard(stream, line);
  });
  let timer: NodeJS.Timeout | null = null;
  const cancel = () => {
    endGroup(child.pid, 'SIGTERM');
    timer = setTimeout(() => endGroup(child.pid, 'SIGKILL'), GRACE_MS);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const { code, killedBy } = await ending(child, typeof run === 'string');
    signal.throwIfAborted();
    failpoint('command-ended');
    if (code === 0) return;
    const how = killedBy ? `was ended by ${killedBy}` : `ended with status ${code}`;
    fail(
      'command-failed',
      [`the command ${how}`, ...(tail.length > 0 ? ['the last that it printed:', ...tail] : [])].join('\n'),
    );
  } finally {
    signal.removeEventListener('abort', cancel);
    if (timer) clearTimeout(timer);
    if (posix) endGroup(child.pid, 'SIGKILL'); // what it left in the background
    unguard();
  }
}

interface Ending {
  readonly code: number | null;
  readonly killedBy: string | null;
}

/** Its exit, and then what is still in its pipes; a process in the background may hold these open for ever. */
function ending(child: ChildProcess, shell: boolean): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => reject(explainStart(error, child.spawnfile, shell)));
    child.on('exit', (code, killedBy) => {
      const done = () => resolve({ code, killedBy });
      child.on('close', done);
      endGroup(process.platform === 'win32' ? undefined : child.pid, 'SIGKILL');
      setTimeout(done, GRACE_MS).unref();
    });
  });
}

function explainStart(error: NodeJS.ErrnoException, program: string, shell: boolean): unknown {
  try {
    if (error.code === 'ENOENT' && shell)
      fail(
        'missing-program',
        "there is no 'sh' on this machine's PATH: write 'run' as a list, [program, argument, …], which needs no shell",
      );
    if (error.code === 'ENOENT') fail('missing-program', `there is no program '${program}' on the PATH`);
    if (error.code === 'EACCES') fail('missing-program', `'${program}' may not be executed`);
    return error;
  } catch (failure) {
    return failure;
  }
}

function hear(child: ChildProcess, line: ProgramCall['heard']): void {
  let logged = 0;
  const say = (stream: 'stdout' | 'stderr', text: string) => {
    if (logged > LOGGED_LIMIT) return;
    logged += text.length;
    line(
      stream,
      logged > LOGGED_LIMIT ? '(what it prints from here on is not kept)' : text.slice(0, LINE_LENGTH),
    );
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    child[stream]?.on('data', (chunk: Buffer) => {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop()!;
      if (rest.length > LINE_LENGTH) {
        lines.push(rest);
        rest = '';
      }
      for (const text of lines) say(stream, text.replace(/\r$/, ''));
    });
    child[stream]?.on('end', () => {
      if (rest !== '') say(stream, rest);
    });
  }
}
