import type { Diagnostic } from '../core/diagnostic.ts';
import type { Digest } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import type { Point, Step, StepInput } from '../core/plan.ts';
import type { StepPolicy } from '../core/resources.ts';
import { Node, type NodeInput } from './build-steps.ts';
import { StepNames } from './step-id.ts';

/** Every node's id, by its number. Two that a file system could not keep apart get digits of their structural key. */
export function nameNodes(nodes: readonly Node[]): readonly string[] {
  const taken = new Set<string>();
  const names = new StepNames();
  return nodes.map((node) => {
    let id = names.of(node.key, node.point);
    let folded = id.toLowerCase();
    if (taken.has(folded)) {
      id = `${id}~${node.structuralKey.slice(0, 8)}`;
      folded = id.toLowerCase();
    }
    taken.add(folded);
    return id;
  });
}

export interface StepParts {
  /** By the node's number. */
  readonly ids: readonly string[];
  /** By key of the file. */
  readonly policies: ReadonlyMap<string, StepPolicy>;
}

/** A class, so that what is worked out when asked for costs the tens of thousands of others no closure. */
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
    this.policy = own.policy;
    this.#node = node;
  }

  get structuralKey(): Digest {
    return this.#node.structuralKey;
  }

  get positions(): Step['positions'] {
    return this.#node.placed.positions();
  }
}

/** Nodes as steps. A sweep has tens of thousands of these: what can be shared is, and nothing lies in between. */
export function assembleSteps(nodes: readonly Node[], { ids, policies }: StepParts): Step[] {
  const ones: StepInput[] = [];
  const toInput = (input: NodeInput): StepInput => {
    if (input instanceof Node) {
      ones[input.number] ??= { kind: 'one', step: ids[input.number] };
      return ones[input.number];
    }
    const members = input.nodes.map(({ number, point }) => ({ step: ids[number], point }));
    return { kind: 'collected', missing: input.missing, members };
  };
  return nodes.map((node) => {
    const names = node.placed.values.inputs;
    const inputs: { [name: string]: StepInput } = {};
    for (let at = 0; at < names.length; at++) inputs[names[at]] = toInput(node.inputs[at]);
    return new PlannedStep(node, {
      id: ids[node.number],
      inputs,
      dependsOn: dependenciesOf(node, ids),
      policy: policies.get(node.key)!,
    });
  });
}

/** Each once, in the order of the inputs. */
function dependenciesOf({ inputs }: Node, ids: readonly string[]): readonly string[] {
  const needed = new Set<string>();
  for (const input of inputs) {
    if (input instanceof Node) needed.add(ids[input.number]);
    else for (const { number } of input.nodes) needed.add(ids[number]);
  }
  return [...needed];
}

/** Notes are what may be said of a plan that can run. */
export function notesAmong(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity !== 'error');
}
