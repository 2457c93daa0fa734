// Brings Dawn from npm into the user's cache folder: 20 MB that no one who does not ask for it pays.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fail } from '../../core/failure.ts';
import { binaryFolder, DAWN_VERSION, type DawnInstallation, readDawn, webgpuFolder } from './installation.ts';

const DOWNLOAD_MS = 600_000;
const UNPACK_MS = 120_000;
const REMAINS_MS = 24 * 3600_000;
const TOLD_LINES = 8;

export interface DawnInstallOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** A file that `npm pack` made elsewhere, for machines without network. */
  readonly from?: string | null;
  readonly downloadMs?: number;
}

/**
 * Idempotent: what is there and whole stays. A new one appears by one rename, so one that was cut off
 * leaves nothing that would be used.
 *
 * @throws ExpectedFailure 'engine-unavailable' with its cure
 */
export async function installDawn(options: DawnInstallOptions = {}): Promise<DawnInstallation> {
  const parent = webgpuFolder(options.env);
  const target = join(parent, DAWN_VERSION);
  const there = readDawn(target);
  if (there) return there;
  mkdirSync(parent, { recursive: true });
  removeRemains(parent);
  const temporary = mkdtempSync(join(parent, '.new-'));
  try {
    await unpack(options.from ? resolve(options.from) : await download(temporary, options), temporary);
    const got = join(temporary, 'package');
    const found = readDawn(got);
    if (found?.version !== DAWN_VERSION) return fail('engine-unavailable', describeWrong(got, found));
    for (const name of binariesIn(got)) {
      if (name !== binaryFolder()) rmSync(join(got, 'dist', name), { recursive: true });
    }
    rmSync(target, { recursive: true, force: true }); // damaged: a whole one was taken above
    renameSync(got, target);
    return { folder: target, version: DAWN_VERSION };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** True where there was something to remove. */
export function removeDawn(env: NodeJS.ProcessEnv = process.env): boolean {
  const folder = webgpuFolder(env);
  if (!existsSync(folder)) return false;
  rmSync(folder, { recursive: true });
  return true;
}

/** @returns the package's file, verified by npm. */
async function download(folder: string, { env = process.env, downloadMs = DOWNLOAD_MS }: DawnInstallOptions) {
  const { file, first } = npmCommand();
  const args = [
    'pack',
    `webgpu@${DAWN_VERSION}`,
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
    '--loglevel=error',
  ];
  const problem = await run(file, [...first, ...args], { cwd: folder, env, timeoutMs: downloadMs });
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (problem === null && packed) return join(folder, packed);
  return fail(
    'engine-unavailable',
    [
      `npm could not fetch webgpu ${DAWN_VERSION}: ${problem ?? 'it left no file'}`,
      `Where there is no network: npm pack webgpu@${DAWN_VERSION} elsewhere, then clade engine install webgpu --from FILE.tgz`,
    ].join('\n'),
  );
}

/** tar comes with Linux, macOS, and Windows since 10. */
async function unpack(file: string, folder: string): Promise<void> {
  if (!existsSync(file)) fail('missing-source', `there is no file ${file}: give one that npm pack made`);
  const problem = await run('tar', ['-xzf', file], { cwd: folder, env: process.env, timeoutMs: UNPACK_MS });
  if (problem === null) return;
  fail(
    'engine-unavailable',
    `${file} could not be unpacked by tar: ${problem}\nIs the file whole, and is there space?`,
  );
}

function describeWrong(folder: string, found: DawnInstallation | null): string {
  if (found) {
    return `version ${found.version} of webgpu was given, and clade uses ${DAWN_VERSION}: npm pack webgpu@${DAWN_VERSION} brings that`;
  }
  const platforms = binariesIn(folder).join(', ') || 'none';
  return `webgpu ${DAWN_VERSION} has no binary for ${process.platform}-${process.arch} (it has: ${platforms}): use another engine, --engine wasm`;
}

function binariesIn(folder: string): string[] {
  const dist = join(folder, 'dist');
  return existsSync(dist) ? readdirSync(dist).sort() : [];
}

/** Of installations that were killed; a younger folder may be another process's. */
function removeRemains(parent: string): void {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    if (name.startsWith('.new-') && Date.now() - statSync(path).mtimeMs > REMAINS_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/** npm beside the Node that runs, which is surely the one that goes with it; else the one on the path. */
function npmCommand(): { file: string; first: string[] } {
  const beside = dirname(process.execPath);
  const places = [
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const script = places.find((path) => existsSync(path));
  return script ? { file: process.execPath, first: [script] } : { file: 'npm', first: [] };
}

interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

/** @returns null where the program ended well, else why not and the last of what it said. */
function run(
  file: string,
  args: readonly string[],
  { cwd, env, timeoutMs }: RunOptions,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-10_000);
      });
    }
    const end = (why: string | null) => {
      clearTimeout(timer);
      const lines = said.split(/\r?\n/).filter((line) => line.trim() !== '');
      resolve(why === null ? null : [why, ...lines.slice(-TOLD_LINES).map((line) => `  ${line}`)].join('\n'));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      end(`no answer within ${timeoutMs / 1000} s`);
    }, timeoutMs);
    child.on('error', ({ message }) => end(message));
    child.on('exit', (code, signal) => end(code === 0 ? null : `it ended by ${signal ?? `status ${code}`}`));
  });
}
