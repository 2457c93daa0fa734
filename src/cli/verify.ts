import { type Command, Option } from 'commander';
import { openStore } from '../store/open-store.ts';
import type { Finding, Verification } from '../store/verify-store.ts';
import { countOf, formatBytes } from '../views/format.ts';
import { rerunText } from '../views/rerun-text.ts';
import { EXIT, exitStatus } from './exit-codes.ts';
import { findArtifacts } from './find-artifact.ts';
import { artifactsOption, jsonOption } from './options.ts';

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('read every byte of what is stored and say what is not as it was written')
    .argument('[what...]', 'runs, steps of the latest run, fingerprints or paths; everything where left out')
    .option('--repair', 'move damaged objects to quarantine/ now, and rebuild a damaged index')
    .addOption(
      new Option(
        '--rerun',
        'execute steps again, apart from what is stored, and compare every byte (default: all steps of the latest run)',
      ).conflicts('repair'),
    )
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(verify);
}

const EXAMPLES = `
Exit status 3 where anything is damaged, or came out otherwise when it was made again (then 1 where a step could
not be: it failed, or its inputs or code have changed since, which is said).
With --rerun a RUN says of which run the steps after it are; STEP@axis=value is one point, STEP all of them.

Examples:
  clade verify
  clade verify latest
  clade verify pretrain --json
  clade verify --repair && clade run thesis.yaml
  clade verify --rerun pretrain
  clade verify --rerun latest finetune@gamma=0.1 --json`;

interface VerifyOptions {
  readonly repair?: boolean;
  readonly rerun?: boolean;
  readonly json?: boolean;
  readonly artifacts: string;
}

async function verify(what: readonly string[], options: VerifyOptions): Promise<void> {
  const { repair = false, json = false, artifacts } = options;
  if (options.rerun) return rerun(what, options);
  const store = openStore({ folder: artifacts, readOnly: !repair });
  try {
    const fingerprints =
      what.length === 0
        ? undefined
        : [...new Set(what.flatMap((wanted) => findArtifacts(store.lineage, wanted)))];
    const verification = store.verify({
      fingerprints,
      progress: json ? undefined : createProgress('object'),
    });
    if (verification.findings.length > 0) process.exitCode = EXIT.damage;
    process.stdout.write(json ? `${JSON.stringify(verification)}\n` : verificationText(verification));
  } finally {
    store.close();
  }
}

async function rerun(what: readonly string[], { json = false, artifacts }: VerifyOptions): Promise<void> {
  const { rerunSteps } = await import('./rerun/rerun-steps.ts');
  const store = openStore({ folder: artifacts, readOnly: true });
  try {
    const progress = json ? undefined : createProgress('step');
    const { signal, ...report } = await rerunSteps({ store, what, progress });
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : rerunText(report));
    process.exitCode = {
      equal: EXIT.done,
      differs: EXIT.damage,
      incomplete: EXIT.failed,
      interrupted: exitStatus('interrupted', signal),
    }[report.status];
  } finally {
    store.close();
  }
}

const SHOWN_EVERY_MS = 200;

/** A line that replaces itself, where a person looks. */
function createProgress(what: string): VerifyProgress | undefined {
  if (!process.stderr.isTTY) return undefined;
  let shownMs = 0;
  return (done, total) => {
    const nowMs = performance.now();
    if (done < total && nowMs - shownMs < SHOWN_EVERY_MS) return;
    shownMs = nowMs;
    process.stderr.write(done < total ? `\r${done} of ${countOf(total, what)}` : '\r\u001b[K');
  };
}

type VerifyProgress = (done: number, total: number) => void;

function verificationText({ findings, objects, files, sizeBytes, links, checkpoints }: Verification): string {
  const looked = [
    `${countOf(objects, 'object')} (${countOf(files, 'file')}, ${formatBytes(sizeBytes)})`,
    countOf(links, 'link'),
    countOf(checkpoints, 'checkpoint'),
  ].join(', ');
  const verdict = findings.length === 0 ? 'all as written' : countOf(findings.length, 'damage');
  return `${[...findings.map(findingText), `${looked}: ${verdict}`].join('\n')}\n`;
}

function findingText({ kind, name, stepId, path, problem, repair }: Finding): string {
  const place = [stepId, kind === 'object' || kind === 'index' ? name.slice(0, 64) : name, path]
    .filter((part) => part !== null)
    .join(' ');
  return `${kind} ${place}: ${problem}\n  ${repair}`;
}
