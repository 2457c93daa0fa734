import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeRun } from '../../bench/ui/make-run.mjs';
import { BIN, clade, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

/** `clade ui` on a real pseudo-terminal, which tmux gives (`apt-get install tmux`). */
const hasTmux = (() => {
  try {
    return execFileSync('tmux', ['-V']).length > 0;
  } catch {
    process.stderr.write('test/e2e/ui: SKIPPED, tmux is not installed\n');
    return false;
  }
})();

let place = temporaryFolder();
let session = '';
let count = 0;

beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => {
  close();
  place.remove();
});

const tmux = (...args: string[]) => execFileSync('tmux', ['-L', session, ...args], { encoding: 'utf8' });
const screen = () => tmux('capture-pane', '-p', '-t', session);

function close(): void {
  try {
    execFileSync('tmux', ['-L', session, 'kill-session', '-t', session], { stdio: 'ignore' });
  } catch {
    // the session ended with its command
  }
}

function open(columns = 100, rows = 24, env = 'LANG=C.UTF-8'): void {
  // A server of its own for each: one whose last session was ended goes away while the next connects.
  session = `clade-ui-${process.pid}-${count++}`;
  const command = `cd ${place.path}; echo before; env -u CI -u NO_COLOR TERM=xterm-256color XDG_STATE_HOME=${place.path}/state ${env} node ${BIN} ui; echo "exit $?"; sleep 60`;
  tmux('new-session', '-d', '-s', session, '-x', String(columns), '-y', String(rows), command);
}

/** In a shell with jobs; `setup` goes before it. */
function openInShell(setup = ''): void {
  session = `clade-ui-${process.pid}-${count++}`;
  const env = 'env -u CI -u NO_COLOR LANG=C.UTF-8 TERM=xterm-256color PS1=%';
  const shell = `cd ${place.path}; ${env} XDG_STATE_HOME=${place.path}/state bash --norc --noprofile -i`;
  tmux('-f', '/dev/null', 'new-session', '-d', '-s', session, '-x', '100', '-y', '24', shell);
  tmux('set', '-s', 'set-clipboard', 'on'); // tmux takes what OSC 52 sends
  press(`${setup} node ${BIN} ui; echo "exit $?"`, 'Enter');
}

const press = (...keys: string[]) => tmux('send-keys', '-t', session, ...keys);

async function until(pattern: RegExp): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    const shown = screen();
    if (pattern.test(shown)) return shown;
    await sleep(50);
  }
  throw new Error(`never saw ${pattern} in:\n${screen()}`);
}

