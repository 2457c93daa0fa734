import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandEnvironment } from '../../core/command-environment.ts';
import type { StageRun } from '../../core/stage.ts';
import { readMetrics } from '../../formats/metrics-file.ts';
import { callProgram } from './call-program.ts';
import { checkOutputs } from './check-outputs.ts';
import type { Parameters } from './declaration.ts';
import { layOut } from './lay-out.ts';

/** Private folder → program → what it left. */
const run: StageRun<Parameters> = async (context) => {
  const { params, out, scratch, signal, threads } = context;
  const cwd = join(scratch, 'folder');
  mkdirSync(cwd, { recursive: true });
  const places = await layOut(context, cwd);
  const ambient = commandEnvironment({ environment: process.env, platform: process.platform, threads });
  await callProgram({
    run: params.run,
    cwd,
    env: { ...ambient, TMPDIR: scratch, TEMP: scratch, TMP: scratch, ...params.env, ...places, OUT: out },
    signal,
    heard: (stream, line) => context.log(stream === 'stderr' ? 'warn' : 'info', line, { stream }),
  });
  checkOutputs(context);
  return { metrics: await readMetrics(out) };
};

export default run;
