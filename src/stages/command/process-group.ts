import { type ChildProcess, execFile, spawn } from 'node:child_process';

/** Ends a process and all that it started (that stayed in its group, as all does that does not leave it on purpose). */
export function endGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    execFile('taskkill', ['/PID', String(pid), '/T', '/F'], () => {});
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // it is gone
  }
}

/**
 * One small process beside this one, which is told the group at work and ends it when this process is gone,
 * however it went: its end of the pipe closes then. Windows has no shell to write it in; there the
 * worker's end is by `taskkill /T`, which takes along what it started.
 */
let watchdog: ChildProcess | null = null;
const WATCHDOG = 'g=0; while read -r x; do g=$x; done; [ "$g" -gt 0 ] && kill -s KILL -- "-$g"; exit 0';

/** From now on the group ends with this process. @returns how to take that back, once it has ended. */
export function guard(group: number): () => void {
  if (process.platform === 'win32') return () => {};
  watchdog ??= startWatchdog();
  const { stdin } = watchdog;
  stdin?.write(`${group}\n`);
  return () => void stdin?.write('0\n');
}

function startWatchdog(): ChildProcess {
  const child = spawn('sh', ['-c', WATCHDOG], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.on('error', () => {});
  child.on('exit', () => {
    if (watchdog === child) watchdog = null;
  });
  child.stdin?.on('error', () => {});
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  return child;
}
