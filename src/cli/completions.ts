import { Argument, type Command } from 'commander';
import type { CompletedCommand, Shell } from './completion-scripts.ts';

export function addCompletionsCommand(program: Command): void {
  program
    .command('completions')
    .description('a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion-scripts.ts');
      process.stdout.write(completionScript(shell, describe(program)));
    });
}

const EXAMPLES = `
Examples:
  clade completions bash > ~/.local/share/bash-completion/completions/clade
  clade completions zsh > ~/.zsh/completions/_clade
  clade completions fish > ~/.config/fish/completions/clade.fish`;

/** Taken from the commands themselves, so that none is forgotten. */
function describe(program: Command): CompletedCommand[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    words: [
      ...command.commands.map((each) => each.name()),
      ...(command.registeredArguments[0]?.argChoices ?? []),
    ],
    options: [...command.options.filter(({ hidden }) => !hidden), HELP].flatMap((option) =>
      [option.long, option.short].flatMap((name) =>
        name ? [{ name, description: option.description, choices: option.argChoices ?? [] }] : [],
      ),
    ),
  }));
}

const HELP = { long: '--help', short: '-h', description: 'show this help', argChoices: undefined };
