import type { Diagnostic } from '../core/diagnostic.ts';
import type { Digest } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import type { Point, Step, StepInput } from '../core/plan.ts';
import type { StepPolicy } from '../core/resources.ts';
import type { Node, NodeInput } from './build-steps.ts';
import { stepId } from './step-id.ts';

/** Gives every node its id. Two that a file system could not keep apart get digits of their structural key. */
export function nameNodes(nodes: readonly Node[]): Map<Node, string> {
  const taken = new Set<string>();
  return new Map(
    nodes.map((node): [Node, string] => {
      let id = stepId(node.key, node.point);
      if (taken.has(id.toLowerCase())) id = `${id}~${node.structuralKey.slice(0, 8)}`;
      taken.add(id.toLowerCase());
      return [node, id];
    }),
  );
}

export interface StepParts {
  readonly ids: ReadonlyMap<Node, string>;
  /** By key of the file. */
  readonly policies: ReadonlyMap<string, StepPolicy>;
}

/** A class, so that the key that is counted when asked for costs the tens of thousands of others no closure. */
class PlannedStep implements Step {
  readonly id: string;
  readonly key: string;
  readonly uses: string;
  readonly point: Point;
  readonly params: JsonObject;
  readonly identity: JsonObject;
  readonly seed: string | null;
  readonly inputs: Step['inputs'];
  readonly sources: Step['sources'];
  readonly dependsOn: readonly string[];
  readonly positions: Step['positions'];
  readonly policy: StepPolicy;
  readonly #node: Node;

  constructor(node: Node, own: Pick<Step, 'id' | 'inputs' | 'dependsOn' | 'policy'>) {
    const { params, identity, seed, sources } = node.placed.values;
    this.id = own.id;
    this.key = node.key;
    this.uses = node.uses;
    this.point = node.point;
    this.params = params;
    this.identity = identity;
    this.seed = seed;
    this.inputs = own.inputs;
    this.sources = sources;
    this.dependsOn = own.dependsOn;
    this.positions = node.placed.positions;
    this.policy = own.policy;
    this.#node = node;
  }

  get structuralKey(): Digest {
    return this.#node.structuralKey;
  }
}

/** Nodes as steps. */
export function assembleSteps(nodes: readonly Node[], { ids, policies }: StepParts): Step[] {
  const toInput = (input: NodeInput): StepInput =>
    input.kind === 'one'
      ? { kind: 'one', step: ids.get(input.node)! }
      : {
          kind: 'collected',
          missing: input.missing,
          members: input.nodes.map((node) => ({ step: ids.get(node)!, point: node.point })),
        };
  return nodes.map((node) => {
    // A sweep has tens of thousands of these: no lists of entries in between.
    const inputs: { [name: string]: StepInput } = {};
    const dependsOn = new Set<string>();
    for (const name in node.inputs) {
      const input = toInput(node.inputs[name]);
      inputs[name] = input;
      if (input.kind === 'one') dependsOn.add(input.step);
      else for (const { step } of input.members) dependsOn.add(step);
    }
    return new PlannedStep(node, {
      id: ids.get(node)!,
      inputs,
      dependsOn: [...dependsOn],
      policy: policies.get(node.key)!,
    });
  });
}

/** Notes are what may be said of a plan that can run. */
export function notesAmong(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity !== 'error');
}
