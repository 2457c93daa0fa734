import type { SourceKind } from './declaration.ts';
import type { Diagnostic, Position } from './diagnostic.ts';
import type { Digest } from './digest.ts';
import type { Json, JsonObject } from './json.ts';
import type { StepPolicy } from './resources.ts';

/** One assignment of swept parameters; keys in the order of the file's axes. */
export type Point = { readonly [axis: string]: Json };

/** Which step an input comes from; for a collecting step, from which ones. */
export type StepInput =
  | { readonly kind: 'one'; readonly step: string }
  /** Each distinct artifact once, with the part of the point along the collected axes that it depends on. */
  | {
      readonly kind: 'collected';
      readonly members: readonly CollectedMember[];
      /** What to do where members have no artifact. */
      readonly missing: 'fail' | 'allow';
    };

export interface CollectedMember {
  readonly step: string;
  /** The axes that this artifact depends on, all of them. */
  readonly point: Point;
}

/** An external source of a step: where it is now, and the name that enters the fingerprint. */
export interface StepSource {
  readonly parameter: string;
  readonly kind: SourceKind;
  /** Absolute, never part of a fingerprint; of the kind `output`, the command. */
  readonly path: string;
  /** Of the kind `code`: where it lies in the private folder, '/'-separated. */
  readonly place?: string;
}

/** One planned instance of a stage with its parameters: one fingerprint. */
export interface Step {
  /** `pretrain@embeddingDim=3,seed=0`: names only the axes it depends on; also its folder below `steps/`. */
  readonly id: string;
  /** The key in the YAML file. */
  readonly key: string;
  /** The stage's name. */
  readonly uses: string;
  /** The axes it depends on. */
  readonly point: Point;
  /** All that apply, defaults filled in, paths absolute: what the stage gets. */
  readonly params: JsonObject;
  /** Without paths and what only says how to compute: what the fingerprint gets. */
  readonly identity: JsonObject;
  /** Of a random stage; null for others. */
  readonly seed: string | null;
  readonly inputs: { readonly [name: string]: StepInput };
  readonly sources: readonly StepSource[];
  /** Hash of stage, identity, seed and the inputs' structural keys: equal steps share one. */
  readonly structuralKey: Digest;
  /** Ids of the steps it needs, each once, in the order of the inputs. */
  readonly dependsOn: readonly string[];
  /** Where each parameter was written, for `why` and messages. */
  readonly positions: { readonly [parameter: string]: Position };
  /** How to execute it: never part of a fingerprint or of a structural key. */
  readonly policy: StepPolicy;
}

export interface Plan {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly seed: number;
  /** What computes, as the file says; null where it does not. */
  readonly engine: string | null;
  /** Swept parameters in the order of the file. */
  readonly axes: readonly string[];
  readonly points: readonly Point[];
  /** What people call the sweep; null where it has no name. */
  readonly sweep: string | null;
  /** In an order in which inputs come before what needs them. */
  readonly steps: readonly Step[];
  /** For each point, in the order of `points`: which step stands for each YAML key. */
  readonly stepsOfPoint: readonly { readonly [key: string]: string }[];
  /** Parameters that do not apply and were left out, and the like. */
  readonly notes: readonly Diagnostic[];
}
