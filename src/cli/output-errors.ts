import { EXIT } from './exit-codes.ts';

/** What it means that nobody can read stdout any more. */
let goesOn = false;

/** From here on a lost reader or terminal ends nothing: a run is worth more than its pictures. */
export function goOnWithoutReader(): void {
  goesOn = true;
}

/** A reader that went away (`clade ls | head`) is no error of ours. @throws what is not that */
export function onOutputError(error: NodeJS.ErrnoException): void {
  const gone = error.code === 'EPIPE' || error.code === 'EIO' || error.code === 'ECONNRESET';
  if (goesOn) return;
  if (gone) process.exit(process.exitCode ?? EXIT.done);
  throw error;
}
