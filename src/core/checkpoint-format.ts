import { type Digest, digestBytes } from './digest.ts';
import { byCodeUnit } from './json.ts';

/**
 * A checkpoint is a folder `attempts/<id>/checkpoint/<number>/` with the files that a stage saved and
 * `manifest.json`. It is written under a temporary name (`.tmp-…`) beside its place: files, then the
 * manifest, each synced, then the folder, then renamed; so one that has its name is whole unless the
 * disk rots, which the manifest's digests tell. Numbers grow, also across the attempts that continue
 * one another, so that the highest is the newest. The two newest are kept.
 */
export const CHECKPOINT_MANIFEST = 'manifest.json';
export const CHECKPOINTS_KEPT = 2;

export interface CheckpointFile {
  /** A plain file name; checkpoints have no folders inside. */
  readonly name: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface CheckpointManifest {
  readonly format: 1;
  /** Of the step that saved it: a checkpoint is of use to this fingerprint alone. */
  readonly fingerprint: Digest;
  readonly number: number;
  readonly files: readonly CheckpointFile[];
}

/** Six digits, so that names sort as numbers do. */
export function checkpointFolderName(number: number): string {
  return String(number).padStart(6, '0');
}

/** The number of a checkpoint's folder; null for other names, temporary ones included. */
export function checkpointNumber(folderName: string): number | null {
  return /^\d{6,}$/.test(folderName) ? Number(folderName) : null;
}

export function describeCheckpoint(
  fingerprint: Digest,
  number: number,
  files: ReadonlyMap<string, Uint8Array>,
): CheckpointManifest {
  const described = [...files]
    .map(([name, bytes]) => ({ name, digest: digestBytes(bytes), sizeBytes: bytes.byteLength }))
    .sort((a, b) => byCodeUnit(a.name, b.name));
  return { format: 1, fingerprint, number, files: described };
}

export function encodeCheckpointManifest(manifest: CheckpointManifest): string {
  return `${JSON.stringify(manifest, null, 1)}\n`;
}

/** null for anything but a whole manifest. */
export function decodeCheckpointManifest(text: string): CheckpointManifest | null {
  let value: Partial<CheckpointManifest> | null;
  try {
    value = JSON.parse(text) as Partial<CheckpointManifest> | null;
  } catch {
    return null;
  }
  if (value?.format !== 1 || typeof value.fingerprint !== 'string' || !Number.isInteger(value.number))
    return null;
  if (!Array.isArray(value.files) || !value.files.every(isCheckpointFile)) return null;
  return value as CheckpointManifest;
}

export function matchesManifest(file: CheckpointFile, bytes: Uint8Array): boolean {
  return bytes.byteLength === file.sizeBytes && digestBytes(bytes) === file.digest;
}

function isCheckpointFile(file: Partial<CheckpointFile> | null): boolean {
  return (
    typeof file?.name === 'string' &&
    file.name !== CHECKPOINT_MANIFEST &&
    /^[^/\\]+$/.test(file.name) &&
    file.name !== '..' &&
    file.name !== '.' &&
    typeof file.digest === 'string' &&
    Number.isInteger(file.sizeBytes)
  );
}