describe.skipIf(!hasTmux)('clade ui', { timeout: 60_000 }, () => {
  it('sorts, filters, marks and compares 1,000 points, through resizes, and gives the screen back', async () => {
    makeRun(join(place.path, 'artifacts'), { points: 1000 });
    open();
    await until(/20260101-000000-abcd +synthetic +succeeded +1000/);
    press('Enter');
    expect(await until(/> ✔ +0\.001/)).toContain('2001/2001 steps');
    press('l', 'l', 's'); // the third column, test.acc: the largest first; 0.5 + 999/2000 = 0.9995
    expect(await until(/test\.acc v/)).toMatch(/> ✔ +0\.2 +4 +0\.9995/);
    press('s');
    expect(await until(/test\.acc \^/)).toMatch(/> ✔ +0\.001 +0 +0\.5000/);
    press('/', 'gamma<x', 'Enter');
    await until(/at 7: '<' needs a number, found 'x'/);
    press('C-u', 'gamma<0.0025 & test.acc>0.503', 'Enter'); // points 7, 8, 9
    const few = await until(/filter: gamma<0\.0025 & test\.acc>0\.503/);
    expect(few.match(/✔/g)).toHaveLength(3);
    press('Space', 'Space', 'c');
    const compared = await until(/baseline/);
    expect(compared).toMatch(/seed +2 +3/);
    expect(compared).toMatch(/ test\.acc +0\.5035 +0\.5040 \+0\.0005000\^/);
    expect(compared).not.toContain('gamma'); // it does not differ
    tmux('resize-window', '-t', session, '-x', '60', '-y', '14');
    await sleep(500);
    expect((await until(/baseline/)).trimEnd().split('\n')).toHaveLength(14);
    tmux('resize-window', '-t', session, '-x', '200', '-y', '60');
    await sleep(500);
    expect((await until(/baseline/)).trimEnd().split('\n')).toHaveLength(60);
    press('q');
    const end = await until(/exit 0/);
    expect(end).toContain('before'); // what was on the screen is there again
    expect(end).not.toContain('baseline');
    close();
    open(); // where one was: sort and filter survive
    const again = await until(/test\.acc \^/);
    expect(again).toContain('filter: gamma<0.0025');
    press('C-c');
    await until(/exit 0/);
  });

  it('says so where there is nothing, a newer format, or a run that goes away', async () => {
    open();
    await until(/no runs in artifacts yet/);
    const artifacts = join(place.path, 'artifacts');
    const newer = join(artifacts, 'runs/20270101-000000-ffff');
    mkdirSync(newer, { recursive: true });
    writeFileSync(join(newer, 'run.json'), '{"format":2}');
    await until(/written by a newer clade/);
    makeRun(artifacts, { points: 3 });
    await until(/synthetic/);
    press('j', 'Enter');
    await until(/> ✔ +0\.001/);
    rmSync(join(artifacts, 'runs/20260101-000000-abcd'), { recursive: true });
    await until(/run 20260101-000000-abcd was deleted meanwhile/);
    expect(readdirSync(artifacts)).toEqual(['runs']); // nothing was written
  });

  it('gives the screen back on SIGTERM', async () => {
    makeRun(join(place.path, 'artifacts'), { points: 3 });
    open();
    await until(/synthetic/);
    const [pane] = tmux('list-panes', '-t', session, '-F', '#{pane_pid}').trim().split('\n');
    const [child] = execFileSync('pgrep', ['-P', pane], { encoding: 'utf8' }).trim().split('\n');
    process.kill(Number(child), 'SIGTERM');
    expect(await until(/exit 143/)).toContain('before');
  });

  it('gives the screen back when it crashes, and says why', async () => {
    makeRun(join(place.path, 'artifacts'), { points: 3 });
    const crash = join(place.path, 'crash.cjs');
    writeFileSync(crash, 'setTimeout(() => { throw new Error("planted") }, 1500);');
    openInShell(`NODE_OPTIONS="--require ${crash}"`);
    await until(/synthetic/);
    const shown = await until(/exit [1-9]/);
    expect(shown).toContain('planted');
    expect(tmux('display', '-p', '-t', session, '#{alternate_on} #{cursor_flag}').trim()).toBe('0 1');
  });

  it('stops at Ctrl-Z as any program does, and is as it was after fg', async () => {
    makeRun(join(place.path, 'artifacts'), { points: 3 });
    openInShell();
    await until(/synthetic/);
    press('Enter');
    await until(/> ✔ +0\.001/);
    press('C-z');
    await until(/Stopped/);
    expect(tmux('display', '-p', '-t', session, '#{alternate_on} #{cursor_flag}').trim()).toBe('0 1');
    press('echo heard', 'Enter'); // the shell echoes: the terminal is in its own mode again
    await until(/^heard/m);
    press('fg; echo "left $?"', 'Enter');
    await until(/> ✔ +0\.001/);
    press('j');
    await until(/> ✔ +0\.001 +1/);
    press('q');
    await until(/left 0/);
  });

  it('opens a picture outside and copies through the terminal', async () => {
    makePictureFolder(join(place.path, 'data'));
    writeFileSync(join(place.path, 'small.yaml'), SMALL_PIPELINE);
    expect((await clade(['run', 'small.yaml'], { cwd: place.path })).exitCode).toBe(0);
    const bin = join(place.path, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" > ${place.path}/opened\n`, { mode: 0o755 });
    openInShell(`DISPLAY=:0 PATH=${bin}:$PATH`);
    await until(/small +succeeded/);
    press('Enter');
    await until(/> ✔/);
    press('Enter');
    await until(/pretrain\/history\.csv/);
    press('G', 'k'); // table is the last step, figures the one before
    await until(/> *✔ +figures/);
    press('o');
    await until(/opened .*\.svg/);
    for (let tries = 0; tries < 100 && !existsSync(join(place.path, 'opened')); tries++) await sleep(50);
    const opened = readFileSync(join(place.path, 'opened'), 'utf8').trim();
    expect(opened).toMatch(/artifacts\/runs\/.*\/steps\/figures\/.*\.svg$/);
    expect(readFileSync(opened, 'utf8')).toContain('<svg');
    press('y');
    await until(/copied/);
    expect(realpathSync(opened)).toContain(tmux('show-buffer').trim()); // the object is named by its fingerprint
    press('2');
    await until(/umap\.csv \(v: 1\/2\)[\s\S]*cluster 0/);
    press('v');
    await until(/tsne\.csv \(v: 2\/2\)/);
    press('3');
    await until(/▀▀▀▀[\s\S]*above originals, below reconstructions/);
    press('4');
    expect(await until(/c0 +c1/)).toMatch(/disc +\d+ \d+%/);
    press('C-c');
    await until(/exit 0/);
  });

  it('shows and hides columns', async () => {
    makeRun(join(place.path, 'artifacts'), { points: 3 });
    open();
    await until(/synthetic/);
    press('Enter');
    await until(/gamma +seed +test\.acc/);
    press('C');
    await until(/columns: 4 of 4 shown/);
    press('Space', 'j', 'Space');
    expect(await until(/columns: 2 of 4 shown/)).toMatch(
      /\[ \] gamma[\s\S]*> \[ \] seed[\s\S]*\[x\] evaluate\.test\.acc/,
    );
    press('Escape');
    expect(await until(/test\.acc +test\.mse/)).not.toMatch(/gamma|seed/);
    press('C', 'j', 'j', 'o'); // this one only
    await until(/columns: 1 of 4 shown/);
    press('Space');
    await until(/one column stays/);
    press('a');
    await until(/columns: 4 of 4 shown/);
  });

  it('follows a run of another process: steps, curves and log, in little writing', async () => {
    makePictureFolder(join(place.path, 'data'));
    writeFileSync(
      join(place.path, 'small.yaml'),
      SMALL_PIPELINE.replace('epochs: 12', 'epochs: 12000').replace('patience: 1000', 'patience: 100000'),
    );
    const running = clade(['run', 'small.yaml'], { cwd: place.path });
    open();
    await until(/small +running/);
    press('Enter');
    await until(/▶ pretrain epoch \d+\/12000/);
    press('Enter');
    await until(/pretrain \(running\)[\s\S]*▶ +pretrain +\d+\/12000/);
    const log = join(place.path, 'screen.bytes');
    tmux('pipe-pane', '-t', session, `cat > ${log}`);
    await sleep(2000);
    tmux('pipe-pane', '-t', session);
    const written = execFileSync('cat', [log], { encoding: 'utf8' });
    expect(written.length / 2).toBeLessThan(10 * 1024); // bytes a second, the bound of the requirement
    expect(written).not.toContain('\u001b[2J'); // never the whole screen
    expect((await running).exitCode).toBe(0);
    await until(/succeeded · 10\/10 steps/);
    press('4');
    await until(/c0 +c1/); // the confusion matrix
    press('w');
    await until(/was executed, because\n +not made before/);
    press('q', 'q');
    await until(/exit 0/);
  });

  it('draws in ASCII where the locale has no Unicode, and without colours with NO_COLOR', async () => {
    makeRun(join(place.path, 'artifacts'), { points: 3 });
    open(60, 14, 'LANG=C LC_ALL=C NO_COLOR=1');
    await until(/synthetic/);
    press('Enter');
    const shown = await until(/> \+ +0\.001/);
    expect(shown).toMatch(/^[\x20-\x7e\n]*$/);
    expect(tmux('capture-pane', '-e', '-p', '-t', session)).not.toMatch(/\u001b\[[0-9;]*3[0-7]m/);
    expect(existsSync(join(place.path, 'artifacts/lineage.db'))).toBe(false);
  });
});

describe('clade ui without a terminal', () => {
  it('says what to use in its place', async () => {
    const { exitCode, stderr } = await clade(['ui'], { cwd: place.path });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('ui needs a terminal; clade ls');
  });
});
