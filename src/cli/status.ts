import type { Command } from 'commander';
import { openLineage } from '../store/read-lineage.ts';
import { runningSteps, runningText } from '../views/lineage/running-text.ts';
import { runsTable } from '../views/lineage/runs-table.ts';
import { withLiveState } from './live-run.ts';
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
    const told = lineage.listRuns().map((run) => withLiveState(artifacts, run));
    const running = told.flatMap(({ run, live }) => (live ? [{ run, live }] : []));
    const latest = told[0]?.run ?? null;
    if (json) {
      const steps = running.map(({ run, live }) => ({ ...run, steps: runningSteps(live) }));
      process.stdout.write(`${JSON.stringify({ running: steps, latest })}\n`);
    } else if (running.length > 0) {
      const table = runsTable(
        running.map(({ run }) => run),
        artifacts,
      );
      const texts = running.map(({ live }) => runningText(live, Date.now()));
      process.stdout.write([table, ...texts].join('\n'));
    } else process.stdout.write(`nothing is running\n${latest ? runsTable([latest], artifacts) : ''}`);
  } finally {
    lineage.close();
  }
}
