import { describe, expect, test } from 'vitest';
import type { ArtifactRecord } from '../../../src/core/artifact.ts';
import { sealRecord } from '../../../src/core/artifact-seal.ts';
import { digestBytes, digestOf } from '../../../src/core/digest.ts';
import type { Json } from '../../../src/core/json.ts';
import { provDocument } from '../../../src/views/lineage/prov-json.ts';

function recordOf(stage: string, some: Partial<ArtifactRecord['fields']>, file: string): ArtifactRecord {
  const fields: ArtifactRecord['fields'] = {
    stage,
    code: digestBytes(`code of ${stage}`),
    parameters: { size: 3 },
    seed: null,
    engine: null,
    inputs: {},
    sources: {},
    ...some,
  };
  return sealRecord({
    fingerprint: digestOf('fingerprint', fields as unknown as Json),
    fields,
    stepId: stage,
    outputs: [{ path: file, digest: digestBytes(file), sizeBytes: 7 }],
    metrics: [],
    notes: [],
    sourcesRead: {},
    codeModules: [],
    attempt: 'r1-1-0000',
    leaseEpoch: 1,
    versions: { clade: '0.1.0', node: 'v20.0.0' },
    machine: { host: 'here', platform: 'linux', arch: 'x64', cpu: 'any' },
    startedAt: '2026-11-23T05:12:00.000Z',
    durationMs: 1500,
    resumedFrom: null,
  });
}

const ingest = recordOf(
  'ingest',
  { sources: { path: { 'patient-jones.png': digestBytes('png') } } },
  'a/images.npy',
);
const files = [{ path: 'a/images.npy', digest: digestBytes('a/images.npy') }];
const next = recordOf(
  'next',
  { seed: '7', inputs: { images: { 'a/images.npy': files[0].digest } } },
  'out.txt',
);
const upstream = [{ input: 'images', point: null, fingerprint: ingest.fingerprint, files }];

const document = provDocument([
  { record: next, upstream },
  { record: ingest, upstream: [] },
]);
const fileOfIngest = `clade:artifact/${ingest.fingerprint}/a/images.npy`;
const execution = `clade:execution/${next.fingerprint}/r1-1-0000`;

describe('a PROV document', () => {
  test('says which execution made a file, when, and what it read', () => {
    expect(document.activity[execution]).toMatchObject({
      'prov:startTime': '2026-11-23T05:12:00.000Z',
      'prov:endTime': '2026-11-23T05:12:01.500Z',
      'clade:parameters': '{"size":3}',
      'clade:seed': '7',
    });
    expect(Object.values(document.used)).toContainEqual({
      'prov:activity': execution,
      'prov:entity': fileOfIngest,
      'prov:role': 'images',
    });
    expect(document.entity[fileOfIngest]).toMatchObject({ 'clade:sha256': digestBytes('a/images.npy') });
  });

  test('derives an artifact from the artifact that it read', () => {
    expect(Object.values(document.wasDerivedFrom)).toEqual([
      {
        'prov:generatedEntity': `clade:artifact/${next.fingerprint}`,
        'prov:usedEntity': `clade:artifact/${ingest.fingerprint}`,
      },
    ]);
  });

  test('describes everything that its relations speak of', () => {
    const described = new Set([document.entity, document.activity, document.agent].flatMap(Object.keys));
    const relations = [
      document.wasGeneratedBy,
      document.used,
      document.wasDerivedFrom,
      document.wasAssociatedWith,
      document.hadMember,
    ];
    for (const { 'prov:role': _, ...ends } of relations.flatMap(Object.values))
      for (const end of Object.values(ends)) expect(described).toContain(end);
  });

  test('names no source: its content stands for it', () => {
    expect(JSON.stringify(document)).not.toContain('jones');
    expect(document.entity).toHaveProperty([`clade:content/${digestBytes('png')}`]);
  });

  test('goes by content where an input is not part of the document', () => {
    const alone = provDocument([{ record: next, upstream }]);
    expect(Object.values(alone.used)).toMatchObject([{ 'prov:entity': `clade:content/${files[0].digest}` }]);
    expect(alone.wasDerivedFrom).toEqual({});
  });
});
