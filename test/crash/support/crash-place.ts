import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestBytes } from '../../../src/core/digest.ts';
import type { RunEvent } from '../../../src/core/events.ts';
import { writePng } from '../../../src/formats/png.ts';
import { BIN, eventsOf, temporaryFolder } from '../../support/clade.ts';
import { makePictureFolder, writeManifest } from '../../support/picture-folder.ts';

/**
 * One pipeline with a step of each kind that can be killed: in the worker itself (ingest, split), mapped
 * (coregister, two subjects), with checkpoints (pretrain, after each epoch), and programs, one of them tried
 * twice. The programs write to a ledger of their own each time they are executed, of which clade knows nothing.
 */
const PIPELINE = `name: crash
seed: 7
stages:
  ingest:
    uses: ingest
    with: { source: images, path: ./data, manifest: manifest.csv, label: kind, subject: subject }
  coregister:
    uses: coregister
    needs: { images: ingest }
    with: { to: atlas, atlas: ./atlas.png, by: subject, iterations: 1, minLikeness: 0, tolerance: 1 }
  split: { uses: split, needs: { images: coregister, index: ingest }, with: { by: slice, ratios: [60, 20, 20] } }
  pretrain:
    uses: pretrain
    needs: { dataset: split }
    with: { filters: [2], kernels: [3], strides: [2], embeddingDim: 2, epochs: 4, patience: 1000 }
  make:
    uses: command
    needs: { model: pretrain }
    with: { run: 'echo make >> "$HOME/ledger"; sleep 0.1; echo words > "$OUT/said"', outputs: [said] }
  fragile:
    uses: command
    retries: 1
    needs: { text: make }
    with: { run: 'echo fragile >> "$HOME/ledger"; test ! -e "$HOME/broken"; wc -c < "$IN_TEXT/said" > "$OUT/n"', outputs: [n] }
`;
/** Steps whose programs write to the ledger. */
export const LEDGER_STEPS = ['make', 'fragile'];

/** A folder with a pipeline and its data, where runs are killed. */
export interface Place {
  readonly path: string;
  readonly artifacts: string;
  remove(): void;
}

function placeIn(folder: ReturnType<typeof temporaryFolder>): Place {
  return { path: folder.path, artifacts: join(folder.path, 'artifacts'), remove: () => folder.remove() };
}

/** @param change what is to be said otherwise in its pipeline. */
export function makePlace(change: (pipeline: string) => string = (same) => same): Place {
  const place = placeIn(temporaryFolder());
  const rows = makePictureFolder(join(place.path, 'data'), 12);
  const two = rows.map((row) => ({ ...row, subject: row.kind === 'disc' ? 'a' : 'b' }));
  writeManifest(join(place.path, 'data'), two);
  const pixels = Uint8Array.from({ length: 24 * 24 }, (_, at) => (at % 24 > 6 && at % 24 < 18 ? 200 : 0));
  writeFileSync(join(place.path, 'atlas.png'), writePng({ pixels, height: 24, width: 24 }));
  writeFileSync(join(place.path, 'crash.yaml'), change(PIPELINE));
  mkdirSync(join(place.path, 'home'));
  mkdirSync(join(place.path, 'tmp'));
  return place;
}

/** The same, with all that was made there. */
export function copyPlace(from: Place): Place {
  const place = placeIn(temporaryFolder());
  cpSync(from.path, place.path, { recursive: true, verbatimSymlinks: true });
  return place;
}

export interface RunEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly events: readonly RunEvent[];
  readonly stderr: string;
  /** Failpoints that its processes reached. */
  readonly reached: readonly string[];
}

export interface RunRequest {
  /** As `CLADE_FAILPOINT` has it. */
  readonly failpoint?: string;
  readonly args?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  /** What stands before the command. */
  readonly through?: readonly string[];
}

/** What is given to every command: a home of the place's own, by which its processes are known too. */
function surroundings({ path }: Place): { readonly [name: string]: string | undefined } {
  return {
    ...process.env,
    HOME: join(path, 'home'),
    TMPDIR: join(path, 'tmp'),
    CLADE_ENGINE: 'wasm',
    CLADE_CHECKPOINT_MS: '0',
  };
}

