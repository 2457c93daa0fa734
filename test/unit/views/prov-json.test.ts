import { describe, expect, test } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import { provDocument } from '../../../src/views/lineage/prov-json.ts';
import { recordOf } from '../../support/artifact-record.ts';

const ingest = recordOf(
  'ingest',
  { sources: { path: { 'patient-jones.png': digestBytes('png') } } },
  { path: 'a/images.npy', content: 'a/images.npy' },
);
const files = [{ path: 'a/images.npy', digest: digestBytes('a/images.npy') }];
const next = recordOf(
  'next',
  { seed: '7', inputs: { images: { 'a/images.npy': files[0].digest } } },
  { path: 'out.txt', content: 'out.txt' },
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
