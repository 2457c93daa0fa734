import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, clade, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

beforeAll(async () => {
  makePictureFolder(join(place.path, 'data'));
  writeFileSync(join(place.path, 'small.yaml'), SMALL_PIPELINE);
  expect((await clade(['run', 'small.yaml'], { cwd: place.path })).exitCode).toBe(0);
}, 120_000);

const NOTE = 'stopped by the 12 epochs that are allowed';

describe('clade logs', () => {
  it('prints what a step logged, in the run that made it and in one that reused it', async () => {
    for (let reused = 0; reused < 2; reused++) {
      const { stdout, exitCode } = await clade(['logs', 'pretrain'], { cwd: place.path });
      expect(exitCode).toBe(0);
      expect(stdout).toContain(NOTE);
      await clade(['run', 'small.yaml'], { cwd: place.path });
    }
    const { stdout } = await clade(['logs', 'latest', 'pretrain', '--json'], { cwd: place.path });
    expect(JSON.parse(stdout.split('\n')[0])).toMatchObject({ stepId: 'pretrain', level: 'info' });
  }, 60_000);

  it('names the steps there are where one is misspelt', async () => {
    const { stderr, exitCode } = await clade(['logs', 'pretran'], { cwd: place.path });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("did you mean 'pretrain'?");
  });

  it('follows a step of another process until it has ended', async () => {
    const epochs = ['--set', 'epochs=900', '--artifacts', 'live'];
    const env = { ...process.env, CLADE_ENGINE: 'wasm' };
    const run = spawn('node', [BIN, 'run', 'small.yaml', '--json', '--only', 'pretrain', ...epochs], {
      cwd: place.path,
      env,
    });
    const ended = new Promise((resolve) => run.on('close', resolve));
    await new Promise<void>((resolve) => {
      run.stdout.on('data', (data) => String(data).includes('"event":"step-started","') && resolve());
      run.on('close', () => resolve());
    });
    const { stdout, exitCode } = await execa('node', [BIN, 'logs', 'pretrain', '-f', '--artifacts', 'live'], {
      cwd: place.path,
      reject: false,
    });
    await ended;
    expect(exitCode).toBe(0);
    expect(stdout).toContain('stopped by the 900 epochs');
  }, 120_000);
});

describe('a slip of the pen', () => {
  it('in a command or an option gets a suggestion', async () => {
    const command = await clade(['stauts'], { cwd: place.path });
    expect(command).toMatchObject({ exitCode: 2 });
    expect(command.stderr).toContain('Did you mean status?');
    const option = await clade(['compare', '--baselin', 'x'], { cwd: place.path });
    expect(option).toMatchObject({ exitCode: 2 });
    expect(option.stderr).toContain('Did you mean --baseline?');
  });
});

describe('clade compare', () => {
  const compare = async (...args: string[]) =>
    (await clade(['compare', ...args], { cwd: place.path })).stdout;
  it('shows what differs between two runs, against a baseline, and as LaTeX', async () => {
    await clade(['run', 'small.yaml', '--set', 'gamma=0.9'], { cwd: place.path });
    const { runs } = JSON.parse((await clade(['ls', '--json'], { cwd: place.path })).stdout);
    const [last, , first] = runs.map(({ id }: { id: string }) => id);
    const table = await compare(first, last, '--metric', 'test.acc');
    expect(table).toMatch(/^run +evaluate\.test\.acc\n/);
    expect(await compare(first, last, '--metric', 'test.acc', '--baseline', first)).toMatch(
      /\(baseline\)[\s\S]*\((\+|−)[\d.]+ (better|worse)\)/,
    );
    expect(await compare(first, last, '--pivot', 'run', 'step', '--metric', 'test.acc', '--latex')).toContain(
      '\\toprule',
    );
    const wrong = await clade(['compare', '--pivot', 'gama', 'run'], { cwd: place.path });
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
  }, 60_000);
});

describe('clade completions', () => {
  it.skipIf(spawnSync('bash', ['--version']).error !== undefined)(
    'complete commands, options and choices in a real bash',
    async () => {
      const script = (await clade(['completions', 'bash'], { cwd: place.path })).stdout;
      writeFileSync(join(place.path, 'completion.sh'), script);
      const words = async (...typed: string[]) => {
        const list = typed.map((word) => `'${word}'`).join(' ');
        const command = `source ./completion.sh; COMP_WORDS=(clade ${list}); COMP_CWORD=${typed.length}; _clade; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const { stdout } = await execa('bash', ['--norc', '-c', command], { cwd: place.path });
        return stdout.split('\n');
      };
      expect(await words('com')).toEqual(['compare', 'completions']);
      expect(await words('graph', '--for')).toEqual(['--format']);
      expect(await words('graph', '--format', 'm')).toEqual(['mermaid']);
      expect(await words('run', 'small')).toEqual(['small.yaml']);
    },
  );

  it('know every command in every shell', async () => {
    mkdirSync(join(place.path, 'empty'), { recursive: true });
    const help = (await clade(['--help'], { cwd: place.path })).stdout;
    const names = [...help.matchAll(/^ {2}([a-z]+) /gm)]
      .map(([, name]) => name)
      .filter((name) => name !== 'clade');
    expect(names.length).toBeGreaterThan(10);
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout } = await clade(['completions', shell], { cwd: place.path });
      for (const name of names) expect(stdout, shell).toContain(name);
    }
    expect((await clade(['completions', 'tcsh'], { cwd: place.path })).exitCode).toBe(2);
  });
});
