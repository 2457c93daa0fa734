import type { Command } from 'commander';
import { openLineage } from '../store/read-lineage.ts';
import { runDetails } from '../views/lineage/run-details.ts';
import { runningSteps, runningText } from '../views/lineage/running-text.ts';
import { findRun } from './find-run.ts';
import { withLiveState } from './live-run.ts';
import { artifactsOption, jsonOption } from './options.ts';

export function addShowCommand(program: Command): void {
  program
    .command('show')
    .description('one run: its steps, what became of them, their metrics')
    .argument('[run]', 'id, the start of one, or latest', 'latest')
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action((wanted: string, options: { json?: boolean; artifacts: string }) => {
      const lineage = openLineage(options.artifacts);
      try {
        const { run, live } = withLiveState(options.artifacts, findRun(lineage, wanted));
        const steps = lineage.steps(run.id);
        if (options.json) {
          const running = live ? { running: runningSteps(live) } : {};
          process.stdout.write(`${JSON.stringify({ run, steps, ...running })}\n`);
          return;
        }
        const details = [runDetails(run, steps, options.artifacts)];
        if (live) details.push(runningText(live, Date.now()));
        process.stdout.write(details.join('\n'));
      } finally {
        lineage.close();
      }
    });
}

const EXAMPLES = `
Examples:
  clade show latest
  clade show 20261123-1002 --json`;
