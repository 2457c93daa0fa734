import { parseDuration } from '../core/duration.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { GPU_HINT, isGpuDemand } from '../core/resources.ts';
import { stageText } from './check-parameters.ts';
import { showValue } from './describe-schema.ts';
import { own } from './own.ts';
import type { Problem } from './problem.ts';

/**
 * What a step says of its execution and a form alone cannot judge: durations, and demands that contradict
 * themselves. Looks at the values as written: a draft holds only what is right.
 */
export function checkPolicy(stages: JsonObject): Problem[] {
  return Object.entries(stages).flatMap(([key, stage]): Problem[] => {
    if (typeof stage !== 'object' || stage === null || Array.isArray(stage)) return [];
    const checks = [checkTimeout, checkThreads, checkGpu];
    return checks.flatMap((check) => check(key, stage as JsonObject));
  });
}

function checkTimeout(key: string, stage: JsonObject): Problem[] {
  const timeout = own(stage, 'timeout');
  if (timeout === undefined || (typeof timeout === 'string' && parseDuration(timeout) !== null)) return [];
  const message = `the timeout of ${describe(key, stage)} must be a duration, not ${showValue(timeout)}`;
  const hint =
    typeof timeout === 'number'
      ? `with a unit: did you mean '${timeout}s', or '${timeout}m'?`
      : 'such as 90s, 45m, 2h or 1h 30m';
  return [{ path: ['stages', key, 'timeout'], at: 'value', code: 'bad-value', message, hint }];
}

function checkThreads(key: string, stage: JsonObject): Problem[] {
  const resources = own(stage, 'resources') as { readonly cpu?: Json; readonly threads?: Json } | undefined;
  const { cpu, threads } = resources ?? {};
  if (typeof cpu !== 'number' || typeof threads !== 'number' || threads >= cpu) return [];
  const message = `${describe(key, stage)} needs ${cpu} cores and can use ${threads}`;
  const hint = "'cpu' is the least it needs, 'threads' the most it can use";
  return [{ path: ['stages', key, 'resources', 'threads'], at: 'value', code: 'bad-value', message, hint }];
}

function checkGpu(key: string, stage: JsonObject): Problem[] {
  const { gpu } = (own(stage, 'resources') ?? {}) as { readonly gpu?: Json };
  if (typeof gpu !== 'number' || gpu < 0 || isGpuDemand(gpu)) return [];
  const message = `${describe(key, stage)} cannot take ${gpu} GPUs`;
  return [
    { path: ['stages', key, 'resources', 'gpu'], at: 'value', code: 'bad-value', message, hint: GPU_HINT },
  ];
}

function describe(key: string, stage: JsonObject): string {
  return typeof stage.uses === 'string' ? stageText(key, stage.uses) : `step '${key}'`;
}
