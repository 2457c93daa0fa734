import type { Command } from 'commander';
import { loadCatalogue } from './install-folder.ts';

export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('the JSON Schema of pipeline files, for editors')
    .action(async () => {
      const { buildPipelineSchema } = await import('../spec/pipeline-schema.ts');
      process.stdout.write(`${JSON.stringify(buildPipelineSchema(loadCatalogue()), null, 2)}\n`);
    });
}
