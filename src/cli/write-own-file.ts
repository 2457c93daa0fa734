import { readFileSync } from 'node:fs';
import { replaceFile } from '../store/files.ts';
import { UsageError } from './usage-error.ts';

/**
 * Writes a file whole or not at all; replaces only one that holds the mark of what this program writes.
 * @throws UsageError where there is another file, or no such folder.
 */
export function replaceOwnFile(path: string, text: string, mark: string): void {
  if (!isOwnOrAbsent(path, mark))
    throw new UsageError(`${path} is there already and clade did not write it: give another name with -o`);
  try {
    replaceFile(path, text, `${path}.${process.pid}.partial`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `${path} cannot be written: ${code === 'ENOENT' ? 'there is no such folder' : message}`,
    );
  }
}

function isOwnOrAbsent(path: string, mark: string): boolean {
  try {
    return readFileSync(path, 'utf8').includes(mark);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw new UsageError(`${path} cannot be replaced: ${(error as Error).message}`);
  }
}
