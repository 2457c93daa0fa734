import { describe, expect, it } from 'vitest';
import { lastLines, runProgram } from '../../../../src/engine/tensorflow/run-program.ts';

const node = (script: string, timeoutMs = 20_000, onLine?: (line: string) => void) =>
  runProgram(process.execPath, ['-e', script], { timeoutMs, onLine });

describe('runProgram', () => {
  it('gives status and outputs, and each line as it comes', async () => {
    const lines: string[] = [];
    const outcome = await node(
      'process.stdout.write("a\\nb"); process.stderr.write("c\\n"); process.exitCode = 3',
      20_000,
      (line) => lines.push(line),
    );
    expect(outcome).toMatchObject({ status: 'ended', code: 3, stdout: 'a\nb' });
    expect(outcome).toHaveProperty('output', expect.stringContaining('c'));
    expect(lines).toContain('a');
  });

  it('says by which signal a program was ended', async () => {
    expect(await node('process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 9000)')).toMatchObject({
      status: 'killed',
      signal: 'SIGTERM',
    });
  });

  it('ends a program that takes too long, also where its child keeps the outputs open', async () => {
    const script = `
      require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 3000)'], { stdio: 'inherit' });
      setTimeout(() => {}, 60000);`;
    expect(await node(script, 300)).toMatchObject({ status: 'timed-out' });
  });

  it('says why a program could not be started', async () => {
    expect(await runProgram('/no/such/program', [], { timeoutMs: 1000 })).toEqual({
      status: 'not-started',
      code: 'ENOENT',
    });
  });
});

describe('lastLines', () => {
  it('keeps the last lines that say something', () => {
    expect(lastLines('a\n\nb\r\nc\n\n', 2)).toBe('  b\n  c');
  });
});
