import type { Command } from 'commander';
import { EXIT } from './exit-codes.ts';
import { loadCatalogueFor } from './load-catalogue.ts';

export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('the JSON Schema of pipeline files, for editors')
    .argument('[file]', 'pipeline file whose own stages (uses: ./folder) are described too')
    .addHelpText('after', EXAMPLES)
    .action(printSchema);
}

const EXAMPLES = `
Examples:
  clade schema > pipeline.schema.json
  clade schema study.yaml > study.schema.json`;

async function printSchema(file?: string): Promise<void> {
  const catalogue = await loadCatalogueFor(file);
  const { buildPipelineSchema } = await import('../spec/pipeline-schema.ts');
  process.stdout.write(`${JSON.stringify(buildPipelineSchema(catalogue), null, 2)}\n`);
  for (const [uses, { message, hint }] of Object.entries(catalogue.broken ?? {})) {
    process.stderr.write(`clade: ${uses} is left out: ${message}${hint ? ` (${hint})` : ''}\n`);
    process.exitCode = EXIT.usage;
  }
}
