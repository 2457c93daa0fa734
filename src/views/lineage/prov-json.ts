import type { ArtifactRecord } from '../../core/artifact.ts';
import type { Digest } from '../../core/digest.ts';
import { canonicalJson } from '../../core/json.ts';
import type { UpstreamLink } from '../../store/read-objects.ts';

/** One artifact of a document, with what it was made from. */
export interface ProvFacts {
  readonly record: ArtifactRecord;
  readonly upstream: readonly UpstreamLink[];
}

type Attributes = { [name: string]: string | number | { readonly $: string; readonly type: string } };
type Section = { [id: string]: Attributes };

/** The parts of a PROV-JSON document that descent needs, by their names there. */
export interface ProvDocument {
  readonly prefix: { readonly [prefix: string]: string };
  readonly entity: Section;
  readonly activity: Section;
  readonly agent: Section;
  readonly wasGeneratedBy: Section;
  readonly used: Section;
  readonly wasDerivedFrom: Section;
  readonly wasAssociatedWith: Section;
  readonly hadMember: Section;
}

/**
 * Artifacts as W3C PROV-JSON (https://www.w3.org/submissions/prov-json/): an artifact is a collection of
 * its files, an execution an activity whose plan is the stage's code, clade with its versions the agent
 * that carried it out. Sources appear by their content alone: names of files may be names of patients.
 */
export function provDocument(artifacts: readonly ProvFacts[]): ProvDocument {
  const document: ProvDocument = {
    prefix: { clade: 'urn:clade:' },
    entity: {},
    activity: {},
    agent: {},
    wasGeneratedBy: {},
    used: {},
    wasDerivedFrom: {},
    wasAssociatedWith: {},
    hadMember: {},
  };
  const described = new Map(artifacts.map(({ record }) => [record.fingerprint, record]));
  for (const facts of artifacts) describeArtifact(document, facts, described);
  return document;
}

function describeArtifact(
  document: ProvDocument,
  { record, upstream }: ProvFacts,
  described: ReadonlyMap<Digest, ArtifactRecord>,
): void {
  const { fields, fingerprint } = record;
  const artifact = `clade:artifact/${fingerprint}`;
  const execution = `clade:execution/${fingerprint}/${encodeURIComponent(record.attempt)}`;
  const relate = (section: Section, attributes: Attributes) => {
    section[`_:${Object.keys(section).length + 1}`] = attributes;
  };
  document.entity[artifact] = {
    'prov:label': record.stepId,
    'prov:type': qualified('prov:Collection'),
    'clade:fingerprint': fingerprint,
    'clade:stage': fields.stage,
  };
  document.activity[execution] = describeExecution(record);
  relate(document.wasGeneratedBy, { 'prov:entity': artifact, 'prov:activity': execution });
  for (const { path, digest, sizeBytes } of record.outputs) {
    const file = fileId(fingerprint, path);
    document.entity[file] = { 'prov:label': path, 'clade:sha256': digest, 'clade:sizeBytes': sizeBytes };
    relate(document.wasGeneratedBy, { 'prov:entity': file, 'prov:activity': execution });
    relate(document.hadMember, { 'prov:collection': artifact, 'prov:entity': file });
  }
  const readContent = (digest: Digest, role: string) => {
    const content = `clade:content/${digest}`;
    document.entity[content] = { 'clade:sha256': digest };
    relate(document.used, { 'prov:activity': execution, 'prov:entity': content, 'prov:role': role });
  };
  for (const { input, fingerprint: from, files } of upstream) {
    const known = from === null ? undefined : described.get(from);
    for (const { path, digest } of files) {
      if (!known?.outputs.some((output) => output.path === path)) readContent(digest, input);
      else {
        const entity = fileId(known.fingerprint, path);
        relate(document.used, { 'prov:activity': execution, 'prov:entity': entity, 'prov:role': input });
      }
    }
    if (known) {
      const usedEntity = `clade:artifact/${known.fingerprint}`;
      relate(document.wasDerivedFrom, { 'prov:generatedEntity': artifact, 'prov:usedEntity': usedEntity });
    }
  }
  for (const [parameter, files] of Object.entries(fields.sources)) {
    for (const digest of Object.values(files)) readContent(digest, parameter);
  }
  const plan = `clade:code/${fields.code}`;
  document.entity[plan] = {
    'prov:label': `code of ${fields.stage}`,
    'prov:type': qualified('prov:Plan'),
    'clade:modules': canonicalJson(record.codeModules.map(({ name, digest }) => ({ name, digest }))),
  };
  const agent = `clade:software/${encodeURIComponent(record.versions.clade)}`;
  document.agent[agent] = {
    'prov:label': `clade ${record.versions.clade}`,
    'prov:type': qualified('prov:SoftwareAgent'),
  };
  const association = { 'prov:activity': execution, 'prov:agent': agent, 'prov:plan': plan };
  relate(document.wasAssociatedWith, association);
}

function describeExecution({ fields, versions, machine, ...record }: ArtifactRecord): Attributes {
  const endedAt = new Date(Date.parse(record.startedAt) + record.durationMs).toISOString();
  return {
    'prov:startTime': record.startedAt,
    'prov:endTime': endedAt,
    'prov:label': `${record.stepId} (${fields.stage})`,
    'clade:durationMs': record.durationMs,
    'clade:parameters': canonicalJson(fields.parameters),
    'clade:versions': canonicalJson(versions),
    'clade:machine': canonicalJson(machine),
    ...(fields.seed === null ? {} : { 'clade:seed': fields.seed }),
    ...(fields.engine === null ? {} : { 'clade:engine': `${fields.engine.name} ${fields.engine.version}` }),
    ...(record.resumedFrom === null ? {} : { 'clade:resumedFrom': record.resumedFrom }),
  };
}

const fileId = (fingerprint: Digest, path: string) =>
  `clade:artifact/${fingerprint}/${path.split('/').map(encodeURIComponent).join('/')}`;

const qualified = (name: string) => ({ $: name, type: 'prov:QUALIFIED_NAME' });
