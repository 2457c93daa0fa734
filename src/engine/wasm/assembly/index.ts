// The kernels as one module. It has no data of its own and touches only what it is handed: its memory
// is another module's (tfjs's) or one made for a compiled network.
export { adam, reducePanels } from './adam';
export { clear, copyRows, packPanels, pick, transpose, unpackPanels } from './arrange';
export { correlate1, correlate2, correlate4 } from './correlate-tile';
export { gather } from './gather';
export { gather1, gather2, gather3, gather4 } from './gather-tile';
export { narrow1, narrow2, narrow4 } from './narrow-tile';
export { run } from './program';
export { sumColumns } from './sum-columns';
