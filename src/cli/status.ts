import type { Command } from 'commander';
import { openLineage } from '../store/read-lineage.ts';
import { readRunEvents } from '../store/read-logs.ts';
import { runningSteps, runningText } from '../views/lineage/running-text.ts';
import { runsTable } from '../views/lineage/runs-table.ts';
import { EMPTY_RUN, reduceRun } from '../views/run-state.ts';
import { artifactsOption, engineOption, jsonOption, setOption } from './options.ts';
import type { StatusOptions } from './status-of-file.ts';

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('what is going on; of a pipeline file: what is up to date and what is not')
    .argument('[file]', 'pipeline file')
    .addOption(setOption())
    .addOption(engineOption())
    .option('--exit-code', 'exit with 3 where something is stale')
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, options: StatusOptions) => {
      if (!file) return ofFolder(options);
      const { statusOfFile } = await import('./status-of-file.ts');
      return statusOfFile(file, options);
    });
}

const EXAMPLES = `
Examples:
  clade status
  clade status thesis.yaml
  clade status thesis.yaml --exit-code || echo stale`;

function ofFolder({ artifacts, json }: StatusOptions): void {
  const lineage = openLineage(artifacts);
  try {
    const running = lineage.listRuns().filter(({ status }) => status === 'running');
    const [latest] = lineage.listRuns({ limit: 1 });
    const states = running.map(({ id }) => readRunEvents(artifacts, id).reduce(reduceRun, EMPTY_RUN));
    if (json) {
      const told = running.map((run, at) => ({ ...run, steps: runningSteps(states[at]) }));
      process.stdout.write(`${JSON.stringify({ running: told, latest: latest ?? null })}\n`);
    } else if (running.length > 0) {
      const texts = states.map((state) => runningText(state, Date.now()));
      process.stdout.write([runsTable(running, artifacts), ...texts].join('\n'));
    } else process.stdout.write(`nothing is running\n${latest ? runsTable([latest], artifacts) : ''}`);
  } finally {
    lineage.close();
  }
}
