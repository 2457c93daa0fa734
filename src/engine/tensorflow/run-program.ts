import { spawn } from 'node:child_process';

export interface ProgramOptions {
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Gets every line of both outputs as it comes. */
  readonly onLine?: (line: string) => void;
}

export type ProgramOutcome =
  | { readonly status: 'ended'; readonly code: number; readonly stdout: string; readonly output: string }
  /** `signal` SIGKILL after the time allowed is told as `timed-out`. */
  | { readonly status: 'killed'; readonly signal: string; readonly output: string }
  | { readonly status: 'timed-out'; readonly output: string }
  | { readonly status: 'not-started'; readonly code: string };

const OUTPUT_KEPT = 200_000;

/** Runs a program without a shell and without input; it never throws and never outlasts its time. */
export function runProgram(
  file: string,
  args: readonly string[],
  { timeoutMs, env, cwd, onLine }: ProgramOptions,
): Promise<ProgramOutcome> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: env ?? process.env, cwd });
    let stdout = '';
    let output = '';
    let rest = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
      // A grandchild may hold the pipes open: what it still says is not waited for.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeoutMs);
    const take = (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
      if (!onLine) return;
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-OUTPUT_KEPT);
      take(text);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve({ status: 'not-started', code: error.code ?? error.message });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (timedOut) resolve({ status: 'timed-out', output });
      else if (code === null) resolve({ status: 'killed', signal: signal ?? 'unknown', output });
      else resolve({ status: 'ended', code, stdout, output });
    });
  });
}

/** The last lines that say something, indented, for the end of a message. */
export function lastLines(output: string, count: number): string {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines
    .slice(-count)
    .map((line) => `  ${line.trimEnd().slice(0, 400)}`)
    .join('\n');
}
