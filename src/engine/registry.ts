import type { EngineKind } from './engine-kind.ts';
import { tensorflow } from './kinds/tensorflow.ts';
import { wasm } from './kinds/wasm.ts';
import { webgpu } from './kinds/webgpu.ts';

/** Every engine that clade knows; `auto` measures those that are there (`auto/`). */
export const ENGINES: readonly EngineKind[] = [tensorflow, wasm, webgpu];
