import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { LogLine } from '../core/artifact.ts';
import { type Lineage, openLineage } from '../store/read-lineage.ts';
import { readAttemptLog, readRunEvents } from '../store/read-logs.ts';
import { findRun } from './find-run.ts';
import { artifactsOption, jsonOption } from './options.ts';
import { stepHint } from './unknown-name.ts';
import { UsageError } from './usage-error.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly artifacts: string;
}

export function addLogsCommand(program: Command): void {
  program
    .command('logs')
    .description('what a step logged, in every attempt of a run')
    .argument('<names...>', '[RUN] STEP: the run (latest where absent), and STEP or STEP@axis=value')
    .option('-f, --follow', 'go on while the step goes on, also in another process and over retries')
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(logs);
}

const EXAMPLES = `
Examples:
  clade logs pretrain
  clade logs latest pretrain@seed=0 -f
  clade logs 20261123-1001 finetune --json`;

const POLL_MS = 200;

async function logs(names: string[], options: LogsOptions): Promise<void> {
  if (names.length > 2) throw new UsageError('logs takes [RUN] STEP, and was given more');
  const [wanted, step] = names.length === 2 ? names : ['latest', names[0]];
  const lineage = openLineage(options.artifacts);
  try {
    const run = findRun(lineage, wanted);
    const told = new Map<string, number>();
    for (;;) {
      // Looked at before the log: what is logged until it has ended is then read.
      const running = lineage.findRuns(run.id)[0]?.status === 'running';
      const { attempts, settled } = attemptsOf(lineage, run.id, step, running);
      for (const attempt of attempts) tell(lineage.folder, attempt, told, options.json === true);
      if (!options.follow || settled || !running) return;
      await sleep(POLL_MS);
    }
  } finally {
    lineage.close();
  }
}

/** The attempts of a step in the order in which they began, and whether no further one comes. */
function attemptsOf(lineage: Lineage, runId: string, step: string, running: boolean) {
  const matches = (stepId: string) => stepId === step || stepId.split('@')[0] === step;
  const known = new Set<string>();
  const open = new Set<string>();
  const attempts: { readonly id: string; readonly stepId: string }[] = [];
  for (const event of readRunEvents(lineage.folder, runId)) {
    if (!('stepId' in event)) continue;
    known.add(event.stepId);
    if (!matches(event.stepId)) continue;
    if (event.event === 'step-planned') open.add(event.stepId);
    if (event.event === 'step-started') attempts.push({ id: event.attempt, stepId: event.stepId });
    if (event.event === 'step-reused') {
      const made = lineage.object(event.fingerprint);
      if (made) attempts.push({ id: made.attempt, stepId: event.stepId });
    }
    if (['step-finished', 'step-failed', 'step-reused', 'step-skipped'].includes(event.event))
      open.delete(event.stepId);
  }
  if (![...known].some(matches) && (known.size > 0 || !running)) {
    throw new UsageError(
      `run ${runId} has no step '${step}'; ${stepHint(step, [...known]) ?? 'it has none'}`,
    );
  }
  return { attempts, settled: known.size > 0 && open.size === 0 };
}

/** Prints what an attempt logged since it was last looked at. */
function tell(
  folder: string,
  { id, stepId }: { readonly id: string; readonly stepId: string },
  told: Map<string, number>,
  json: boolean,
): void {
  const lines = readAttemptLog(folder, id);
  const from = told.get(id) ?? 0;
  told.set(id, lines.length);
  for (const line of lines.slice(from))
    process.stdout.write(
      `${json ? JSON.stringify({ stepId, attempt: id, ...line }) : lineText(stepId, line)}\n`,
    );
}

function lineText(stepId: string, { at, level, message, fields }: LogLine): string {
  const values = Object.entries(fields ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [at.slice(11, 19), level.padEnd(5), stepId, message, ...values].join('  ');
}
