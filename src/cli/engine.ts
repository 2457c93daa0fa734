import { type Command, Option } from 'commander';
import { probeEngines } from '../engine/probe.ts';
import { ENGINE_INSTALLERS, type EngineInstaller, type InstallOptions } from './engine-installers.ts';
import { engineLines } from './engine-lines.ts';
import { EXIT } from './exit-codes.ts';
import { jsonOption } from './options.ts';
import { UsageError } from './usage-error.ts';

export function addEngineCommand(program: Command): void {
  const engine = program
    .command('engine')
    .description('what computes: which engines are here, bringing in another, taking it away')
    .addHelpText('after', EXAMPLES);
  engine
    .command('ls')
    .description('every engine: whether it can run here, and why')
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(listEngines);
  engine
    .command('install')
    .description('bring in an engine, into your cache folder')
    .argument('<name>', Object.keys(ENGINE_INSTALLERS).join(', '))
    .option('--python <path>', 'tensorflow: the Python that has TensorFlow (default: the active one)')
    .option('--venv [dir]', 'tensorflow: make an environment with pip, there or in the cache folder')
    .option('--package <requirement>', 'tensorflow: what pip installs in it, e.g. "tensorflow[and-cuda]"')
    .option('--reinstall', 'tensorflow: compile again what is there')
    .addOption(new Option('--from <file>', 'webgpu: what npm pack made elsewhere, where there is no network'))
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(installEngine);
  engine
    .command('remove')
    .description('take away what install has put into the cache folder')
    .argument('<name>', Object.keys(ENGINE_INSTALLERS).join(', '))
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(removeEngine);
}

const EXAMPLES = `
Examples:
  clade engine ls
  clade engine install tensorflow --python ~/envs/tf/bin/python
  clade engine install tensorflow --venv
  clade engine install tensorflow --venv --package "tensorflow[and-cuda]"
  clade engine install webgpu
  clade engine remove tensorflow`;

function listEngines(options: { json?: boolean }): void {
  const engines = probeEngines();
  process.stdout.write(
    options.json ? `${JSON.stringify({ engines })}\n` : `${engineLines(engines).join('\n')}\n`,
  );
}

async function installEngine(name: string, options: InstallOptions & { json?: boolean }): Promise<void> {
  const installer = installerOf(name);
  for (const option of Object.keys(options)) {
    if (option !== 'json' && !installer.options.includes(option as keyof InstallOptions)) {
      throw new UsageError(`--${option} is not for ${name}: clade engine install --help`);
    }
  }
  const { facts, done } = await installer.install(options, (line) => void process.stderr.write(`${line}\n`));
  const probe = probeEngines().find((candidate) => candidate.name === name)!;
  if (!probe.available) {
    process.stderr.write(`clade: installed, and still not to be used: ${probe.why} ${probe.cure}\n`);
    process.exitCode = EXIT.failed;
  }
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ engine: name, ...facts })}\n`
      : `${name} ${done}: ${probe.why}\nin ${facts.folder}\n`,
  );
}

async function removeEngine(name: string, options: { json?: boolean }): Promise<void> {
  const folder = await installerOf(name).remove();
  if (options.json) process.stdout.write(`${JSON.stringify({ engine: name, removed: folder })}\n`);
  else process.stdout.write(folder ? `removed ${folder}\n` : `nothing of ${name} is installed\n`);
}

function installerOf(name: string): EngineInstaller {
  const installer = Object.hasOwn(ENGINE_INSTALLERS, name) ? ENGINE_INSTALLERS[name] : undefined;
  if (installer) return installer;
  const expected = Object.keys(ENGINE_INSTALLERS).join(', ');
  const known = probeEngines().some((probe) => probe.name === name);
  throw new UsageError(
    known
      ? `the engine '${name}' comes with clade: there is nothing to install or remove; expected ${expected}`
      : `there is no engine '${name}' to install or remove; expected ${expected}`,
  );
}
