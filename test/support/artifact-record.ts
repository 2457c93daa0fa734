import type { ArtifactRecord } from '../../src/core/artifact.ts';
import { sealRecord } from '../../src/core/artifact-seal.ts';
import { digestBytes, digestOf } from '../../src/core/digest.ts';
import type { Json } from '../../src/core/json.ts';

/** The record of a step that made one file. @param file its path. */
export function recordOf(
  stage: string,
  some: Partial<ArtifactRecord['fields']>,
  { path, content }: { readonly path: string; readonly content: string },
): ArtifactRecord {
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
    outputs: [{ path, digest: digestBytes(content), sizeBytes: 7 }],
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
