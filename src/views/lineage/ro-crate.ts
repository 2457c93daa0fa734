import type { ArtifactRecord } from '../../core/artifact.ts';
import type { Digest } from '../../core/digest.ts';
import { canonicalJson, type Json } from '../../core/json.ts';
import type { UpstreamLink } from '../../store/read-objects.ts';
import type { RunRow } from '../../store/read-runs.ts';

/** A step of the run, with what it was made of. */
export interface CrateStep {
  readonly stepId: string;
  readonly record: ArtifactRecord;
  readonly upstream: readonly UpstreamLink[];
  /** Its folder in the crate, '/'-separated, without a slash at its end. */
  readonly folder: string;
}

export interface CrateFacts {
  readonly run: RunRow;
  readonly steps: readonly CrateStep[];
  /** The pipeline's file in the crate. */
  readonly pipelineFile: string;
  /** The licence that whoever publishes the crate gives it. */
  readonly license: string;
  readonly cladeVersion: string;
}

type Reference = { readonly '@id': string };
type Value = string | number | Reference | readonly (string | Reference)[];
type Entity = {
  readonly '@id': string;
  readonly '@type': string | readonly string[];
  readonly [property: string]: Value;
};

export interface RoCrate {
  readonly '@context': readonly (string | { readonly [term: string]: string })[];
  readonly '@graph': readonly Entity[];
}

/** Of https://w3id.org/ro/terms/workflow-run/context, written out, so that a reader needs no network for it. */
const TERMS = {
  environment: 'https://w3id.org/ro/terms/workflow-run#environment',
  sha256: 'https://w3id.org/ro/terms/workflow-run#sha256',
};

const PROFILES = [
  ['https://w3id.org/ro/wfrun/process/0.5', 'Process Run Crate', '0.5'],
  ['https://w3id.org/ro/wfrun/workflow/0.5', 'Workflow Run Crate', '0.5'],
  ['https://w3id.org/ro/wfrun/provenance/0.5', 'Provenance Run Crate', '0.5'],
  ['https://w3id.org/workflowhub/workflow-ro-crate/1.0', 'Workflow RO-Crate', '1.0'],
] as const;

/**
 * A run as a Provenance Run Crate 0.5 (https://w3id.org/ro/wfrun/provenance/0.5) on RO-Crate 1.1: the pipeline's
 * file is the workflow, each stage a tool, each step a `HowToStep` with the action that made its artifact, also
 * where an earlier run did. Sources appear by their content alone, as in `provDocument`.
 */
