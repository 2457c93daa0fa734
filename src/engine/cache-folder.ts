import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The user's folder for what clade can make again: `$XDG_CACHE_HOME/clade` where that is set, else the
 * platform's own (`~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`). It need not exist.
 */
export function cacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const told = env['XDG_CACHE_HOME'];
  if (told && isAbsolute(told)) return join(told, 'clade'); // a relative one is to be ignored, says XDG
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'clade');
  if (platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'clade', 'Cache');
  return join(homedir(), '.cache', 'clade');
}
