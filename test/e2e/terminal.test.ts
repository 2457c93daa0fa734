import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BIN, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

/** The live view on a real pseudo-terminal, which tmux gives (`apt-get install tmux`). */
const hasTmux = (() => {
  try {
    return execFileSync('tmux', ['-V']).length > 0;
  } catch {
    process.stderr.write('test/e2e/terminal: SKIPPED, tmux is not installed\n');
    return false;
  }
})();

let place = temporaryFolder();
let session = '';
let count = 0;

beforeEach(() => {
  place = temporaryFolder();
  makePictureFolder(join(place.path, 'data'));
  writeFileSync(join(place.path, 'small.yaml'), SMALL_PIPELINE.replace('epochs: 12', 'epochs: 400'));
});
afterEach(() => {
  try {
    execFileSync('tmux', ['kill-session', '-t', session], { stdio: 'ignore' });
  } catch {
    // the session ended with its command
  }
  place.remove();
});

const tmux = (...args: string[]) => execFileSync('tmux', args, { encoding: 'utf8' });

function open(columns: number, rows: number, args: string, env = 'LANG=C.UTF-8'): void {
  session = `clade-test-${process.pid}-${count++}`;
  const command = `cd ${place.path}; env -u CI -u NO_COLOR CLADE_ENGINE=wasm ${env} node ${BIN} run small.yaml ${args}; echo "exit $?"; sleep 60`;
  tmux('new-session', '-d', '-s', session, '-x', String(columns), '-y', String(rows), command);
}

const screen = () => tmux('capture-pane', '-p', '-t', session);

async function until(pattern: RegExp): Promise<string> {
  for (let tries = 0; tries < 600; tries++) {
    const shown = screen();
    if (pattern.test(shown)) return shown;
    await sleep(50);
  }
  throw new Error(`never saw ${pattern} in:\n${screen()}`);
}

describe.skipIf(!hasTmux)('clade run in a terminal', () => {
  it('shows the plan and the running step with epoch and loss, then leaves the summary', async () => {
    open(100, 30, '');
    const live = await until(/pretrain +epoch \d+\/400/);
    expect(live).toMatch(/^small +[█░]+ \d+\/10 steps/m);
    expect(live).toMatch(/▶ pretrain +epoch \d+\/400 .*loss 0\.\d+/);
    const end = await until(/exit 0/);
    expect(end).toMatch(/✔ small succeeded: 10 executed, 0 reused of 10 steps/);
    expect(end).toContain('test.acc');
    expect(end).not.toMatch(/epoch \d+\/400/); // the live block is gone
  });

  it('keeps each step on one line at 60 columns', async () => {
    open(60, 14, '');
    const live = await until(/pretrain +epoch \d+\/400/);
    const used = live.split('\n').filter((line) => line.trim() !== '');
    expect(used).toHaveLength(2);
  });

  it('uses no Unicode where the locale has none', async () => {
    open(100, 30, '', 'LANG=C LC_ALL=C');
    const live = await until(/pretrain +epoch \d+\/400/);
    expect(live).toMatch(/> pretrain/);
    expect(live).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('hears Ctrl-C, says so, and exits with 130', async () => {
    open(100, 30, '');
    await until(/pretrain +epoch \d+\/400/);
    tmux('send-keys', '-t', session, 'C-c');
    const end = await until(/exit 130/);
    expect(end).toContain('small interrupted');
    expect(end).toContain('run the same command again');
  });

  it('gives plain lines with --plain', async () => {
    open(100, 30, '--plain');
    await until(/\d\d:\d\d:\d\d +▶ pretrain/);
  });
});
