// A command on a real pseudo-terminal, which tmux gives, and what its screen shows.
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

let count = 0;

/** @param command for sh; with true colours, UTF-8, and none of this shell's own wishes */
export function openTerminal(command, { columns, rows }) {
  const name = `clade-picture-${process.pid}-${count++}`;
  const tmux = (...args) =>
    execFileSync('tmux', ['-L', name, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  const clean =
    'env -u CI -u NO_COLOR LANG=C.UTF-8 TERM=xterm-256color COLORTERM=truecolor CLADE_ENGINE=wasm';
  tmux(
    'new-session',
    '-d',
    '-s',
    name,
    '-x',
    String(columns),
    '-y',
    String(rows),
    `${clean} ${command}; sleep 600`,
  );
  tmux('set', '-s', 'default-terminal', 'tmux-256color');
  const lines = () => tmux('capture-pane', '-e', '-p', '-t', name).trimEnd().split('\n');
  const text = () => tmux('capture-pane', '-p', '-t', name);
  return {
    press: (...keys) => tmux('send-keys', '-t', name, ...keys),
    /** The screen's lines with their colours. */
    lines,
    text,
    /** Waits until the screen shows it, and a moment more for what is painted after. */
    async until(pattern) {
      for (let tries = 0; tries < 6000; tries++) {
        if (pattern.test(text())) {
          await sleep(300);
          return lines();
        }
        await sleep(50);
      }
      throw new Error(`never saw ${pattern} in:\n${text()}`);
    },
    close() {
      try {
        tmux('kill-server');
      } catch {
        // it ended by itself
      }
    },
  };
}