export function roCrate({ run, steps, pipelineFile, license, cladeVersion }: CrateFacts): RoCrate {
  const entities = new Map<string, Entity>();
  const add = (entity: Entity): Reference => {
    if (!entities.has(entity['@id'])) entities.set(entity['@id'], entity);
    return { '@id': entity['@id'] };
  };
  const described = new Map(steps.map((step) => [step.record.fingerprint, step]));
  const engine = add({
    '@id': '#clade',
    '@type': 'SoftwareApplication',
    name: 'clade',
    softwareVersion: cladeVersion,
    url: 'https://www.npmjs.com/package/clade',
    description: 'Declarative, cached experiment pipelines for deep clustering of medical images',
  });
  const made = steps.map((step, at) => describeStep(step, at + 1));
  const files = made.flatMap((one) => one.files);
  const endedAt = run.finishedAt ?? run.startedAt;
  const workflowRun = add({
    '@id': `#run/${run.id}`,
    '@type': 'CreateAction',
    name: `Run ${run.id} of ${run.pipeline}`,
    description: `clade run ${pipelineFile}: ${run.counts.executed} executed, ${run.counts.reused} reused`,
    instrument: { '@id': pipelineFile },
    agent: engine,
    startTime: run.startedAt,
    endTime: endedAt,
    actionStatus: statusOf(run.status),
    object: unique(made.flatMap((one) => one.parameters)),
    result: files,
  });
  add({
    '@id': `#engine/${run.id}`,
    '@type': 'OrganizeAction',
    name: `clade's part in run ${run.id}`,
    instrument: engine,
    startTime: run.startedAt,
    endTime: endedAt,
    object: made.map((one) => one.control),
    result: workflowRun,
  });
  const language = add({
    '@id': '#clade-pipeline',
    '@type': 'ComputerLanguage',
    name: 'clade pipeline',
    alternateName: 'clade',
    url: 'https://www.npmjs.com/package/clade',
    identifier: { '@id': 'https://www.npmjs.com/package/clade' },
  });
  const workflow: Entity = {
    '@id': pipelineFile,
    '@type': ['File', 'SoftwareSourceCode', 'ComputationalWorkflow', 'HowTo'],
    name: run.pipeline,
    description: `The pipeline ${run.pipeline} as it was run`,
    encodingFormat: 'application/yaml',
    sha256: run.textDigest,
    programmingLanguage: language,
    hasPart: unique(made.map((one) => one.tool)),
    step: made.map((one) => one.step),
  };
  const profiles = PROFILES.map(([id, name, version]) =>
    add({ '@id': id, '@type': 'CreativeWork', name, version }),
  );
  const [root, descriptor]: Entity[] = [
    {
      '@id': './',
      '@type': 'Dataset',
      name: `${run.pipeline}, run ${run.id}`,
      description: `What run ${run.id} of the pipeline ${run.pipeline} made, from what, and how`,
      datePublished: endedAt,
      license,
      conformsTo: profiles,
      mainEntity: { '@id': pipelineFile },
      hasPart: [{ '@id': pipelineFile }, ...made.map((one) => one.dataset)],
      mentions: [workflowRun, ...unique(made.map((one) => one.action))],
    },
    {
      '@id': 'ro-crate-metadata.json',
      '@type': 'CreativeWork',
      about: { '@id': './' },
      conformsTo: [
        { '@id': 'https://w3id.org/ro/crate/1.1' },
        { '@id': 'https://w3id.org/workflowhub/workflow-ro-crate/1.0' },
      ],
    },
  ];
  return {
    '@context': ['https://w3id.org/ro/crate/1.1/context', TERMS],
    '@graph': [descriptor, root, workflow, ...entities.values()],
  };

  function describeStep({ stepId, record, upstream, folder }: CrateStep, position: number) {
    const { fields, fingerprint, versions, machine } = record;
    const tool = add({
      '@id': `#stage/${encodeURIComponent(fields.stage)}/${fields.code}`,
      '@type': 'SoftwareApplication',
      name: fields.stage,
      description: `The stage ${fields.stage}`,
      softwareVersion: fields.code,
      identifier: fields.code,
    });
    const outputs = record.outputs.map(({ path, digest, sizeBytes }) =>
      add({
        '@id': fileId(folder, path),
        '@type': 'File',
        name: `${stepId}/${path}`,
        sha256: digest,
        contentSize: String(sizeBytes),
        encodingFormat: formatOf(path),
      }),
    );
    const dataset = add({
      '@id': `${encodePath(folder)}/`,
      '@type': 'Dataset',
      name: stepId,
      description: `What ${stepId} made`,
      identifier: fingerprint,
      hasPart: outputs,
    });
    const contents = (digests: readonly Digest[]) =>
      digests.map((digest) =>
        add({
          '@id': `urn:sha256:${digest}`,
          '@type': 'CreativeWork',
          name: 'a file known by its content',
          sha256: digest,
        }),
      );
    const read = upstream.flatMap(({ fingerprint: from, files: read }) => {
      const made = from === null ? undefined : described.get(from);
      const known = read.filter(({ path }) => made?.record.outputs.some((output) => output.path === path));
      return [
        ...known.map(({ path }) => ({ '@id': fileId(made!.folder, path) })),
        ...contents(read.filter((file) => !known.includes(file)).map(({ digest }) => digest)),
      ];
    });
    const sources = contents(Object.values(fields.sources).flatMap((of) => Object.values(of)));
    const settings: [string, Json][] = [
      ...Object.entries(fields.parameters),
      ...(fields.seed === null ? [] : [['seed', fields.seed] as [string, Json]]),
      ...(fields.engine === null
        ? []
        : [['engine', `${fields.engine.name} ${fields.engine.version}`] as [string, Json]]),
    ];
    const parameters = settings.map(([name, value]) =>
      add({
        '@id': `#value/${fingerprint}/${encodeURIComponent(name)}`,
        '@type': 'PropertyValue',
        name,
        value: typeof value === 'string' || typeof value === 'number' ? value : canonicalJson(value),
      }),
    );
    const environment = Object.entries({
      ...prefixed('version', versions),
      ...prefixed('machine', machine),
    }).map(([name, value]) =>
      add({
        '@id': `#environment/${encodeURIComponent(name)}/${encodeURIComponent(value)}`,
        '@type': 'PropertyValue',
        name,
        value,
      }),
    );
    const action = add({
      '@id': `#execution/${fingerprint}/${encodeURIComponent(record.attempt)}`,
      '@type': 'CreateAction',
      name: `${stepId} (${fields.stage})`,
      description: `Attempt ${record.attempt}, in ${record.durationMs} ms`,
      instrument: tool,
      agent: engine,
      startTime: record.startedAt,
      endTime: new Date(Date.parse(record.startedAt) + record.durationMs).toISOString(),
      actionStatus: statusOf('succeeded'),
      object: unique([...read, ...sources, ...parameters]),
      result: [dataset, ...outputs],
      environment: environment,
    });
    const step = add({
      '@id': `${pipelineFile}#step/${encodeURIComponent(stepId)}`,
      '@type': 'HowToStep',
      name: stepId,
      position: String(position),
      workExample: tool,
    });
    const control = add({
      '@id': `#control/${encodeURIComponent(stepId)}`,
      '@type': 'ControlAction',
      name: `clade had ${stepId} made`,
      instrument: step,
      object: action,
    });
    return { tool, dataset, files: outputs, parameters, action, step, control };
  }
}

function statusOf(status: RunRow['status']): Reference {
  const name = status === 'succeeded' ? 'Completed' : status === 'running' ? 'Active' : 'Failed';
  return { '@id': `http://schema.org/${name}ActionStatus` };
}

function prefixed(kind: string, values: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind}: ${name}`, value]));
}

function unique(references: readonly Reference[]): Reference[] {
  return [...new Map(references.map((reference) => [reference['@id'], reference])).values()];
}

const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/');
const fileId = (folder: string, path: string) => `${encodePath(folder)}/${encodePath(path)}`;

const FORMATS: { readonly [ending: string]: string } = {
  csv: 'text/csv',
  json: 'application/json',
  md: 'text/markdown',
  npy: 'application/x-npy',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
};

function formatOf(path: string): string {
  return FORMATS[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
}
