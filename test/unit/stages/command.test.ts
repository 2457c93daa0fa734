import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseMetrics } from '../../../src/formats/metrics-file.ts';
import declaration from '../../../src/stages/command/declaration.ts';
import run from '../../../src/stages/command/run.ts';
import { failureOf, makeTempFolder, runStage, type StageTrial } from '../../support/stage-context.ts';
import { until } from '../../support/until.ts';

function fresh(): string {
  const { folder, remove } = makeTempFolder();
  onTestFinished(remove);
  return folder;
}

const call = (params: StageTrial['params'], folder = fresh(), more: StageTrial = {}) =>
  runStage({ declaration, run }, join(folder, 'out'), { ...more, params });

const written = (folder: string, name: string) => readFileSync(join(folder, 'out', name), 'utf8');

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' || existsSync(`/proc/${pid}`);
  }
};

describe.skipIf(process.platform === 'win32')('a command', () => {
  it('finds its inputs, parameters and outputs by the names it was promised', async () => {
    const folder = fresh();
    mkdirSync(join(folder, 'in'));
    writeFileSync(join(folder, 'in/a.txt'), 'from the input');
    await call({ run: 'cp "$IN_TRAIN_SET/a.txt" "$OUT"; cp "$PARAMS" "$OUT/p.json"', trees: 3 }, folder, {
      inputs: { 'train-set': join(folder, 'in') },
    });
    expect(written(folder, 'a.txt')).toBe('from the input');
    expect(JSON.parse(written(folder, 'p.json'))).toEqual({ trees: 3 });
  });

  it('as a list runs without a shell, so that nothing in it is expanded', async () => {
    const { out } = await call({
      run: [
        process.execPath,
        '-e',
        'require("fs").writeFileSync(process.env.OUT + "/x", process.argv[1])',
        '$HOME *',
      ],
    });
    expect(readFileSync(join(out, 'x'), 'utf8')).toBe('$HOME *');
  });

  it('collects a row and a folder for each artifact', async () => {
    const folder = fresh();
    const members = ['a', 'b'].map((name) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'score'), name);
      return { point: { k: name === 'a' ? 1 : 2, name }, folder: join(folder, name) };
    });
    await call(
      { run: 'cp "$IN_X/points.csv" "$OUT"; cat "$IN_X/0/score" "$IN_X/1/score" > "$OUT/both"' },
      folder,
      {
        inputs: { x: members },
      },
    );
    expect(written(folder, 'points.csv')).toBe('folder,k,name\n0,1,a\n1,2,b\n');
    expect(written(folder, 'both')).toBe('ab');
  });

  it('sees no variable that nobody declared', async () => {
    process.env.CLADE_TEST_HIDDEN = 'seen';
    onTestFinished(() => void delete process.env.CLADE_TEST_HIDDEN);
    const folder = fresh();
    await call({ run: 'env > "$OUT/env"', env: { MINE: 'x' } }, folder);
    const names = written(folder, 'env')
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names).not.toContain('CLADE_TEST_HIDDEN');
    expect(names).toEqual(expect.arrayContaining(['MINE', 'PATH', 'OMP_NUM_THREADS', 'TZ', 'LC_ALL']));
  });

  it('that fails says its status and the end of what it printed', async () => {
    const failure = await failureOf(call({ run: 'echo useful >&2; exit 7' }));
    expect(failure.reason).toBe('command-failed');
    expect(failure.message).toMatch(/status 7[\s\S]*useful/);
  });

  it('that fails in its first line goes no further', async () => {
    const folder = fresh();
    await failureOf(call({ run: 'false\necho on > "$OUT/x"' }, folder));
    expect(existsSync(join(folder, 'out/x'))).toBe(false);
  });

  it('that is killed says by what', async () => {
    const { message } = await failureOf(call({ run: 'kill -9 $$' }));
    expect(message).toContain('SIGKILL');
  });

  it('that does not write what it declares fails, naming that', async () => {
    const failure = await failureOf(call({ run: 'echo 1 > "$OUT/b"', outputs: ['a.npy', 'b', 'c/'] }));
    expect(failure.reason).toBe('missing-output');
    expect(failure.message).toMatch(/a\.npy, c\/ .*there: b/);
  });

  it('that writes more than it declares is told of, and keeps it', async () => {
    const { notes, out } = await call({ run: 'touch "$OUT/a" "$OUT/extra"', outputs: ['a'] });
    expect(notes).toEqual(["not among 'outputs', and kept: extra"]);
    expect(existsSync(join(out, 'extra'))).toBe(true);
  });

  it('may not leave a link that leads out of its artifact', async () => {
    expect((await failureOf(call({ run: 'ln -s /etc/hosts "$OUT/x"' }))).message).toContain("'x'");
  });

  it('that is not there is named', async () => {
    const failure = await failureOf(call({ run: ['no-such-program-here'] }));
    expect(failure).toMatchObject({
      reason: 'missing-program',
      message: expect.stringContaining('no-such-program-here'),
    });
  });

  it('without a shell on the PATH is told of the other form', async () => {
    const failure = await failureOf(call({ run: 'true', env: { PATH: '/nowhere' } }));
    expect(failure).toMatchObject({
      reason: 'missing-program',
      message: expect.stringContaining('as a list'),
    });
  });

  it('takes along what it left in the background', async () => {
    const folder = fresh();
    await call({ run: 'sleep 300 & echo $! > "$OUT/pid"' }, folder);
    const pid = Number(written(folder, 'pid'));
    expect(pid).toBeGreaterThan(1);
    await until(() => !isAlive(pid));
  });

  it('that is cancelled ends with all that it started, also what does not listen', async () => {
    const folder = fresh();
    const controller = new AbortController();
    const going = call(
      { run: `trap '' TERM; sh -c "trap '' TERM; sleep 300" & echo $! > "$OUT/pid"; wait` },
      folder,
      {
        signal: controller.signal,
      },
    );
    const ended = expect(going).rejects.toThrow('stop');
    await until(() => existsSync(join(folder, 'out/pid')) && written(folder, 'pid') !== '');
    controller.abort(new Error('stop'));
    await ended;
    const pid = Number(written(folder, 'pid'));
    await until(() => !isAlive(pid));
  });
});

describe('metrics.json', () => {
  it('holds numbers, or numbers with the better direction, by split where the name says one', () => {
    expect(parseMetrics('{"acc": 0.5, "test.acc": {"value": 0.9, "better": "higher"}, "a.b": 1}')).toEqual([
      { name: 'acc', split: null, value: 0.5, better: 'neither' },
      { name: 'acc', split: 'test', value: 0.9, better: 'higher' },
      { name: 'a.b', split: null, value: 1, better: 'neither' },
    ]);
  });

  it.each([
    '[]',
    '3',
    '{"a": "x"}',
    '{"a": {"value": 1, "better": "more"}}',
    '{"a": NaN}',
    '{',
  ])('refuses %s', async (text) => {
    const failure = await failureOf((async () => parseMetrics(text))());
    expect(failure.reason).toBe('bad-input');
    expect(failure.message).toContain('metrics.json');
  });
});
