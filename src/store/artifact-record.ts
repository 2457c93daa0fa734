import type { ArtifactRecord, FileDigests } from '../core/artifact.ts';
import { recordChecksum } from '../core/artifact-seal.ts';
import { digestOf } from '../core/digest.ts';
import type { Json } from '../core/json.ts';
import { ARTIFACT_FILE } from './layout.ts';

/**
 * The record in an artifact.json, or what is wrong with it. A record must be whole and agree with
 * itself: its fingerprint is the digest of its fields.
 */
export function parseArtifactRecord(
  text: string,
): { readonly record: ArtifactRecord } | { readonly problem: string } {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { problem: 'is not whole JSON' };
  }
  const missing = Object.entries(FORM).find(
    ([name, holds]) => !holds((value as { [name: string]: Json })?.[name]),
  );
  if (missing) return { problem: `has no valid ${missing[0]}` };
  const record = value as unknown as ArtifactRecord;
  if (record.format === 2 && record.checksum !== recordChecksum(record)) {
    return { problem: 'is not what was written: its checksum differs' };
  }
  if (record.fingerprint !== digestOf('fingerprint', record.fields as unknown as Json)) {
    return { problem: 'has a fingerprint that is not that of its fields' };
  }
  const paths = new Set(record.outputs.map(({ path }) => path));
  if (paths.size < record.outputs.length) return { problem: 'lists an output twice' };
  return { record };
}

/** The first source file that was read with another content than the fingerprint says; null where there is none. */
export function changedSource(record: ArtifactRecord): string | null {
  for (const [parameter, read] of Object.entries(record.sourcesRead)) {
    const planned: FileDigests = record.fields.sources[parameter] ?? {};
    const path = Object.keys(read).find((name) => read[name] !== planned[name]);
    if (path !== undefined) return path === '' ? parameter : `${parameter}: ${path}`;
  }
  return null;
}

/** Paths of the outputs that two records of one fingerprint do not agree on. */
export function differingOutputs(a: ArtifactRecord, b: ArtifactRecord): readonly string[] {
  const digests = (record: ArtifactRecord) =>
    new Map(record.outputs.map(({ path, digest }) => [path, digest]));
  const [left, right] = [digests(a), digests(b)];
  return [...new Set([...left.keys(), ...right.keys()])].filter((path) => left.get(path) !== right.get(path));
}

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';
const isDigest = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isObject = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf = (item: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(item);
const isRecordOf = (item: (value: unknown) => boolean) => (value: unknown) =>
  isObject(value) && Object.values(value).every(item);
const isTextOrNull = (value: unknown) => value === null || isText(value);

/** No absolute path, no step upwards, no dot-file, and not the record itself. */
function isOutputPath(path: unknown): boolean {
  if (typeof path !== 'string' || path === ARTIFACT_FILE) return false;
  return path
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\\'));
}

const isOutput = (value: unknown) =>
  isObject(value) && isOutputPath(value.path) && isDigest(value.digest) && isNumber(value.sizeBytes);
const isMetric = (value: unknown) =>
  isObject(value) &&
  isText(value.name) &&
  isTextOrNull(value.split) &&
  isNumber(value.value) &&
  ['higher', 'lower', 'neither'].includes(value.better as string);
const isCollected = (value: unknown) =>
  isObject(value) && isObject(value.point) && isRecordOf(isDigest)(value.files);
const isFields = (value: unknown) =>
  isObject(value) &&
  isText(value.stage) &&
  isText(value.code) &&
  isObject(value.parameters) &&
  isTextOrNull(value.seed) &&
  (value.engine === null || isObject(value.engine)) &&
  isRecordOf((input) => isRecordOf(isDigest)(input) || isListOf(isCollected)(input))(value.inputs) &&
  isRecordOf(isRecordOf(isDigest))(value.sources);

const FORM: { readonly [field in Exclude<keyof ArtifactRecord, 'checksum'>]: (value: unknown) => boolean } = {
  format: (value) => value === 1 || value === 2,
  fingerprint: isDigest,
  fields: isFields,
  stepId: isText,
  outputs: isListOf(isOutput),
  metrics: isListOf(isMetric),
  notes: isListOf(isText),
  sourcesRead: isRecordOf(isRecordOf(isDigest)),
  codeModules: isListOf((value) => isObject(value) && isText(value.name) && isText(value.digest)),
  attempt: isText,
  leaseEpoch: isNumber,
  items: (value) =>
    value === undefined ||
    isListOf((item) => isObject(item) && isText(item.key) && isDigest(item.fingerprint))(value),
  versions: isRecordOf(isText),
  machine: isRecordOf(isText),
  startedAt: isText,
  durationMs: isNumber,
  resumedFrom: isTextOrNull,
};
