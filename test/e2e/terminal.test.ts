import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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
  writePipeline(400);
});
afterEach(() => {
  end();
  place.remove();
});

function writePipeline(epochs: number): void {
  const text = SMALL_PIPELINE.replace('epochs: 12', `epochs: ${epochs}`);
  writeFileSync(join(place.path, 'small.yaml'), text.replace('patience: 1000', 'patience: 1000000'));
}

// A server of its own for each: one whose last session was ended goes away while the next connects.
const tmux = (...args: string[]) =>
  execFileSync('tmux', ['-L', session, '-f', '/dev/null', ...args], { encoding: 'utf8' });

function end(): void {
  try {
    execFileSync('tmux', ['-L', session, 'kill-server'], { stdio: 'ignore' });
  } catch {
    // the session ended with its command
  }
}

interface Opening {
  readonly columns?: number;
  readonly rows?: number;
  readonly args?: string;
  readonly env?: string;
  /** A command that is called before. */
  readonly first?: string;
}

/** An interactive shell, with jobs, in which `clade run` is called. */
function open({
  columns = 100,
  rows = 30,
  args = '',
  env = 'LANG=C.UTF-8',
  first = 'true',
}: Opening = {}): void {
  session = `clade-test-${process.pid}-${count++}`;
  const clean = 'env -u CI -u NO_COLOR -u LC_ALL TERM=xterm-256color CLADE_ENGINE=wasm PS1=%';
  const shell = `cd ${place.path}; ${clean} ${env} bash --norc --noprofile -i`;
  tmux('new-session', '-d', '-s', session, '-x', String(columns), '-y', String(rows), shell);
  type(`clear; ${first}; node ${BIN} run small.yaml ${args}; echo "exit $?"`);
}

const press = (...keys: string[]) => tmux('send-keys', '-t', session, ...keys);
const type = (line: string) => press(line, 'Enter');
const screen = () => tmux('capture-pane', '-p', '-t', session);
const scrollback = () => tmux('capture-pane', '-p', '-S', '-', '-t', session);

async function until(pattern: RegExp, look = screen): Promise<string> {
  for (let tries = 0; tries < 1200; tries++) {
    const shown = look();
    if (pattern.test(shown)) return shown;
    await sleep(50);
  }
  throw new Error(`never saw ${pattern} in:\n${look()}`);
}

