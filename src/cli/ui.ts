import type { Command } from 'commander';
import { artifactsOption } from './options.ts';
import { UsageError } from './usage-error.ts';

export function addUiCommand(program: Command): void {
  program
    .command('ui')
    .description('look through runs, points, curves and pictures, full screen; also while a run goes on')
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(ui);
}

const EXAMPLES = `
Keys: j k and arrows move, Enter looks in, Esc goes back, / filters, s sorts, Space marks,
c compares, ? tells the keys of each screen, q leaves. It only reads.

Examples:
  clade ui
  clade ui --artifacts ~/study/artifacts`;

async function ui({ artifacts }: { artifacts: string }): Promise<void> {
  const { env, stdin, stdout, platform } = process;
  if (!stdin.isTTY || !stdout.isTTY || env.TERM === 'dumb') {
    throw new UsageError('ui needs a terminal; clade ls, show, compare and lineage print the same as lines');
  }
  const { runUi } = await import('../views/ui/app.ts');
  process.exitCode = await runUi({ artifacts, stdin, stdout, env, platform });
}
