import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process this is, so that another one with the same number is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own words; null where the system does not tell. */
  readonly startedAt: string | null;
  /** Which start of the machine; null where the system does not tell. */
  readonly boot: string | null;
  readonly host: string;
  /** The machine, where hosts may share a name; empty where the system does not tell. */
  readonly machine: string;
  /** The space that process numbers are of: a container has its own. Null where there is none. */
  readonly space: string | null;
}

/** `unknown`: on another machine, or in another container; only its heartbeat tells. */
export type Liveness = 'alive' | 'dead' | 'unknown';

export interface ProcessTable {
  own(): ProcessIdentity;
  /** A process of this machine. */
  identify(pid: number): ProcessIdentity;
  liveness(process: ProcessIdentity): Liveness;
}

let own: ProcessIdentity | null = null;

export const systemProcesses: ProcessTable = {
  own() {
    own ??= identify(process.pid);
    return own;
  },
  identify,
  liveness(process) {
    const here = systemProcesses.own();
    if (process.host !== here.host || process.machine !== here.machine) return 'unknown';
    if (process.boot !== here.boot) return 'dead';
    if (process.space !== here.space) return 'unknown';
    if (!exists(process.pid)) return 'dead';
    const startedAt = startOf(process.pid);
    if (startedAt === GONE) return 'dead';
    return startedAt !== null && process.startedAt !== null && startedAt !== process.startedAt
      ? 'dead'
      : 'alive';
  },
};

function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: startOf(pid), ...machineIdentity() };
}

let machine: Pick<ProcessIdentity, 'boot' | 'host' | 'machine' | 'space'> | null = null;

function machineIdentity() {
  machine ??= {
    boot:
      readText('/proc/sys/kernel/random/boot_id') ??
      (process.platform === 'darwin' ? ask('sysctl', ['-n', 'kern.bootsessionuuid']) : null),
    host: hostname(),
    machine: (readText('/etc/machine-id') ?? '').slice(0, 12),
    space: readLink('/proc/self/ns/pid'),
  };
  return machine;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's, but there
  }
}

const GONE = 'gone';

/** When a process started; `GONE` for one that has ended and only waits to be collected. */
function startOf(pid: number): string | null {
  if (process.platform === 'linux') {
    const stat = readText(`/proc/${pid}/stat`);
    if (stat === null) return null; // /proc may hide other users' processes
    // Fields after the command's name, which stands in parentheses and may hold anything (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? GONE : fields[19];
  }
  return process.platform === 'win32' ? null : ask('ps', ['-o', 'lstart=', '-p', String(pid)]);
}

function ask(command: string, args: readonly string[]): string | null {
  try {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    return execFileSync(command, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
