import type { Command } from 'commander';
import { listPins, type Pin } from '../store/gc/pins.ts';
import { openStore } from '../store/open-store.ts';
import type { Lineage } from '../store/read-lineage.ts';
import { countOf } from '../views/format.ts';
import { textTable } from '../views/text-table.ts';
import { artifactsOf, findArtifact } from './find-artifact.ts';
import { artifactsOption, jsonOption } from './options.ts';
import { UsageError } from './usage-error.ts';

interface PinOptions {
  readonly note?: string;
  readonly json?: boolean;
  readonly artifacts: string;
}

export function addPinCommand(program: Command): void {
  program
    .command('pin')
    .description('keep runs or artifacts from clade gc; lists what is kept so where nothing is named')
    .argument('[what...]', 'runs, steps of the latest run, fingerprints or paths')
    .option('--note <text>', 'why')
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  clade pin latest --note "figures of the paper"\n  clade pin finetune\n  clade pin',
    )
    .action(pin);
}

export function addUnpinCommand(program: Command): void {
  program
    .command('unpin')
    .description('let clade gc have runs or artifacts again')
    .argument('<what...>', 'as clade pin lists them, or as they were pinned')
    .addOption(artifactsOption())
    .addHelpText('after', '\nExamples:\n  clade unpin latest\n  clade unpin 3f2a91c04b7d')
    .action(unpin);
}

async function pin(what: readonly string[], { note, json = false, artifacts }: PinOptions): Promise<void> {
  if (what.length === 0) {
    process.stdout.write(pinsText(listPins(artifacts), json));
    return;
  }
  const store = openStore({ folder: artifacts });
  try {
    for (const wanted of what) {
      for (const { pin: one, fingerprints } of meant(store.lineage, wanted)) {
        const absent = await store.pin({ ...one, note: note ?? null }, fingerprints);
        if (absent.length > 0)
          process.stderr.write(
            `clade: ${countOf(absent.length, 'artifact')} of ${one.name} is not there any more\n`,
          );
      }
    }
    process.stdout.write(pinsText(store.listPins(), json));
  } finally {
    store.close();
  }
}

function unpin(what: readonly string[], { artifacts }: PinOptions): void {
  const store = openStore({ folder: artifacts });
  try {
    for (const wanted of what) {
      const pins = store.listPins();
      const listed = pins.filter(
        ({ name }) => name === wanted || (wanted.length >= 4 && name.startsWith(wanted)),
      );
      const names =
        listed.length > 0
          ? listed.map(({ name }) => name)
          : meant(store.lineage, wanted).map((one) => one.pin.name);
      const pinned = names.filter((name) => pins.some((one) => one.name === name));
      if (pinned.length === 0) throw new UsageError(`'${wanted}' is not pinned: clade pin lists what is`);
      if (listed.length > 1) throw new UsageError(`'${wanted}' may mean ${names.join(', ')}`);
      for (const name of pinned) store.unpin(name);
    }
  } finally {
    store.close();
  }
}

interface Meant {
  readonly pin: Pick<Pin, 'kind' | 'name' | 'stepId'>;
  readonly fingerprints: readonly string[];
}

function meant(lineage: Lineage, wanted: string): Meant[] {
  const runs = lineage.findRuns(wanted);
  if (runs.length === 1) {
    const { id } = runs[0];
    return [{ pin: { kind: 'run', name: id, stepId: null }, fingerprints: artifactsOf(lineage, id) }];
  }
  return findArtifact(lineage, wanted).map((fingerprint) => ({
    pin: { kind: 'artifact', name: fingerprint, stepId: lineage.object(fingerprint)?.stepId ?? null },
    fingerprints: [fingerprint],
  }));
}

function pinsText(pins: readonly Pin[], json: boolean): string {
  if (json) return `${JSON.stringify({ pins })}\n`;
  if (pins.length === 0) return 'nothing is pinned\n';
  const columns = [{ title: 'pinned' }, { title: 'step' }, { title: 'since' }, { title: 'note' }];
  const rows = pins.map(({ name, stepId, at, note }) => [
    name.slice(0, 20),
    stepId ?? 'all of the run',
    at.slice(0, 10),
    note ?? '',
  ]);
  return `${textTable(columns, rows).join('\n')}\n`;
}
