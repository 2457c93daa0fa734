import { type Command, Option } from 'commander';
import { openStore } from '../store/open-store.ts';
import { collectionText } from '../views/collection-text.ts';
import { age, artifactsOption, jsonOption, positiveInteger, size, wholeNumber } from './options.ts';

interface GcOptions {
  readonly keepRuns?: number;
  readonly keepYounger?: number;
  readonly maxSize?: number;
  readonly unreferenced: number;
  readonly checkpoints: number;
  readonly quarantine: number;
  readonly wait: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly artifacts: string;
}

const DAY_MS = 86_400_000;

function ageOption(flags: string, description: string, days: number): Option {
  return new Option(flags, description).argParser(age).default(days * DAY_MS, `${days}d`);
}

export function addGcCommand(program: Command): void {
  program
    .command('gc')
    .description('remove artifacts that no kept run needs; a removed one is computed again when it is wanted')
    .option('--keep-runs <n>', 'keep the newest runs of each pipeline (default: all)', positiveInteger)
    .option('--keep-younger <age>', 'keep runs started since then: 12h, 30d, 8w', age)
    .option(
      '--max-size <size>',
      'then remove what was used longest ago until the rest fits: 500MB, 20GiB',
      size,
    )
    .addOption(ageOption('--unreferenced <age>', 'remove what no run used when it is older', 1))
    .addOption(ageOption('--checkpoints <age>', 'remove checkpoints of unfinished steps when older', 14))
    .addOption(ageOption('--quarantine <age>', 'remove what was set aside as damaged when older', 30))
    .option('--wait <seconds>', 'how long to wait for running processes to answer', wholeNumber, 10)
    .option('--dry-run', 'say what would go and what making it again would cost; remove nothing')
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(gc);
}

const EXAMPLES = `
With --keep-runs and --keep-younger a run goes when neither keeps it. Of each pipeline the newest run and the newest
that succeeded are always kept, what is pinned (clade pin) too, whatever --max-size says. Runs' own records
stay. It may be called while runs are on: what they use, or are about to use, stays.

Examples:
  clade gc --keep-runs 10 --dry-run
  clade gc --keep-younger 30d
  clade gc --max-size 50GB --json`;

async function gc(options: GcOptions): Promise<void> {
  const { dryRun = false, json = false, artifacts } = options;
  const store = openStore({ folder: artifacts, readOnly: dryRun });
  try {
    if (!dryRun) await store.recover();
    const collection = await store.collect({
      dryRun,
      waitMs: options.wait * 1000,
      retention: {
        keepRuns: options.keepRuns ?? null,
        keepYoungerMs: options.keepYounger ?? null,
        sizeMaxBytes: options.maxSize ?? null,
        unreferencedMs: options.unreferenced,
        checkpointMs: options.checkpoints,
        quarantineMs: options.quarantine,
      },
    });
    process.stdout.write(
      json ? `${JSON.stringify({ dryRun, ...collection })}\n` : collectionText(collection, dryRun),
    );
  } finally {
    store.close();
  }
}