const EPOCH = /pretrain +epoch +\d+\/\d+/;
const events = () => {
  const file = join(place.path, 'artifacts/runs/latest/events.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

describe.skipIf(!hasTmux)('clade run in a terminal', { timeout: 120_000 }, () => {
  it('shows the plan and the running step with epoch, curve and ETA, then leaves the summary', async () => {
    writePipeline(4000);
    open();
    const live = await until(/pretrain +epoch +\d+\/4000 +ETA/);
    expect(live).toMatch(/^small +[█░]+ 3\/10 steps · 0 reused · 1\/\d+ workers · wasm · \d+ s/m);
    expect(live).toMatch(/▶ pretrain +epoch +\d+\/4000 +ETA \d.* {2}[▁▂▃▄▅▆▇█]+ +loss 0\.\d+/);
    const last = await until(/exit 0/);
    expect(last).toMatch(/✔ small succeeded: 10 executed, 0 reused of 10 steps/);
    expect(last).toContain('test.acc');
    expect(last).toMatch(/^Next: clade ui/m);
    expect(last).not.toMatch(/epoch +\d+\/4000/); // the live block is gone
    expect(tmux('display', '-p', '-t', session, '#{cursor_flag}').trim()).toBe('1');
  });

  it('holds everything at 60 columns, through resizes, and leaves no pieces in the scrollback', async () => {
    writePipeline(8000);
    open({ columns: 60, rows: 14 });
    const live = await until(/pretrain +epoch +\d+\/8000 +ETA/);
    const used = live.split('\n').filter((line) => line.trim() !== '');
    expect(used).toHaveLength(3);
    expect(used.join('\n')).toMatch(/0 reused · 1\/\d+ workers · wasm/);
    for (const [columns, rows] of [
      [140, 40],
      [50, 10],
      [100, 6],
      [60, 14],
    ]) {
      tmux('resize-window', '-t', session, '-x', String(columns), '-y', String(rows));
      await sleep(300);
    }
    await until(/exit 0/);
    expect(scrollback()).not.toMatch(/epoch|workers/);
  });

  // tmux tells of a change up to 250 ms after the one before, so that two of them in that time are one to us.
  it.each([
    { everyMs: 400, widths: [50, 110, 45, 110, 64, 110] },
    { everyMs: 200, widths: [50, 110, 45, 110, 64, 110, 45, 110, 45, 110, 45, 110] },
    { everyMs: 120, widths: [50, 110, 45, 110, 64, 110, 45, 110, 45, 110, 45, 110] },
  ])('leaves all above it and no pieces while the window is narrowed and widened every $everyMs ms', async ({
    everyMs,
    widths,
  }) => {
    writePipeline(20_000);
    open({ columns: 110, rows: 16, first: 'seq 101 130' });
    await until(/epoch +\d+\/20000 +ETA/);
    for (const columns of widths) {
      tmux('resize-window', '-t', session, '-x', String(columns), '-y', '16');
      await sleep(everyMs);
    }
    press('C-c');
    await until(/exit 130/);
    const rows = scrollback()
      .split('\n')
      .map((row) => row.trimEnd());
    const numbers = Array.from({ length: 30 }, (_, at) => String(101 + at));
    expect(rows.slice(0, 30)).toEqual(numbers);
    expect(rows.slice(30).join('\n')).not.toMatch(/epoch|workers/);
  });

  it('uses no Unicode where the locale has none, and no colours with NO_COLOR', async () => {
    writePipeline(4000);
    open({ env: 'LANG=C LC_ALL=C NO_COLOR=1' });
    const live = await until(EPOCH);
    expect(live).toMatch(/> pretrain/);
    expect(live).toMatch(/^[\x20-\x7e\n]*$/);
    expect(tmux('capture-pane', '-e', '-p', '-t', session)).not.toMatch(/\u001b\[[0-9;]*3[0-7]m/);
  });

  it('hears Ctrl-C, says so, and exits with 130', async () => {
    writePipeline(40_000);
    open();
    await until(EPOCH);
    press('C-c');
    const last = await until(/exit 130/);
    expect(last).toContain('small interrupted');
    expect(last).toContain('run the same command again');
  });

  it('gives the shell its cursor at Ctrl-Z, and goes on below after fg', async () => {
    writePipeline(8000);
    open();
    await until(EPOCH);
    press('C-z');
    await until(/Stopped/);
    expect(tmux('display', '-p', '-t', session, '#{cursor_flag}').trim()).toBe('1');
    const stopped = events();
    await sleep(500);
    expect(events()).toBe(stopped); // the workers stand still too
    type('fg; echo "again $?"');
    const live = await until(/fg[\s\S]*pretrain +epoch +\d+\/8000/);
    expect(live.match(/pretrain +epoch/g)).toHaveLength(2); // as it was stopped, and now
    await until(/again 0/);
  });

  it('is silent in the background', async () => {
    writePipeline(6000);
    open();
    await until(EPOCH);
    press('C-z');
    await until(/Stopped/);
    type('clear; bg; echo typed here');
    await until(/succeeded/);
    expect(scrollback()).not.toMatch(/workers/);
  });

  it('goes on while the terminal takes nothing (Ctrl-S), and tells the end when it does', async () => {
    writePipeline(4000);
    open();
    await until(EPOCH);
    press('C-s');
    await until(/"run-finished"/, events);
    expect(screen()).not.toContain('succeeded');
    press('C-q');
    expect(await until(/exit 0/)).toMatch(/✔ small succeeded/);
  });

  it('ends the run in order where the terminal is closed', async () => {
    writePipeline(40_000);
    open();
    await until(EPOCH);
    end();
    await until(/"run-finished".*"status":"interrupted"/, events);
  });

  it('goes on where the reader of its lines goes away', async () => {
    open({ args: '| head -n 1' });
    await until(/exit 0/);
    expect(events()).toMatch(/"run-finished".*"status":"succeeded"/);
  });

  it('writes less than 10 KiB a second while a step trains, and never clears the screen', async () => {
    writePipeline(6000);
    open();
    await until(EPOCH);
    const log = join(place.path, 'screen.bytes');
    tmux('pipe-pane', '-t', session, `cat > ${log}`);
    const told = () =>
      [...events().matchAll(/"step-progressed","at":"([^"]+)"/g)].map(([, at]) => Date.parse(at));
    const first = told().at(-1)!;
    await sleep(2000);
    tmux('pipe-pane', '-t', session);
    const recordedMs = told().at(-1)! - first;
    const written = readFileSync(log, 'utf8');
    expect(recordedMs).toBeGreaterThan(500);
    expect(written).toMatch(/epoch +\d/);
    expect(Buffer.byteLength(written) / (recordedMs / 1000)).toBeLessThan(10 * 1024);
    expect(written).not.toMatch(/\u001b\[[23]J/);
    await until(/exit 0/);
  });

  it('gives plain lines with --plain', async () => {
    open({ args: '--plain' });
    await until(/\d\d:\d\d:\d\d +▶ pretrain/);
  });

  it('shows once what a step that failed printed last, and what to look at next', async () => {
    writeFileSync(
      join(place.path, 'small.yaml'),
      'name: small\nstages:\n  broken: { uses: command, with: { run: "echo about to fall; exit 3", outputs: [x] } }\n',
    );
    open();
    const last = await until(/exit 1/);
    expect(last).toMatch(/✘ broken failed/);
    expect(last.match(/^ {2}.*about to fall$/gm)).toHaveLength(1);
    expect(last).toMatch(/Next: clade logs latest broken/);
  });
});
