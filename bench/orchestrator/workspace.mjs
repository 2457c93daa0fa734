import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A fresh folder in which one tool is tried. */
export class Workspace {
  constructor(tool, place) {
    this.tool = tool;
    this.place = place;
    this.folder = mkdtempSync(join(tmpdir(), 'clade-bench-'));
    this.logFile = join(this.folder, 'executions.log');
    mkdirSync(join(this.folder, 'out'));
    writeFileSync(this.logFile, '');
    tool.prepare?.(this.folder, place);
  }

  file(name, text) {
    writeFileSync(join(this.folder, name), text);
  }

  declare(stages) {
    this.tool.write(this.folder, stages);
  }

  /** Starts the tool at the head of a process group of its own. */
  start(target) {
    const [program, args] = this.tool.command(this.place, target);
    const child = spawn(program, args, {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: [this.place.bin, process.env.PATH].filter(Boolean).join(delimiter),
        ...this.tool.environment,
      },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    const done = new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
    // A worker that lives on keeps the pipes open: the process itself is what `ended` waits for.
    const ended = new Promise((resolve) =>
      child.on('exit', (code, signal) => resolve({ code: code ?? signal })),
    );
    return { child, done, ended };
  }

  async run(target) {
    return await this.start(target).done;
  }

  /** What the stages' programs wrote into the log: `start` and `end`, each with the stage's name and process. */
  log() {
    const lines = readFileSync(this.logFile, 'utf8').trim().split('\n').filter(Boolean);
    return lines
      .map((line) => line.split(' '))
      .map(([word, stage, pid]) => ({ word, stage, pid: Number(pid) }));
  }

  executions(stage) {
    return this.log().filter((entry) => entry.word === 'start' && (!stage || entry.stage === stage)).length;
  }

  async until(condition, timeoutMs = 60_000) {
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(10)) if (condition()) return true;
    return false;
  }

  read(name) {
    try {
      return readFileSync(this.tool.output(this.folder, name), 'utf8');
    } catch {
      return null;
    }
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Kills a process group as a power cut would, all of it. */
export function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
