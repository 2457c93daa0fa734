import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { installFolder } from './install-folder.ts';
import { UsageError } from './usage-error.ts';

/** As the schema has it. */
const NAME_LENGTH_MAX = 100;

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('a commented pipeline, or a stage of your own, to start from; never overwrites a file')
    .argument('[dir]', 'folder to write into', '.')
    .option('--stage <name>', 'a stage of your own in TypeScript instead: a folder of that name')
    .addHelpText('after', EXAMPLES)
    .action(async (dir: string, { stage }: { stage?: string }) => {
      if (stage === undefined) initPipeline(dir);
      else await initStage(dir, stage);
    });
}

const EXAMPLES = `
Examples:
  clade init study
  clade init study --stage my-stage    then, in study/pipeline.yaml: uses: ./my-stage`;

/** The pipeline that ships with clade is the template, under the folder's name: what a newcomer gets is what is tested. */
function initPipeline(dir: string): void {
  const root = dirname(installFolder());
  const schema = readFileSync(join(root, 'schemas', 'pipeline.schema.json'), 'utf8');
  const name = basename(resolve(dir)).slice(0, NAME_LENGTH_MAX) || 'study';
  const pipeline = readFileSync(join(root, 'pipelines', 'quickstart.yaml'), 'utf8')
    .replace(/(?<=^# yaml-language-server: \$schema=).*$/m, './pipeline.schema.json')
    .replace('pipelines/quickstart.yaml', 'pipeline.yaml')
    .replace(/(?<=^name: ).*$/m, () => JSON.stringify(name));
  const files = { 'pipeline.yaml': pipeline, 'pipeline.schema.json': schema, '.gitignore': 'artifacts/\n' };
  writeAll(dir, files);
  process.stdout.write(`next: clade run ${join(dir, 'pipeline.yaml')}\n`);
}

async function initStage(dir: string, name: string): Promise<void> {
  const folder = join(dir, name);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(basename(folder)))
    throw new UsageError(
      `--stage '${name}': a stage's folder has letters, digits, '.', '_' and '-' in its name`,
    );
  const { STAGE_TEMPLATE } = await import('./stage-template.ts');
  writeAll(folder, { 'declaration.ts': STAGE_TEMPLATE.declaration, 'run.ts': STAGE_TEMPLATE.run });
  process.stdout.write(`next: uses: ./${basename(folder)}, from a pipeline file in ${dirname(folder)}\n`);
}

function writeAll(folder: string, files: { readonly [name: string]: string }): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`${folder} cannot be made: ${(error as Error).message}`);
  }
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    if (writeNew(path, text)) process.stdout.write(`wrote ${path}\n`);
    else process.stderr.write(`${path} is there already: left as it is\n`);
  }
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
