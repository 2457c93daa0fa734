import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Contestant {
  readonly name: string;
  readonly times: readonly number[];
  readonly failed?: string;
  readonly sameBytes?: boolean;
}

test("the engine's benchmark is whole: every row is timed after its losses agreed", () => {
  const script = fileURLToPath(new URL('../../bench/engine/compare.mjs', import.meta.url));
  const said = execFileSync(process.execPath, [script, '--short', '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { rows, operations } = JSON.parse(said) as {
    rows: { name: string; cores?: number; contestants: Contestant[] }[];
    operations: string;
  };
  expect(rows.length).toBe(12); // bench/engine/works.mjs
  for (const { name, cores, contestants } of rows) {
    expect(
      contestants.filter(({ failed }) => failed),
      name,
    ).toEqual([]);
    for (const { times } of contestants) expect(Math.min(...times), name).toBeGreaterThan(0);
    if (cores) expect(contestants[0].sameBytes, name).toBe(true);
    else if (name.startsWith('thesis'))
      expect(contestants.map((one) => one.name)).toEqual(['clade', 'clade run']);
    else expect(contestants.map((one) => one.name)).toEqual(['clade', 'tfjs']); // two that share no kernel check each other
  }
  expect(operations).toMatch(/peak of a multiply-add loop: \d/);
}, 180_000);

test("a worker's start is timed beside a bare Node's", () => {
  const script = fileURLToPath(new URL('../../bench/engine/worker-start.mjs', import.meta.url));
  const said = execFileSync(process.execPath, [script, '--short'], { encoding: 'utf8' });
  expect(said).toMatch(/^bare Node +\d+ ms.*\nworker, until it takes a job +\d+ ms/);
}, 60_000);
