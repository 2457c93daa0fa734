/** What a program needs to run at all. Whatever else should reach it is declared by `env`. */
const KEPT = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL'];
const KEPT_ON_WINDOWS = [
  ...['PATH', 'PATHEXT', 'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'USERPROFILE', 'USERNAME'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'NUMBER_OF_PROCESSORS'],
  ...['PROCESSOR_ARCHITECTURE'],
];
/** How many threads the usual numerical libraries start. */
const THREADS = ['OMP', 'OPENBLAS', 'MKL', 'BLIS', 'NUMEXPR'].map((library) => `${library}_NUM_THREADS`);

export interface EnvironmentRequest {
  /** The process's own. */
  readonly environment: { readonly [name: string]: string | undefined };
  readonly platform: string;
  readonly threads: number;
}

/**
 * The environment of a command: the same whoever calls, so that a result does not hang on variables
 * that nobody declared. UTF-8 and UTC everywhere, and Python's hashes in one order.
 */
export function commandEnvironment({ environment, platform, threads }: EnvironmentRequest): {
  [name: string]: string;
} {
  const windows = platform === 'win32';
  const names = windows ? KEPT_ON_WINDOWS : KEPT;
  const kept = Object.entries(environment).filter(
    ([name, value]) => value !== undefined && names.includes(windows ? name.toUpperCase() : name),
  ) as [string, string][];
  return {
    ...Object.fromEntries(kept),
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    PYTHONHASHSEED: '0',
    PYTHONUTF8: '1',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    ...Object.fromEntries(THREADS.map((name) => [name, String(threads)])),
    VECLIB_MAXIMUM_THREADS: String(threads),
  };
}
