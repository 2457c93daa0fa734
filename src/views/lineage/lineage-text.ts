import type { ArtifactRecord } from '../../core/artifact.ts';
import { canonicalJson } from '../../core/json.ts';
import { describeEngine } from '../../core/trainable.ts';
import type { ObjectRow, UpstreamLink } from '../../store/read-objects.ts';
import { formatBytes, formatDuration, formatNumber } from '../format.ts';

export interface LineageFacts {
  readonly object: ObjectRow;
  readonly record: ArtifactRecord;
  readonly upstream: readonly (UpstreamLink & { readonly stepId: string | null })[];
  readonly downstream: readonly ObjectRow[];
}

/** What made an artifact, from what, and what was made from it. */
export function lineageText({ object, record, upstream, downstream }: LineageFacts): string {
  const { fields } = record;
  const engine = fields.engine ? describeEngine(fields.engine) : 'none needed';
  const resumed = record.resumedFrom ? `, going on from ${record.resumedFrom}` : '';
  const sources = Object.entries(fields.sources).map(
    ([parameter, files]) => `  source ${parameter}: ${Object.keys(files).length} files`,
  );
  const inputs = upstream.map(
    ({ input, point, stepId, fingerprint, files }) =>
      `  ${input}${point ? ` ${canonicalJson(point)}` : ''} ← ${stepId ?? 'unknown'} (${fingerprint?.slice(0, 12) ?? '?'}), ${files.length} files`,
  );
  return `${[
    `${object.stepId}  ${object.fingerprint}`,
    `stage ${fields.stage}, code ${fields.code.slice(0, 12)} (${record.codeModules.length} modules), ${object.state}`,
    `made ${record.startedAt} in ${formatDuration(record.durationMs)} on ${record.machine.host} (${record.machine.platform}-${record.machine.arch}), attempt ${record.attempt}${resumed}`,
    `engine ${engine}; clade ${record.versions.clade}, Node ${record.versions.node}`,
    `seed ${fields.seed ?? 'none: not random'}`,
    'parameters',
    ...Object.entries(fields.parameters).map(([name, value]) => `  ${name}: ${canonicalJson(value)}`),
    'from',
    ...(inputs.length + sources.length > 0 ? [...inputs, ...sources] : ['  nothing']),
    ...(record.items
      ? ['items', ...record.items.map(({ key, fingerprint }) => `  ${key} (${fingerprint.slice(0, 12)})`)]
      : []),
    'files',
    ...record.outputs.map(
      ({ path, digest, sizeBytes }) => `  ${path}  ${formatBytes(sizeBytes)}  ${digest.slice(0, 12)}`,
    ),
    ...(record.metrics.length > 0
      ? [
          'metrics',
          ...record.metrics.map(
            ({ split, name, value }) => `  ${split ? `${split}.` : ''}${name}: ${formatNumber(value)}`,
          ),
        ]
      : []),
    ...(record.notes.length > 0 ? ['notes', ...record.notes.map((note) => `  ${note}`)] : []),
    ...(downstream.length > 0
      ? [
          'used by',
          ...downstream.map(({ stepId, fingerprint }) => `  ${stepId} (${fingerprint.slice(0, 12)})`),
        ]
      : []),
  ].join('\n')}\n`;
}
