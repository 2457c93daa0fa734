import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A picture of a step where it has one, else its folder. */
export function pictureIn(folder: string): string {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const picture = names.find((name) => name.endsWith('.svg')) ?? names.find((name) => name.endsWith('.png'));
  return picture ? join(folder, picture) : folder;
}

/** Opens a path in the desktop's own program. @returns what to tell: the path itself where there is no desktop. */
export function openOutside(path: string, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const desktop = platform === 'darwin' || platform === 'win32' || env.DISPLAY || env.WAYLAND_DISPLAY;
  if (!desktop) return `no display here: ${path}`;
  const [command, ...args] =
    platform === 'darwin' ? ['open'] : platform === 'win32' ? ['explorer.exe'] : ['xdg-open'];
  const child = spawn(command, [...args, resolve(path)], { detached: true, stdio: 'ignore' });
  child.on('error', () => {}); // no such program: the path is on the screen
  child.unref();
  return `opened ${path}`;
}