/** How a command ended, and what it printed until then. */
export interface CommandEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts any command, in a process group of its own as a shell makes one. */
export function startClade(
  place: Place,
  args: readonly string[],
  { env = {}, through = [] }: Pick<RunRequest, 'env' | 'through'> = {},
): { readonly pid: number; readonly ended: Promise<CommandEnd> } {
  const [program, ...rest] = [...through, process.execPath, BIN, ...args];
  const child = spawn(program, rest, {
    cwd: place.path,
    env: { ...surroundings(place), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<CommandEnd>((resolve) => {
    // Its exit: an orphaned worker may hold the pipes open for longer.
    child.on('exit', (exitCode, signal) =>
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ exitCode, signal, stdout, stderr });
      }, 20),
    );
  });
  return { pid: child.pid!, ended };
}

/** As far as it was printed: what killed a process may have cut its last line. */
export function wholeEvents(stdout: string): RunEvent[] {
  return eventsOf(stdout.slice(0, stdout.lastIndexOf('\n') + 1));
}

let traces = 0;

/** `clade run`, one step at a time. */
export async function runClade(
  place: Place,
  { failpoint, args = [], env = {}, through = [] }: RunRequest = {},
): Promise<RunEnd> {
  const trace = join(place.path, `trace-${++traces}`);
  const { ended } = startClade(place, ['run', 'crash.yaml', '--json', '--jobs', '1', ...args], {
    env: { CLADE_FAILPOINT_TRACE: trace, ...(failpoint ? { CLADE_FAILPOINT: failpoint } : {}), ...env },
    through,
  });
  const { exitCode, signal, stdout, stderr } = await ended;
  return { exitCode, signal, events: wholeEvents(stdout), stderr, reached: readTrace(trace) };
}

function readTrace(file: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => line.split(' ')[1]);
}

/** What the programs wrote, since the file was made. */
export function readLedger(place: Place): string[] {
  const file = join(place.path, 'home/ledger');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** Fingerprint → digests of the files that really lie there, `artifact.json` left out, and whether they are as it says. */
export interface Inventory {
  readonly [fingerprint: string]: {
    readonly stepId: string;
    readonly files: { readonly [path: string]: string };
    readonly sound: boolean;
  };
}

export function takeInventory(artifacts: string): Inventory {
  const inventory: { [fingerprint: string]: Inventory[string] } = {};
  const objects = join(artifacts, 'objects');
  for (const shard of names(objects).sort()) {
    for (const fingerprint of names(join(objects, shard)).sort()) {
      inventory[fingerprint] = describeObject(join(objects, shard, fingerprint), fingerprint);
    }
  }
  return inventory;
}

/** Which point of a sweep made what several of them share is chance. */
function withoutPoint(stepId: string): string {
  return stepId.replace(/@[^/]*/, '');
}

interface Recorded {
  readonly fingerprint: string;
  readonly stepId: string;
  readonly outputs: readonly { readonly path: string; readonly digest: string }[];
}

function describeObject(folder: string, fingerprint: string): Inventory[string] {
  const files: { [path: string]: string } = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === 'artifact.json') continue;
    const file = join(entry.parentPath, entry.name);
    files[file.slice(folder.length + 1)] = digestBytes(readFileSync(file));
  }
  const record = readRecord(join(folder, 'artifact.json'));
  if (record === null) return { stepId: '', files, sound: false };
  const listed = Object.fromEntries(record.outputs.map(({ path, digest }) => [path, digest]));
  const same =
    Object.keys(files).length === record.outputs.length &&
    Object.entries(files).every(([path, digest]) => listed[path] === digest);
  return { stepId: withoutPoint(record.stepId), files, sound: same && record.fingerprint === fingerprint };
}

function readRecord(file: string): Recorded | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Recorded;
  } catch {
    return null;
  }
}

/** Steps and items whose work was finished when the processes died: published, or with a whole result. */
export function finishedWork({ artifacts }: Place): Set<string> {
  const attempts = join(artifacts, 'attempts');
  const waiting = names(attempts).flatMap((id) => readRecord(join(attempts, id, 'work/artifact.json')) ?? []);
  const published = Object.values(takeInventory(artifacts)).filter(({ sound }) => sound);
  return new Set([...published, ...waiting].map(({ stepId }) => stepId));
}

export function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
