import type { Command } from 'commander';
import { openLineage } from '../store/read-lineage.ts';
import { runDetails } from '../views/lineage/run-details.ts';
import { findRun } from './find-run.ts';
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
        const run = findRun(lineage, wanted);
        const steps = lineage.steps(run.id);
        process.stdout.write(
          options.json ? `${JSON.stringify({ run, steps })}\n` : runDetails(run, steps, options.artifacts),
        );
      } finally {
        lineage.close();
      }
    });
}

const EXAMPLES = `
Examples:
  clade show latest
  clade show 20261123-1002 --json`;
