import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { probeEngines, resolveEngine } from '../engine/probe.ts';
import { formatBytes } from '../views/format.ts';
import { EXIT } from './exit-codes.ts';
import { loadCatalogue } from './install-folder.ts';
import { artifactsOption, engineOption, jsonOption } from './options.ts';

declare const CLADE_VERSION: string;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what this machine has: engines, why, and what would bring more')
    .addOption(engineOption())
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .action(doctor);
}

function doctor(options: { engine: string; json?: boolean; artifacts: string }): void {
  const engines = probeEngines();
  const chosen = resolveEngine(options.engine, engines);
  const problem = 'reason' in chosen ? chosen.message : null;
  const engine = 'reason' in chosen ? null : chosen.name;
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
    process.stdout.write(`${JSON.stringify({ engine, problem, engines, artifacts: folder, ...machine })}\n`);
    return;
  }
  const lines = [
    `clade ${machine.clade}, Node ${machine.node}, ${machine.platform}`,
    `${machine.cores} cores (${machine.cpu}), ${formatBytes(machine.memoryBytes)} of memory`,
    `artifacts: ${folder.path}${folder.writable ? '' : ', which may not be written: give another folder by --artifacts'}, ${formatBytes(folder.freeBytes)} free`,
    `engine: ${engine ?? 'none'}`,
    ...engines.map(
      ({ name, available, why, cure }) =>
        `  ${available ? '+' : '-'} ${name}: ${why}${cure ? ` ${cure}` : ''}`,
    ),
    ...(problem ? [problem] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
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
