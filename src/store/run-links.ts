import {
  existsSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { type Digest, digestBytes } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import { errorCode } from './files.ts';
import { objectFolder, runFolder, runsFolder, stepFolderName } from './layout.ts';

/** `runs/<id>/steps/<step-id>` → the object, so that a person finds it by a plain name. */
export function linkStep(
  folder: string,
  run: { readonly id: string },
  step: { readonly id: string; readonly fingerprint: Digest },
): void {
  const steps = join(runFolder(folder, run.id), 'steps');
  const link = join(steps, stepFolderName(step.id, digestBytes));
  const object = objectFolder(folder, step.fingerprint);
  try {
    linkFolder(link, object);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    mkdirSync(steps, { recursive: true }); // the first of the run
    linkFolder(link, object);
  }
}

/** A run with the same objects as an earlier one shows that one's links. */
export function shareLinks(folder: string, runId: string, of: string): void {
  linkFolder(join(runFolder(folder, runId), 'steps'), join(runFolder(folder, of), 'steps'));
}

/** The run whose links a run shows: itself, or the one it shares with. */
export function linksOwner(folder: string, runId: string): string {
  try {
    return basename(dirname(readlinkSync(join(runFolder(folder, runId), 'steps'))));
  } catch {
    return runId;
  }
}

export function hasLinks(folder: string, runId: string): boolean {
  return existsSync(join(runFolder(folder, runId), 'steps'));
}

/** What a run that was killed at that leaves, with its id. */
export const UNFINISHED_LATEST = '.latest-';

/** `runs/latest` → the run. Replaced at once, where the system can. */
export function pointLatest(folder: string, runId: string): void {
  const latest = join(runsFolder(folder), 'latest');
  const temporary = join(runsFolder(folder), `${UNFINISHED_LATEST}${runId}`);
  linkFolder(temporary, runFolder(folder, runId));
  failpoint('run-latest-made');
  try {
    renameSync(temporary, latest);
  } catch {
    // Windows does not rename over a link to a folder.
    rmSync(latest, { force: true, recursive: false });
    renameSync(temporary, latest);
  }
}

/** A relative link, so that artifacts/ can be moved; on Windows a junction; a file with the path where links are refused. */
function linkFolder(link: string, target: string): void {
  const windows = process.platform === 'win32';
  const to = windows ? target : relative(dirname(link), target);
  for (let again = false; ; again = true) {
    try {
      symlinkSync(to, link, windows ? 'junction' : 'dir');
      return;
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EEXIST' && !again) unlinkSync(link);
      else if (code === 'EPERM' || code === 'ENOSYS' || code === 'ENOTSUP') {
        writeFileSync(`${link}.txt`, `${to}\n`);
        return;
      } else throw error;
    }
  }
}
