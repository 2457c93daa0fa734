import type { Command } from 'commander';
import { openLineage } from '../store/read-lineage.ts';
import { runsTable } from '../views/lineage/runs-table.ts';
import { withLiveState } from './live-run.ts';
import { artifactsOption, jsonOption, positiveInteger } from './options.ts';

export function addLsCommand(program: Command): void {
  program
    .command('ls')
    .description('runs, newest first')
    .option('-n, --limit <n>', 'how many', positiveInteger, 20)
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--sweep <name>', 'only of the sweep of this name')
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(
      (options: { limit: number; pipeline?: string; sweep?: string; json?: boolean; artifacts: string }) => {
        const lineage = openLineage(options.artifacts);
        try {
          const runs = lineage.listRuns(options).map((run) => withLiveState(options.artifacts, run).run);
          process.stdout.write(
            options.json ? `${JSON.stringify({ runs })}\n` : runsTable(runs, options.artifacts),
          );
        } finally {
          lineage.close();
        }
      },
    );
}

const EXAMPLES = `
Examples:
  clade ls
  clade ls --sweep gamma
  clade ls --json`;
