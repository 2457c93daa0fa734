// The process a stage runs in starts here. Math is pinned before any library is loaded, since some
// keep a reference to its functions; so the rest is loaded only afterwards, by a dynamic import.
import { setFlagsFromString } from 'node:v8';
import { pinMath } from '../core/pinned-math.ts';

// As in bin/clade.js: a loop that matters is optimised some milliseconds later, a stage of a moment not at all.
setFlagsFromString('--interrupt-budget=1000000');

pinMath(Math);
// @ts-expect-error: the bundle beside this one, made from main.ts
await import('./worker-main.js');
