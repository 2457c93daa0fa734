import { readFileSync } from 'node:fs';

/**
 * Does this process hold its terminal, or was it put into the background (`&`, Ctrl-Z and `bg`)? Linux tells
 * it in /proc/self/stat: fields 5 and 8, its process group and the terminal's (proc(5)). true where nobody says.
 */
export function inForeground(
  readStat: () => string = () => readFileSync('/proc/self/stat', 'utf8'),
): boolean {
  try {
    const stat = readStat();
    // The second field is the program's name in parentheses, which may contain anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[2] === fields[5];
  } catch {
    return true;
  }
}
