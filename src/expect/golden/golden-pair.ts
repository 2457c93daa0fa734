import type { GoldenTolerance } from '../../core/expectation.ts';

export interface GoldenPair {
  /** Of the file in the artifact: its ending says what it is. */
  readonly path: string;
  readonly golden: Uint8Array;
  readonly bytes: Uint8Array;
  readonly tolerance: GoldenTolerance;
}
