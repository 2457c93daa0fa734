import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

export interface Ended {
  /** What it printed. */
  readonly lines: readonly { readonly [name: string]: unknown }[];
  readonly signal: string | null;
}

export interface StoreProcess {
  readonly child: ChildProcess;
  readonly firstLine: Promise<void>;
  readonly ended: Promise<Ended>;
}

/** To be called where tests are described: bundles `store-child.ts` before them. @returns how to start a process of it. */
export function prepareStoreProcesses() {
  const bundles = mkdtempSync(join(tmpdir(), 'clade-store-child-'));
  const childFile = join(bundles, 'child.cjs');
  beforeAll(async () => {
    await build({
      entryPoints: [resolve(import.meta.dirname, '../store-child.ts')],
      outfile: childFile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['better-sqlite3'],
    });
  });
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));
  return (task: string, particulars: object, failpoint?: string): StoreProcess => {
    const child = spawn(process.execPath, [childFile, task, JSON.stringify(particulars)], {
      env: {
        ...process.env,
        NODE_PATH: resolve(import.meta.dirname, '../../../node_modules'),
        ...(failpoint ? { CLADE_FAILPOINT: failpoint } : {}),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    let heard = () => {};
    const firstLine = new Promise<void>((done) => {
      heard = done;
    });
    child.stdout.on('data', (chunk) => {
      output += chunk;
      heard();
    });
    const ended = new Promise<Ended>((done) => {
      child.on('close', (_, signal) => {
        const lines = output.split('\n').filter(Boolean);
        done({ lines: lines.map((line) => JSON.parse(line)), signal });
      });
    });
    return { child, ended, firstLine };
  };
}

/** An artifacts folder that goes with the test. */
export function temporaryArtifacts(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clade-crash-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'artifacts');
}
