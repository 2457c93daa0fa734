import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { digestBytes } from '../../src/core/digest.ts';
import type { RunEvent } from '../../src/core/events.ts';
import { byCodeUnit } from '../../src/core/json.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const BIN = join(ROOT, 'bin/clade.js');

export interface Called {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls the built command as a user would, without a terminal. */
export async function clade(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Called> {
  const { exitCode, stdout, stderr } = await execa('node', [BIN, ...args], {
    cwd: options.cwd,
    env: { CLADE_ENGINE: 'wasm', ...options.env },
    reject: false,
    stripFinalNewline: false,
    stdin: 'ignore',
  });
  return { exitCode: exitCode ?? -1, stdout, stderr };
}

/** The events of `clade run --json`. */
export function eventsOf(stdout: string): RunEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEvent);
}

/** A folder of its own for one test, and how to be rid of it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'clade-test-'));
  // Objects are read-only files in writable folders: rm needs no more than force.
  return { path, remove: () => removeFolder(path) };
}

/**
 * A process that was killed, or whose terminal went, may write here a moment longer. rmSync's own retries
 * do not look again at what is in a folder, so they never see such a file.
 */
function removeFolder(path: string): void {
  for (let tries = 0; ; tries++) {
    try {
      rmSync(path, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tries === 60) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

/** Digest of every array and table (not pictures, not artifact.json) of every step of the last run: `step/file` → digest. */
export function arrayDigests(artifacts: string): { [path: string]: string } {
  const steps = join(artifacts, 'runs/latest/steps');
  const digests: [string, string][] = [];
  const visit = (folder: string, prefix: string) => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) visit(path, `${prefix}${name}/`);
      else if (name !== 'artifact.json' && !/\.(svg|png)$/.test(name))
        digests.push([prefix + name, digestBytes(readFileSync(path))]);
    }
  };
  visit(steps, '');
  return Object.fromEntries(digests.sort(([a], [b]) => byCodeUnit(a, b)));
}

/** Real data kept beside the project, never in it; null where it is absent. */
export function sharedData(name: string): string | null {
  const folder = resolve(ROOT, '../shared/data', name);
  return existsSync(folder) ? folder : null;
}
