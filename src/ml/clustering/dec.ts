import { klDivergence, klLoss } from './kl-loss.ts';
import type { ClusteringMethod } from './method.ts';
import { softAssignment, targetDistribution } from './soft-assignment.ts';

/** Deep embedded clustering (Xie et al. 2016): KL to the sharpened assignment alone; no decoder. */
export function dec({ alpha = 1 }: { readonly alpha?: number } = {}): ClusteringMethod {
  return {
    name: 'dec',
    reconstructionWeight: 0,
    gamma: 1,
    memberships: (z, mu) => softAssignment(z, mu, alpha),
    targets: targetDistribution,
    value: klDivergence,
    loss: (z, mu, p) => klLoss({ z, mu, p, alpha }),
  };
}
