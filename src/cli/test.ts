import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { junitXml } from '../views/expect/junit.ts';
import { testText } from '../views/expect/test-text.ts';
import { createPlainView } from '../views/lines/plain-view.ts';
import { symbolsFor } from '../views/symbols.ts';
import { createRunView } from './create-run-view.ts';
import { EXIT, exitStatus } from './exit-codes.ts';
import { loadCatalogueFor } from './load-catalogue.ts';
import { artifactsOption, engineOption, jsonOption, positiveInteger, setOption } from './options.ts';
import { readPipelineFile } from './read-pipeline.ts';
import { decideEngine } from './resolve-engine.ts';
import { UsageError } from './usage-error.ts';

interface TestOptions {
  readonly set: string[];
  readonly jobs?: number;
  readonly update?: boolean;
  readonly junit?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly engine?: string;
  readonly artifacts: string;
}

export function addTestCommand(program: Command): void {
  program
    .command('test')
    .description("run what is stale, then hold the results against the pipeline's 'expect' block")
    .argument('<file>', 'pipeline file')
    .addOption(setOption())
    .option('-u, --update', 'write what was found as golden values and files, for review')
    .option('--junit <file>', 'also write the results as JUnit XML')
    .option('--verbose', 'also say what holds')
    .option('-j, --jobs <n>', 'steps at a time, at most (default: what cores allow)', positiveInteger)
    .addOption(engineOption())
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(test);
}

const EXAMPLES = `
Exit status: 0 all hold, 1 an expectation or a step failed, 2 usage or pipeline file.

Examples:
  clade test pipelines/quickstart.yaml
  clade test thesis.yaml --junit results.xml
  clade test thesis.yaml --update && git diff`;

async function test(file: string, options: TestOptions): Promise<void> {
  const catalogue = await loadCatalogueFor(file);
  const reading = readPipelineFile({ file, catalogue, set: options.set });
  if (!reading) {
    process.exitCode = EXIT.usage;
    return;
  }
  if (reading.expectations.length === 0) {
    throw new UsageError(
      `${file} has no 'expect' block: there is nothing to test (docs/testing.md says how)`,
    );
  }
  if (options.update && options.set.length > 0)
    throw new UsageError('--update writes what the file as it is gives: leave --set out');
  const { checkPipeline } = await import('./expect/check-pipeline.ts');
  const symbols = symbolsFor(process.env, process.platform);
  const live = process.stdout.isTTY && !options.json;
  const { engine, why } = await decideEngine({
    ...options,
    asked: options.engine,
    plan: reading.plan,
    catalogue,
    measuring: (line) => void process.stderr.write(`clade: ${line}\n`),
  });
  const { report, signal } = await checkPipeline({
    ...reading,
    catalogue,
    engine,
    notes: why === null ? [] : [`engine ${engine.name}: ${why}`],
    artifacts: options.artifacts,
    jobs: options.jobs,
    update: options.update === true,
    // Data goes to stdout: the run itself is told elsewhere unless a terminal shows it.
    openView: async () => (live ? createRunView({}) : createPlainView(process.stderr, symbols)),
  });
  if (options.junit !== undefined) writeReport(options.junit, junitXml(report));
  process.stdout.write(
    options.json ? `${JSON.stringify(report)}\n` : testText(report, symbols, options.verbose === true),
  );
  if (report.runStatus === 'interrupted') process.exitCode = exitStatus('interrupted', signal);
  else process.exitCode = report.status === 'passed' ? EXIT.done : EXIT.failed;
}

function writeReport(file: string, text: string): void {
  try {
    mkdirSync(dirname(resolve(file)), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`--junit: ${file} cannot be written: ${(error as Error).message}`);
  }
}
