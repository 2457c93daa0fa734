import type { Command } from 'commander';
import { openStore } from '../store/open-store.ts';
import { countOf } from '../views/format.ts';
import { artifactsOption } from './options.ts';

export function addReindexCommand(program: Command): void {
  program
    .command('reindex')
    .description('rebuild the lineage index from the folders')
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action((options: { artifacts: string }) => {
      const store = openStore({ folder: options.artifacts });
      try {
        const { objects, runs } = store.reindex();
        process.stdout.write(`${countOf(objects, 'object')} and ${countOf(runs, 'run')} indexed\n`);
      } finally {
        store.close();
      }
    });
}

const EXAMPLES = `
Examples:
  clade reindex
  clade reindex --artifacts ~/study/artifacts`;
