import type { CollectedDigests, FileDigests, FingerprintFields } from '../core/artifact.ts';
import type { CodeModule } from '../core/declaration.ts';
import type { StaleReason } from '../core/events.ts';
import { byCodeUnit, canonicalJson, type Json, type JsonObject } from '../core/json.ts';
import type { Step } from '../core/plan.ts';
import { describeEngine } from '../core/trainable.ts';

/** What an earlier execution of the same step was made of. */
export interface EarlierExecution {
  readonly fields: FingerprintFields;
  readonly codeModules: readonly CodeModule[];
}

export interface Comparison {
  readonly step: Pick<Step, 'id' | 'positions' | 'inputs'>;
  readonly fields: FingerprintFields;
  readonly codeModules: readonly CodeModule[];
  /** The nearest earlier execution, or null: then the reason is that it was never made. */
  readonly earlier: EarlierExecution | null;
}

/** Every field that keeps a step from being the earlier one, old → new; empty where nothing differs. */
export function staleReasons(comparison: Comparison): StaleReason[] {
  if (!comparison.earlier) return [{ code: 'never-made', field: comparison.step.id }];
  const [other] = stageChanged(comparison as Required);
  // Of another stage everything differs: that it is another says it all.
  return other ? [other] : PREDICATES.flatMap((predicate) => predicate(comparison as Required));
}

type Required = Comparison & { readonly earlier: EarlierExecution };
type Predicate = (comparison: Required) => StaleReason[];

const stageChanged: Predicate = ({ fields, earlier }) =>
  fields.stage === earlier.fields.stage
    ? []
    : [{ code: 'stage-changed', field: 'uses', from: earlier.fields.stage, to: fields.stage }];

const parameterChanged: Predicate = ({ step, fields, earlier }) =>
  changedKeys(earlier.fields.parameters, fields.parameters).map((name) => {
    const written = step.positions[name];
    return {
      code: 'parameter-changed',
      field: name,
      ...values(earlier.fields.parameters[name], fields.parameters[name]),
      ...(written ? { place: `${written.file}:${written.line}` } : {}),
    };
  });

const seedChanged: Predicate = ({ fields, earlier }) =>
  fields.seed === earlier.fields.seed
    ? []
    : [{ code: 'seed-changed', field: 'seed', ...values(short(earlier.fields.seed), short(fields.seed)) }];

const engineChanged: Predicate = ({ fields, earlier }) => {
  const name = (engine: FingerprintFields['engine']) => (engine ? describeEngine(engine) : 'none');
  return canonicalJson(fields.engine as unknown as Json) ===
    canonicalJson(earlier.fields.engine as unknown as Json)
    ? []
    : [
        {
          code: 'engine-changed',
          field: 'engine',
          from: name(earlier.fields.engine),
          to: name(fields.engine),
        },
      ];
};

const codeChanged: Predicate = ({ fields, codeModules, earlier }) => {
  if (fields.code === earlier.fields.code) return [];
  const byName = (modules: readonly CodeModule[]) =>
    Object.fromEntries(modules.map(({ name, digest }) => [name, digest]));
  const changes = fileChanges('code-changed', byName(earlier.codeModules), byName(codeModules));
  if (changes.length > 0) return changes;
  // The modules are the same: another clade digests them in another way.
  return [
    { code: 'code-changed', field: 'as a whole', ...values(short(earlier.fields.code), short(fields.code)) },
  ];
};

const inputChanged: Predicate = ({ step, fields, earlier }) =>
  changedKeys(earlier.fields.inputs as JsonObject, fields.inputs as JsonObject).flatMap((name) => {
    const upstream = step.inputs[name];
    const from = upstream?.kind === 'one' ? `${name} (${upstream.step})` : name;
    return fileChanges(
      'input-changed',
      flatten(earlier.fields.inputs[name]),
      flatten(fields.inputs[name]),
      from,
    );
  });

const sourceChanged: Predicate = ({ fields, earlier }) =>
  changedKeys(earlier.fields.sources as JsonObject, fields.sources as JsonObject).flatMap((name) =>
    fileChanges('source-changed', earlier.fields.sources[name] ?? {}, fields.sources[name] ?? {}, name),
  );

/** In the order in which people look for the cause. */
const PREDICATES: readonly Predicate[] = [
  parameterChanged,
  seedChanged,
  engineChanged,
  codeChanged,
  sourceChanged,
  inputChanged,
];

function changedKeys(before: JsonObject, after: JsonObject): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(byCodeUnit);
  return names.filter((name) => canonicalJson(before[name] ?? null) !== canonicalJson(after[name] ?? null));
}

function fileChanges(
  code: StaleReason['code'],
  before: FileDigests,
  after: FileDigests,
  of?: string,
): StaleReason[] {
  return changedKeys(before, after).map((path) => ({
    code,
    field: of ? (path ? `${of}: ${path}` : of) : path,
    ...values(short(before[path]), short(after[path])),
  }));
}

function flatten(input: FileDigests | readonly CollectedDigests[] | undefined): FileDigests {
  if (!input) return {};
  if (!Array.isArray(input)) return input as FileDigests;
  return Object.fromEntries(
    (input as readonly CollectedDigests[]).flatMap(({ point, files }) =>
      Object.entries(files).map(([path, digest]) => [`${canonicalJson(point)} ${path}`, digest]),
    ),
  );
}

function values(before: Json | undefined, after: Json | undefined): { from?: string; to?: string } {
  const text = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value));
  return {
    ...(before === undefined || before === null ? {} : { from: text(before) }),
    ...(after === undefined || after === null ? {} : { to: text(after) }),
  };
}

function short(digest: string | null | undefined): string | undefined {
  return digest?.slice(0, 8);
}
