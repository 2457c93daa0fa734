import { Command, CommanderError } from 'commander';
import { toFailure } from '../core/failure.ts';
import { EXIT } from './exit-codes.ts';
import type { Register } from './options.ts';
import { onOutputError } from './output-errors.ts';
import { UsageError } from './usage-error.ts';

declare const CLADE_VERSION: string;

/**
 * Commands by name, in the order of the help. Only the one that is called is loaded: what it needs is most of
 * the time that a short command takes.
 */
const COMMANDS: { readonly [name: string]: () => Promise<Register> } = {
  run: async () => (await import('./run.ts')).addRunCommand,
  test: async () => (await import('./test.ts')).addTestCommand,
  status: async () => (await import('./status.ts')).addStatusCommand,
  why: async () => (await import('./why.ts')).addWhyCommand,
  graph: async () => (await import('./graph.ts')).addGraphCommand,
  ls: async () => (await import('./ls.ts')).addLsCommand,
  show: async () => (await import('./show.ts')).addShowCommand,
  ui: async () => (await import('./ui.ts')).addUiCommand,
  logs: async () => (await import('./logs.ts')).addLogsCommand,
  compare: async () => (await import('./compare.ts')).addCompareCommand,
  report: async () => (await import('./report.ts')).addReportCommand,
  serve: async () => (await import('./serve.ts')).addServeCommand,
  lineage: async () => (await import('./lineage.ts')).addLineageCommand,
  export: async () => (await import('./export.ts')).addExportCommand,
  verify: async () => (await import('./verify.ts')).addVerifyCommand,
  gc: async () => (await import('./gc.ts')).addGcCommand,
  pin: async () => (await import('./pin.ts')).addPinCommand,
  unpin: async () => (await import('./pin.ts')).addUnpinCommand,
  reindex: async () => (await import('./reindex.ts')).addReindexCommand,
  init: async () => (await import('./init.ts')).addInitCommand,
  schema: async () => (await import('./schema.ts')).addSchemaCommand,
  doctor: async () => (await import('./doctor.ts')).addDoctorCommand,
  completions: async () => (await import('./completions.ts')).addCompletionsCommand,
  engine: async () => (await import('./engine.ts')).addEngineCommand,
};

const program = new Command('clade')
  .description('Declarative, cached experiment pipelines for deep clustering of medical images')
  .version(CLADE_VERSION)
  .helpOption('-h, --help', 'show this help')
  .helpCommand(false)
  .showHelpAfterError('(clade --help lists the commands)')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });

const called = process.argv[2];
const wanted =
  Object.hasOwn(COMMANDS, called ?? '') && called !== 'completions' ? [called] : Object.keys(COMMANDS);
if (called !== '--version') for (const name of wanted) (await COMMANDS[name]())(program);
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
