import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { describeWorkload } from '../core/workload.ts';
import { describeMachine } from '../engine/auto/machine.ts';
import { listSpeeds, type SpeedRecord, speedsFolder } from '../engine/auto/speed-store.ts';
import type { EngineProbe } from '../engine/engine-kind.ts';
import { probeEngines, resolveEngine } from '../engine/probe.ts';
import { formatBytes } from '../views/format.ts';
import { engineLines } from './engine-lines.ts';
import { EXIT } from './exit-codes.ts';
import { loadCatalogue } from './install-folder.ts';
import { artifactsOption, engineOption, jsonOption } from './options.ts';
import { DEFAULT_ENGINE } from './resolve-engine.ts';

declare const CLADE_VERSION: string;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what this machine has: engines, why, and what would bring more')
    .addOption(engineOption())
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(doctor);
}

const EXAMPLES = `
Examples:
  clade doctor
  clade doctor --json`;

function doctor(options: { engine?: string; json?: boolean; artifacts: string }): void {
  const engines = probeEngines();
  const { engine, problem } = findEngine(options.engine || DEFAULT_ENGINE, engines);
  const speeds = listSpeeds(speedsFolder(), describeMachine());
  const folder = inspectFolder(options.artifacts);
  const machine = {
    clade: CLADE_VERSION,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    stages: Object.keys(loadCatalogue().stages).length,
  };
  if (problem || !folder.writable) process.exitCode = EXIT.failed;
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ engine, problem, engines, speeds, artifacts: folder, ...machine })}\n`,
    );
    return;
  }
  const lines = [
    `clade ${machine.clade}, Node ${machine.node}, ${machine.platform}`,
    `${machine.cores} cores (${machine.cpu}), ${formatBytes(machine.memoryBytes)} of memory`,
    `artifacts: ${folder.path}${folder.writable ? '' : ', which may not be written: give another folder by --artifacts'}, ${formatBytes(folder.freeBytes)} free`,
    `engine: ${engine === 'auto' ? 'auto, which each pipeline decides by its network' : (engine ?? 'none')}`,
    ...engineLines(engines).map((line) => `  ${line}`),
    ...speeds.map(speedLine),
    ...(problem ? [problem] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** `auto` is decided by a pipeline; here it can only be said that something can run. */
function findEngine(
  asked: string,
  engines: readonly EngineProbe[],
): { engine: string | null; problem: string | null } {
  if (asked === 'auto') {
    const some = engines.some(({ available }) => available);
    return some ? { engine: 'auto', problem: null } : { engine: null, problem: 'no engine can run here' };
  }
  const chosen = resolveEngine(asked, engines);
  return 'reason' in chosen
    ? { engine: null, problem: chosen.message }
    : { engine: chosen.name, problem: null };
}

function speedLine({ engine, workload, speed }: SpeedRecord): string {
  const found = speed.status === 'works' ? `${speed.stepMs.toPrecision(2)} ms a step` : speed.why;
  return `measured: ${engine.name} on ${describeWorkload(workload)}: ${found}`;
}

function inspectFolder(artifacts: string) {
  const path = resolve(artifacts);
  let nearest = path;
  while (!existsSync(nearest)) nearest = dirname(nearest);
  const { bavail, bsize } = statfsSync(nearest);
  return { path, writable: mayWrite(nearest), freeBytes: bavail * bsize };
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
