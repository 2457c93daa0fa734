// clade beside ninja, doit, snakemake, DVC, redun and wireit: how fast, and what each promises.
//   npm run bench:orchestrator -- [--short] [--home DIR] [--tools ninja,doit,clade] [--only speed|correctness] [--count 1000] [--json]
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { barTable, judgeBar, measurePlan } from './bar.mjs';
import { TESTS, tryOne } from './correctness.mjs';
import { setUp } from './set-up.mjs';
import { timeChain, timeCopies, timeTiny } from './speed.mjs';
import { clade } from './tools/clade.mjs';
import { doit } from './tools/doit.mjs';
import { dvc } from './tools/dvc.mjs';
import { ninja } from './tools/ninja.mjs';
import { redun } from './tools/redun.mjs';
import { snakemake } from './tools/snakemake.mjs';
import { wireit } from './tools/wireit.mjs';

const TOOLS = [clade, ninja, doit, snakemake, dvc, redun, wireit];
/** Those that are within an order of magnitude of the best: the others would take hours at 10,000. */
const QUICK = [clade, ninja, doit];

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    home: { type: 'string', default: process.env.CLADE_BENCH_HOME ?? join(tmpdir(), 'clade-bench-tools') },
    tools: { type: 'string' },
    only: { type: 'string' },
    count: { type: 'string' },
  },
});
const wanted = options.tools?.split(',');
const tools = TOOLS.filter(({ name }) => !wanted || wanted.includes(name.toLowerCase()));
const entries = tools.map((tool) => ({ tool, place: setUp(tool, options.home) }));
const among = (some) => entries.filter(({ tool }) => some.includes(tool));
const report = {
  node: process.version,
  processor: cpus()[0].model,
  cores: cpus().length,
  versions: Object.fromEntries(entries.map(({ tool, place }) => [tool.name, place.version])),
  speed: {},
  bar: [],
  correctness: {},
};

if (options.only !== 'correctness') {
  const count = Number(options.count ?? (options.short ? 20 : 1000));
  const rounds = options.short ? 1 : 5;
  const colds = options.short ? 1 : 2;
  // DVC's cold run grows with the square of the stages.
  const many = count > 200 ? entries.filter(({ tool }) => tool !== dvc) : entries;
  const timed = (work, rows) => {
    report.speed[work] = rows;
    return rows;
  };
  const copies = { count, rows: timed(`${count} copies`, await timeCopies(many, { count, colds, rounds })) };
  const chained = {
    count,
    rows: timed(`a chain of ${count}`, await timeChain(among(QUICK), { count, colds, rounds })),
  };
  const [own] = among([clade]);
  if (own) {
    const times = { count, colds, rounds };
    const tiny = { count, rows: timed(`${count} steps in process`, await timeTiny(own, times)) };
    const large = { count: 10_000, colds: 1, rounds: 3 };
    const most = options.short
      ? null
      : { count: large.count, rows: timed('10000 copies', await timeCopies(among(QUICK), large)) };
    const plan = measurePlan(options.short ? { points: 100, rounds: 1 } : { points: 10_000, rounds: 5 });
    report.bar = judgeBar({ copies, many: most, tiny, chained, plan });
  }
}
if (options.only !== 'speed') {
  // The short form is a smoke test of the script itself; a verdict needs the real pauses.
  for (const test of options.short ? TESTS.slice(4, 6) : TESTS) {
    report.correctness[test.name] = {};
    for (const { tool, place } of entries) {
      report.correctness[test.name][tool.name] = await tryOne(test, tool, place);
      process.stderr.write(
        `${test.name}: ${tool.name}: ${report.correctness[test.name][tool.name].verdict}\n`,
      );
    }
  }
}
console.log(options.json ? JSON.stringify(report, null, 2) : tables(report));

function tables({ node, processor, cores, versions, speed, bar, correctness }) {
  const lines = [
    `Node ${node}, ${cores} × ${processor}; ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
  ];
  for (const [work, rows] of Object.entries(speed)) {
    const best = rows.find(({ tool }) => tool === 'doit') ?? rows[0];
    lines.push(
      '',
      `| ${work} | cold, s (least) | cached, s (least) | cached, × ${best.tool}'s |`,
      '| --- | --- | --- | --- |',
    );
    for (const { tool, coldMs, cachedMs } of rows) {
      const ratio = Math.min(...cachedMs) / Math.min(...best.cachedMs);
      lines.push(
        `| ${tool} | ${seconds(Math.min(...coldMs))} | ${seconds(Math.min(...cachedMs))} | ${ratio.toFixed(2)} |`,
      );
    }
  }
  if (bar.length > 0) lines.push('', barTable(bar));
  const names = Object.keys(versions);
  if (Object.keys(correctness).length > 0) {
    lines.push('', `| test | ${names.join(' | ')} |`, `| --- |${' --- |'.repeat(names.length)}`);
    for (const [test, verdicts] of Object.entries(correctness)) {
      const cells = names.map((name) => cell(verdicts[name]));
      lines.push(`| ${test} | ${cells.join(' | ')} |`);
    }
  }
  return lines.join('\n');
}

/** Wrong is bold; what does not apply stays empty. */
function cell({ verdict, ok }) {
  if (ok === null) return '';
  return ok ? verdict : `**${verdict}**`;
}

function seconds(ms) {
  return (ms / 1000).toFixed(ms < 1000 ? 3 : 2);
}
