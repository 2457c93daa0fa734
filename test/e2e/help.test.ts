import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, clade, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

const place = temporaryFolder();
afterAll(() => place.remove());
const call = (...args: string[]) => clade(args, { cwd: place.path });

/** Every command as the help lists them; a command of commands with these. */
const COMMANDS: string[][] = [];
const helpOf = new Map<string, string>();

beforeAll(async () => {
  const names = (help: string) =>
    [...(help.split('Commands:')[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(
      ([, name]) => name,
    );
  for (const name of names((await call('--help')).stdout)) {
    const { stdout } = await call(name, '--help');
    helpOf.set(name, stdout);
    COMMANDS.push([name]);
    for (const sub of names(stdout)) {
      COMMANDS.push([name, sub]);
      helpOf.set(`${name} ${sub}`, (await call(name, sub, '--help')).stdout);
    }
  }
}, 120_000);

describe('the help', () => {
  it('finds all commands', () => {
    const first = COMMANDS.filter(({ length }) => length === 1).map(([name]) => name);
    expect(first).toEqual(
      expect.arrayContaining(['run', 'ls', 'ui', 'compare', 'test', 'engine', 'completions']),
    );
    expect(first.length).toBeGreaterThan(15);
  });

  it('of every command has examples, which name commands and options that there are', () => {
    for (const [path, help] of helpOf) {
      const examples = help.split('Examples:\n')[1] ?? '';
      expect(examples, path).toMatch(new RegExp(`^ {2}clade ${path.split(' ')[0]}\\b`, 'm'));
      for (const [, line] of examples.matchAll(/^ {2}clade (.*)$/gm)) {
        const words = line.split(/ (?:&&|\|\||\||>) /)[0].split(' ');
        const called = helpOf.get(words.slice(0, 2).join(' ')) ?? helpOf.get(words[0]);
        expect(called, `clade ${line}`).toBeDefined();
        for (const option of words.filter((word) => word.startsWith('--')))
          expect(called, `clade ${line}`).toContain(option.split('=')[0]);
      }
    }
  });

  it('of every command says a default once, and as one would write it', () => {
    for (const [path, help] of helpOf)
      expect(help, path).not.toMatch(/default: (\[|\{|\d{6,})|\(default: [^)]*\)\s+\(default/);
  });

  it('of every command is suggested for, where it or an option of it is misspelt', async () => {
    // The letter before the last is left out: `clade rn`, `--artifats`.
    const slip = (name: string) => name.slice(0, -2) + name.slice(-1);
    for (const [path, help] of helpOf) {
      const words = path.split(' ');
      const options = help.split('Options:\n')[1]?.split('\n\n')[0] ?? '';
      const [option] = [...options.matchAll(/(--[a-z][a-z-]{4,})/g)].map(([, name]) => name);
      if (option) {
        const wrong = await call(...words, slip(option));
        expect(wrong, `${path} ${slip(option)}`).toMatchObject({ exitCode: 2, stdout: '' });
        expect(wrong.stderr, `${path} ${slip(option)}`).toMatch(/Did you mean .*--/);
      }
      if (words.length === 1 && path.length > 2) {
        const wrong = await call(slip(path));
        expect(wrong.exitCode).toBe(2);
        expect(wrong.stderr, slip(path)).toContain('Did you mean');
      }
    }
  }, 240_000);
});

describe('lists', () => {
  beforeAll(async () => {
    makePictureFolder(join(place.path, 'data'));
    writeFileSync(join(place.path, 'small.yaml'), SMALL_PIPELINE);
    expect((await call('run', 'small.yaml')).exitCode).toBe(0);
  }, 60_000);

  it.each([
    'ls',
    'show',
    'show latest',
    'status',
    'status small.yaml',
    'logs pretrain',
    'compare latest',
    'lineage artifacts/runs/latest/steps/pretrain',
    'verify',
    'doctor',
    'engine ls',
    'run small.yaml',
    'run small.yaml --dry-run',
    'why small.yaml pretrain',
  ])('are JSON with --json: %s', async (line) => {
    const { stdout, stderr } = await call(...line.split(' '), '--json');
    const lines = stdout.trim().split('\n');
    expect(stdout.trim(), stderr).not.toBe('');
    // One document, or a line each.
    const parsed =
      lines.length === 1 || lines[0] === '{' ? [JSON.parse(stdout)] : lines.map((line) => JSON.parse(line));
    for (const one of parsed) expect(typeof one).toBe('object');
  });

  it('draw the DAG as text, as Mermaid, and as dot that Graphviz reads', async () => {
    const graph = async (format: string) => (await call('graph', 'small.yaml', '--format', format)).stdout;
    expect(await graph('text')).toMatch(/^pretrain +pretrain +\(dataset ← split\)$/m);
    const mermaid = (await graph('mermaid')).trimEnd().split('\n');
    expect(mermaid[0]).toBe('flowchart TD');
    for (const line of mermaid.slice(1))
      expect(line).toMatch(/^ {2}(s\d+\["[^"]+"\]|s\d+ -->\|"[^"]+"\| s\d+)$/);
    const dot = spawnSync('dot', ['-Tplain'], { input: await graph('dot'), encoding: 'utf8' });
    if (dot.error) process.stderr.write('test/e2e/help: dot is not installed, not checked\n');
    else {
      expect(dot.status, dot.stderr).toBe(0);
      expect(dot.stdout.match(/^node /gm)).toHaveLength(10); // as many as the pipeline has steps
      expect(dot.stdout).toMatch(/^edge split pretrain /m);
    }
  });
});

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;

describe('completions in a real shell', () => {
  const script = (shell: string) => {
    const path = join(place.path, `completions.${shell}`);
    writeFileSync(path, execFileSync(process.execPath, [BIN, 'completions', shell]));
    return path;
  };

  it.skipIf(!has('bash'))('bash completes commands, options, their choices and what a command knows', () => {
    const path = script('bash');
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '-c',
          `source ${path}; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _clade; echo "\${COMPREPLY[@]}"`,
          'bash',
          ...words,
        ],
        { encoding: 'utf8' },
      ).trim();
    expect(complete('clade', 'co')).toBe('compare completions');
    expect(complete('clade', 'compare', '--la')).toBe('--latex');
    expect(complete('clade', 'graph', '--format', 'm')).toBe('mermaid');
    expect(complete('clade', 'completions', '')).toBe('bash zsh fish');
    expect(complete('clade', 'engine', 'i')).toBe('install');
  });

  it.skipIf(!has('fish'))('fish does too', () => {
    const path = script('fish');
    const complete = (line: string) =>
      execFileSync('fish', ['--no-config', '-c', `source ${path}; complete -C '${line}'`], {
        encoding: 'utf8',
      })
        .trim()
        .split('\n')
        .map((one) => one.split('\t')[0])
        .join(' ');
    expect(complete('clade co')).toBe('compare completions');
    expect(complete('clade compare --la')).toBe('--latex');
    expect(complete('clade graph --format m')).toBe('mermaid');
    expect(complete('clade completions ')).toContain('bash fish zsh');
    expect(complete('clade engine i')).toContain('install');
    expect(complete('clade --ver')).toBe('--version');
  });

  it.skipIf(!has('zsh') || spawnSync('tmux', ['-V']).status !== 0)(
    'zsh does too, at the Tab key',
    async () => {
      const path = script('zsh');
      const stub = join(place.path, 'clade');
      writeFileSync(stub, `#!/bin/sh\nexec node ${BIN} "$@"\n`);
      chmodSync(stub, 0o755);
      const session = `clade-zsh-${process.pid}`;
      const tmux = (...args: string[]) =>
        execFileSync('tmux', ['-L', session, ...args], { encoding: 'utf8' });
      const shell = `cd ${place.path}; env LANG=C.UTF-8 PATH=${place.path}:$PATH zsh -f`;
      tmux('-f', '/dev/null', 'new-session', '-d', '-s', session, '-x', '110', '-y', '40', shell);
      const until = async (pattern: RegExp) => {
        for (let tries = 0; tries < 400; tries++) {
          if (pattern.test(tmux('capture-pane', '-p'))) return;
          await sleep(50);
        }
        throw new Error(`never saw ${pattern} in:\n${tmux('capture-pane', '-p')}`);
      };
      try {
        tmux(
          'send-keys',
          `PS1='%% '; autoload -U compinit; compinit -u -D; source ${path}; clear; echo ready`,
          'Enter',
        );
        await until(/^ready/m);
        tmux('send-keys', 'clade comp', 'Tab');
        await until(/compare +-- points of runs/);
        tmux('send-keys', 'a', 'Tab', '--la', 'Tab');
        await until(/clade compare --latex/);
        tmux('send-keys', 'C-c');
        tmux('send-keys', 'clade graph --format m', 'Tab');
        await until(/--format mermaid/);
        tmux('send-keys', 'C-c');
        tmux('send-keys', 'clade engine i', 'Tab');
        await until(/clade engine install/);
      } finally {
        tmux('kill-server');
      }
    },
  );
});
