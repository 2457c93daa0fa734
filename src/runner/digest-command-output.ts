import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileDigests } from '../core/artifact.ts';
import { commandEnvironment } from '../core/command-environment.ts';
import { digestBytes } from '../core/digest.ts';
import { fail } from '../core/failure.ts';
import { byCodeUnit } from '../core/json.ts';

const TIMEOUT_MS = 120_000;
/** Of more lines than this only the digest of all is kept. */
const LINES_KEPT = 500;

/**
 * What a command prints, line by line, so that `why` can name the package whose version changed. It runs
 * in an empty folder, in the environment that commands have.
 * @throws ExpectedFailure command-failed, missing-program.
 */
export async function digestCommandOutput(command: string): Promise<FileDigests> {
  const folder = await mkdtemp(join(tmpdir(), 'clade-versions-'));
  try {
    const output = await call(command, folder);
    const lines = [...new Set(output.split(/\r?\n/).filter((line) => line !== ''))].sort(byCodeUnit);
    if (lines.length > LINES_KEPT) return { '': digestBytes(output) };
    return Object.fromEntries(lines.map((line) => [line.slice(0, 200), digestBytes(line)]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function call(command: string, cwd: string): Promise<string> {
  const options = {
    cwd,
    env: commandEnvironment({ environment: process.env, platform: process.platform, threads: 1 }),
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL' as const,
    maxBuffer: 16 << 20,
  };
  return new Promise((resolve, reject) => {
    execFile('sh', ['-eu', '-c', command], options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const problem = (): never => {
        if (error.code === 'ENOENT')
          fail('missing-program', `'versions' needs a shell, and there is no 'sh' on this machine's PATH`);
        const how = error.killed
          ? `took longer than ${TIMEOUT_MS / 1000} s`
          : `ended with status ${error.code ?? error.signal}`;
        fail('command-failed', `the command '${command}' of 'versions' ${how}\n${stderr.trim()}`.trim());
      };
      try {
        problem();
      } catch (failure) {
        reject(failure);
      }
    });
  });
}
