import { Command, CommanderError } from 'commander';
import { toFailure } from '../core/failure.ts';
import { addCompareCommand } from './compare.ts';
import { addCompletionsCommand } from './completions.ts';
import { addDoctorCommand } from './doctor.ts';
import { addEngineCommand } from './engine.ts';
import { EXIT } from './exit-codes.ts';
import { addExportCommand } from './export.ts';
import { addGraphCommand } from './graph.ts';
import { addInitCommand } from './init.ts';
import { addLineageCommand } from './lineage.ts';
import { addLogsCommand } from './logs.ts';
import { addLsCommand } from './ls.ts';
import { onOutputError } from './output-errors.ts';
import { addReindexCommand } from './reindex.ts';
import { addRunCommand } from './run.ts';
import { addSchemaCommand } from './schema.ts';
import { addShowCommand } from './show.ts';
import { addStatusCommand } from './status.ts';
import { addTestCommand } from './test.ts';
import { addUiCommand } from './ui.ts';
import { UsageError } from './usage-error.ts';
import { addVerifyCommand } from './verify.ts';
import { addWhyCommand } from './why.ts';

declare const CLADE_VERSION: string;

const program = new Command('clade')
  .description('Declarative, cached experiment pipelines for deep clustering of medical images')
  .version(CLADE_VERSION)
  .helpOption('-h, --help', 'show this help')
  .helpCommand(false)
  .showHelpAfterError('(clade --help lists the commands)')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });

for (const add of [
  addRunCommand,
  addTestCommand,
  addStatusCommand,
  addWhyCommand,
  addGraphCommand,
  addLsCommand,
  addShowCommand,
  addUiCommand,
  addLogsCommand,
  addCompareCommand,
  addLineageCommand,
  addExportCommand,
  addVerifyCommand,
  addReindexCommand,
  addInitCommand,
  addSchemaCommand,
  addDoctorCommand,
  addCompletionsCommand,
  addEngineCommand,
]) {
  add(program);
}
for (const command of program.commands) {
  for (const each of [command, ...command.commands]) each.exitOverride();
}

for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputError);

try {
  await program.parseAsync(process.argv);
} catch (thrown) {
  process.exitCode = report(thrown);
}

function report(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (thrown instanceof UsageError) {
    process.stderr.write(`clade: ${thrown.message}\n`);
    return EXIT.usage;
  }
  const failure = toFailure(thrown);
  process.stderr.write(`clade: ${failure.message}\n`);
  return EXIT.failed;
}
