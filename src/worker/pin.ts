// The process a stage runs in starts here. Math is pinned before any library is loaded, since some
// keep a reference to its functions; so the rest is loaded only afterwards, by a dynamic import.
import { pinMath } from '../core/pinned-math.ts';

pinMath(Math);
// @ts-expect-error: the bundle beside this one, made from main.ts
await import('./worker-main.js');
