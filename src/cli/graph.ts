import { type Command, Option } from 'commander';
import { EXIT } from './exit-codes.ts';
import { loadCatalogueFor } from './load-catalogue.ts';
import { setOption } from './options.ts';
import { readPipeline } from './read-pipeline.ts';

export function addGraphCommand(program: Command): void {
  program
    .command('graph')
    .description('the DAG of a pipeline: every step, shared ones once')
    .argument('<file>', 'pipeline file')
    .addOption(setOption())
    .addOption(
      new Option('--format <format>', 'how to draw it').choices(['text', 'mermaid', 'dot']).default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: { set: string[]; format: 'text' | 'mermaid' | 'dot' }) => {
      const plan = readPipeline({ file, catalogue: await loadCatalogueFor(file), set: options.set });
      if (!plan) {
        process.exitCode = EXIT.usage;
        return;
      }
      const { graphDot, graphMermaid, graphText } = await import('../views/graph/draw-graph.ts');
      const draw = { text: graphText, mermaid: graphMermaid, dot: graphDot }[options.format];
      process.stdout.write(draw(plan));
    });
}

const EXAMPLES = `
Examples:
  clade graph thesis.yaml
  clade graph thesis.yaml --format dot | dot -Tsvg > graph.svg
  clade graph thesis.yaml --format mermaid`;
