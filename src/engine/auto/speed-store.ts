// Measured speeds in the user's cache folder: one small file for each machine, engine and workload, so
// that a changed one of them is another file, and a damaged file is one that is not there.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../core/digest.ts';
import { type Json, jsonEquals } from '../../core/json.ts';
import type { EngineIdentity } from '../../core/trainable.ts';
import type { WorkloadRequest } from '../../core/workload.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { MachineFacts } from './machine.ts';

/** What a measurement found. An engine that hangs, crashes or refuses does not work; `why` is one sentence. */
export type Speed =
  | {
      readonly status: 'works';
      readonly stepMs: number;
      /** Reconstruction error over the first steps, from weights and images that are the same on all engines. */
      readonly error: number;
    }
  | { readonly status: 'fails'; readonly why: string };

export interface SpeedKey {
  readonly machine: MachineFacts;
  readonly engine: EngineIdentity;
  readonly workload: WorkloadRequest;
}

export interface SpeedRecord extends SpeedKey {
  readonly format: 1;
  readonly speed: Speed;
  /** ISO 8601. */
  readonly measuredAt: string;
}

/** A GPU may have been busy or its driver half updated: a failure is believed this long, then tried again. */
const FAILURE_BELIEVED_MS = 24 * 3600_000;

export function speedsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(env), 'engine-speeds');
}

/** Null where nothing sound is stored. */
export function readSpeed(folder: string, key: SpeedKey, nowMs: number): Speed | null {
  const record = readRecord(join(folder, fileName(key)));
  if (!record || !jsonEquals(keyOf(record), keyOf(key))) return null;
  const ageMs = nowMs - Date.parse(record.measuredAt);
  if (record.speed.status === 'fails' && !(ageMs >= 0 && ageMs < FAILURE_BELIEVED_MS)) return null;
  return record.speed;
}

/** A cache that cannot be written costs a measurement next time, and nothing else. */
export function writeSpeed(folder: string, record: SpeedRecord): void {
  const path = join(folder, fileName(record));
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, `${JSON.stringify(record, null, 1)}\n`);
    renameSync(temporary, path);
  } catch {
    removeIfThere(temporary);
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // its folder is none
  }
}

/** All that is stored for this machine, for people to see. */
export function listSpeeds(folder: string, machine: MachineFacts): SpeedRecord[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return [];
  }
  const records = names.map((name) => readRecord(join(folder, name))).filter((record) => record !== null);
  return records.filter((record) =>
    jsonEquals(record.machine as unknown as Json, machine as unknown as Json),
  );
}

function fileName(key: SpeedKey): string {
  return `${digestOf('engine-speed', keyOf(key)).slice(0, 32)}.json`;
}

function keyOf({ machine, engine, workload }: SpeedKey): Json {
  return { machine, engine, workload } as unknown as Json;
}

function readRecord(path: string): SpeedRecord | null {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as SpeedRecord;
    return isSound(record) ? record : null;
  } catch {
    return null; // absent, or damaged
  }
}

function isSound(record: SpeedRecord | null): record is SpeedRecord {
  if (record?.format !== 1 || Number.isNaN(Date.parse(record.measuredAt))) return false;
  const { machine, engine, workload, speed } = record;
  if (!machine || !engine || !workload) return false;
  if (speed?.status === 'fails') return typeof speed.why === 'string';
  return speed?.status === 'works' && speed.stepMs > 0 && Number.isFinite(speed.stepMs + speed.error);
}
