import { dec } from './dec.ts';
import type { ClusteringMethod } from './method.ts';

export interface DcecParameters {
  readonly alpha?: number;
  /**
   * Weight of the clustering loss, never of the reconstruction. Default 0.01 (the study; the published
   * DCEC has 0.1); 'balanced' is what the study's text asks for (2.3.2): both losses alike at the start.
   */
  readonly gamma?: number | 'balanced';
}

/** Deep convolutional embedded clustering (Guo et al. 2017): DEC's loss beside the reconstruction's. */
export function dcec({ alpha, gamma = 0.01 }: DcecParameters = {}): ClusteringMethod {
  return { ...dec({ alpha }), name: 'dcec', reconstructionWeight: 1, gamma };
}
