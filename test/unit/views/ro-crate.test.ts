import { describe, expect, test } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import type { RunRow } from '../../../src/store/read-runs.ts';
import { roCrate } from '../../../src/views/lineage/ro-crate.ts';
import { recordOf } from '../../support/artifact-record.ts';

const files = [{ path: 'a.npy', digest: digestBytes('ingest') }];
const ingest = recordOf(
  'ingest',
  { sources: { path: { 'patient-jones.png': digestBytes('png') } } },
  { path: 'a.npy', content: 'ingest' },
);
const next = recordOf(
  'next',
  { seed: '7', inputs: { images: { 'a.npy': files[0].digest } } },
  { path: 'a.npy', content: 'next' },
);
const run = {
  id: 'r1',
  pipeline: 'p',
  textDigest: digestBytes('text'),
  status: 'succeeded',
  startedAt: '2026-11-23T05:12:00.000Z',
  finishedAt: '2026-11-23T05:13:00.000Z',
  counts: { total: 2, executed: 2, reused: 0, failed: 0, skipped: 0 },
} as unknown as RunRow;

const crate = roCrate({
  run,
  license: 'any',
  cladeVersion: '0.1.0',
  pipelineFile: 'pipeline.yaml',
  steps: [
    { stepId: 'ingest', record: ingest, upstream: [], folder: 'ingest' },
    {
      stepId: 'next@size=3',
      record: next,
      upstream: [{ input: 'images', point: null, fingerprint: ingest.fingerprint, files }],
      folder: 'next@size=3',
    },
  ],
});
const graph = crate['@graph'];
const entity = (id: string) => graph.find((one) => one['@id'] === id);
const ofType = (type: string) => graph.filter((one) => [one['@type']].flat().includes(type));

describe('a run as an RO-Crate', () => {
  test('has every entity once, and every reference leads to one of them or to the web', () => {
    const ids = graph.map((one) => one['@id']);
    expect(new Set(ids).size).toBe(ids.length);
    const references = graph.flatMap((one) =>
      Object.values(one)
        .flat()
        .flatMap((value) => (typeof value === 'object' ? [value['@id']] : [])),
    );
    expect(references.filter((id) => !ids.includes(id) && !id.startsWith('http'))).toEqual([]);
  });

  test('says which execution made a file, when, from what, with which values and versions', () => {
    const action = entity(`#execution/${next.fingerprint}/r1-1-0000`)!;
    expect(action).toMatchObject({
      '@type': 'CreateAction',
      startTime: '2026-11-23T05:12:00.000Z',
      endTime: '2026-11-23T05:12:01.500Z', // start and the record's 1500 ms
      instrument: { '@id': `#stage/next/${next.fields.code}` },
      object: expect.arrayContaining([
        { '@id': 'ingest/a.npy' },
        { '@id': `#value/${next.fingerprint}/seed` },
      ]),
      result: [{ '@id': 'next%40size%3D3/' }, { '@id': 'next%40size%3D3/a.npy' }],
    });
    expect(JSON.stringify(action['environment'])).toContain('version');
    expect(entity('ingest/a.npy')).toMatchObject({ sha256: digestBytes('ingest'), contentSize: '7' });
  });

  // Provenance Run Crate 0.5: its MUSTs for workflow, steps, engine and root.
  test('has what the profile asks of the workflow, its steps and the engine', () => {
    const root = entity('./')!;
    expect(JSON.stringify(root['conformsTo'])).toContain('https://w3id.org/ro/wfrun/provenance/0.5');
    expect(root).toMatchObject({ license: 'any', mainEntity: { '@id': 'pipeline.yaml' } });
    const workflow = entity('pipeline.yaml')!;
    expect(workflow['@type']).toEqual(['File', 'SoftwareSourceCode', 'ComputationalWorkflow', 'HowTo']);
    expect(workflow['step']).toEqual(ofType('HowToStep').map((step) => ({ '@id': step['@id'] })));
    expect(ofType('ControlAction')).toHaveLength(2);
    expect(ofType('OrganizeAction')[0]).toMatchObject({ result: { '@id': '#run/r1' } });
    expect(entity('#run/r1')).toMatchObject({ instrument: { '@id': 'pipeline.yaml' } });
  });

  test('tells sources by their content alone: names of files may be names of patients', () => {
    expect(JSON.stringify(crate)).toContain(`urn:sha256:${digestBytes('png')}`);
    expect(JSON.stringify(crate)).not.toContain('jones');
  });
});
