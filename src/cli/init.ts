import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { installFolder } from './install-folder.ts';
import { UsageError } from './usage-error.ts';

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('a commented pipeline to start from; never overwrites a file')
    .argument('[dir]', 'folder to write into', '.')
    .action((dir: string) => init(dir));
}

/** The pipeline that ships with clade is the template: what a newcomer gets is what is tested. */
function init(dir: string): void {
  const root = dirname(installFolder());
  const schema = readFileSync(join(root, 'schemas', 'pipeline.schema.json'), 'utf8');
  const pipeline = readFileSync(join(root, 'pipelines', 'quickstart.yaml'), 'utf8').replace(
    /^# yaml-language-server: \$schema=.*$/m,
    '# yaml-language-server: $schema=./pipeline.schema.json',
  );
  mkdirSync(dir, { recursive: true });
  const files = { 'pipeline.yaml': pipeline, 'pipeline.schema.json': schema, '.gitignore': 'artifacts/\n' };
  const written = Object.entries(files).filter(([name, text]) => writeNew(join(dir, name), text));
  for (const [name] of written) process.stdout.write(`wrote ${join(dir, name)}\n`);
  for (const name of Object.keys(files)) {
    if (!written.some(([one]) => one === name))
      process.stderr.write(`${join(dir, name)} is there already: left as it is\n`);
  }
  process.stdout.write(`next: clade run ${join(dir, 'pipeline.yaml')}\n`);
}

function writeNew(path: string, text: string): boolean {
  if (existsSync(path)) return false;
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${(error as Error).message}`);
  }
}
