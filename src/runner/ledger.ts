import { type Capacity, type Demand, type Grant, gpuThousandths } from '../core/resources.ts';

/** Somebody who waits for resources, or has them. */
export interface Claim {
  readonly demand: Demand;
  /** Higher first. */
  readonly priority: number;
}

/**
 * A claim that does not fit while others do is passed over this often at most; then nothing of a lower
 * rank starts before it, and what ends frees room for it.
 */
const PASSED_OVER_LIMIT = 16;

/** A GPU that nobody uses, in thousandths. */
const WHOLE = gpuThousandths(1);

interface Waiting {
  readonly claim: Claim;
  /** All claims of its demand that wait; sorted, the first one last. */
  readonly queue: Waiting[];
  /** In the order of arrival. */
  readonly serial: number;
  passedOver: number;
}

/**
 * Shares out cores, memory and GPUs: pure bookkeeping, no clock and no promises. Claims are ranked by
 * priority, then by arrival. The first that fits is next, so a small one may go ahead of a large one
 * that does not fit, but not for ever. Claims of equal demand fit alike, so only the first of each
 * demand is looked at: a thousand waiting steps of one stage cost no more than one.
 *
 * Memory is what stages say of themselves, and a claim for more than there is starts when it is alone;
 * more cores or GPUs than there are can never be had, and must be refused before (`checkDemands`).
 */
export class Ledger {
  #stepsFree: number;
  #cpuFree: number;
  #memoryFreeMiB: number;
  readonly #gpus: { readonly name: string; free: number }[]; // in thousandths
  readonly #waiting = new Map<string, Waiting[]>(); // by demand
  readonly #held = new Map<Claim, Grant>();
  #serial = 0;
  #count = 0;

  /** @param steps how many claims may be granted at once, whatever they take. */
  constructor(capacity: Capacity, steps: number) {
    this.#stepsFree = steps;
    this.#cpuFree = capacity.cpu;
    this.#memoryFreeMiB = capacity.memoryMiB;
    this.#gpus = capacity.gpus.map((name) => ({ name, free: WHOLE }));
  }

  get waiting(): number {
    return this.#count;
  }

  enqueue(claim: Claim): void {
    const { cpu, threads, memoryMiB, gpu } = claim.demand;
    const key = `${cpu}/${threads}/${memoryMiB}/${gpu}`;
    const queue = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, queue);
    const one = { claim, queue, serial: this.#serial++, passedOver: 0 };
    let [low, high] = [0, queue.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ranks(queue[middle], one)) high = middle;
      else low = middle + 1;
    }
    queue.splice(low, 0, one);
    this.#count++;
  }

  /** Is there a claim that `grantNext` would grant? */
  get ready(): boolean {
    return this.#choose() !== null;
  }

  /** Takes the resources of the next claim that fits; null where none does. */
  grantNext(): { readonly claim: Claim; readonly grant: Grant } | null {
    const next = this.#choose();
    if (next === null) return null;
    for (const queue of this.#waiting.values()) {
      const first = queue.at(-1);
      if (first && first !== next && ranks(first, next)) first.passedOver++;
    }
    const threads = next.claim.demand.cpu + this.#spareFor(next);
    next.queue.pop();
    this.#count--;
    this.#stepsFree--;
    const { memoryMiB, gpu } = next.claim.demand;
    const gpus = this.#findGpus(gpu)!;
    for (const one of gpus) one.free -= Math.min(WHOLE, gpuThousandths(gpu));
    this.#cpuFree -= threads;
    this.#memoryFreeMiB -= memoryMiB;
    const grant = { threads, gpus: gpus.map(({ name }) => name) };
    this.#held.set(next.claim, grant);
    return { claim: next.claim, grant };
  }

  /** Gives back what a claim was granted. */
  release(claim: Claim): void {
    const grant = this.#held.get(claim);
    if (!grant || !this.#held.delete(claim)) return;
    this.#stepsFree++;
    this.#cpuFree += grant.threads;
    this.#memoryFreeMiB += claim.demand.memoryMiB;
    for (const one of this.#gpus)
      if (grant.gpus.includes(one.name)) one.free += Math.min(WHOLE, gpuThousandths(claim.demand.gpu));
  }

  #choose(): Waiting | null {
    const firsts = [...this.#waiting.values()].flatMap((queue) => queue.at(-1) ?? []).sort(byRank);
    for (const first of firsts) {
      if (this.#fits(first.claim.demand)) return first;
      if (first.passedOver >= PASSED_OVER_LIMIT) return null; // what is freed is kept for it
    }
    return null;
  }

  #fits({ cpu, memoryMiB, gpu }: Demand): boolean {
    if (this.#stepsFree === 0 || cpu > this.#cpuFree || this.#findGpus(gpu) === null) return false;
    return memoryMiB <= this.#memoryFreeMiB || this.#held.size === 0;
  }

  /**
   * GPUs that could be had now: whole ones, or of those with room for a share the one with the least, so
   * that others stay whole. Null where there are none.
   */
  #findGpus(gpu: number): { readonly name: string; free: number }[] | null {
    if (gpu === 0) return [];
    const share = gpuThousandths(gpu);
    if (share >= WHOLE) {
      const whole = this.#gpus.filter(({ free }) => free === WHOLE);
      return whole.length < gpu ? null : whole.slice(0, gpu);
    }
    const roomy = this.#gpus.filter(({ free }) => free >= share);
    return roomy.length === 0 ? null : [roomy.reduce((best, one) => (one.free < best.free ? one : best))];
  }

  /**
   * Cores beyond its need that a claim may have: none that another waiting one would start on, and of
   * the rest an even share among those that could use them.
   */
  #spareFor(next: Waiting): number {
    const { demand } = next.claim;
    const wanted = demand.threads - demand.cpu;
    let spare = this.#cpuFree - demand.cpu;
    if (wanted <= 0 || spare <= 0) return Math.max(0, Math.min(wanted, spare));
    let sharing = 1;
    let others = this.#stepsFree - 1;
    for (const queue of this.#waiting.values()) {
      for (let at = queue.length - 1; at >= 0; at--) {
        if (queue[at] === next) continue;
        const other = queue[at].claim.demand;
        if (other.cpu > spare || others === 0) break;
        others--;
        spare -= other.cpu;
        if (other.threads > other.cpu) sharing++;
      }
    }
    return Math.min(wanted, Math.ceil(spare / sharing));
  }
}

/** Does the first come before the second? */
function ranks(first: Waiting, second: Waiting): boolean {
  return byRank(first, second) < 0;
}

function byRank(a: Waiting, b: Waiting): number {
  return b.claim.priority - a.claim.priority || a.serial - b.serial;
}
