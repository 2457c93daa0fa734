// `npm run test:nodes`: the same pipelines under each supported Node, with one worker, with two, and cut
// off under one Node and resumed under the next; every array and table must come out in the same bytes.
//   npm run test:nodes -- [--nodes 20,26] [--no-units]
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareNodes, tree } from './test-nodes/prepare.mjs';

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '20,22,24,26' },
    'no-units': { type: 'boolean', default: false },
  },
});
const UNIT_TESTS = ['core', 'ml', 'engine', 'store'].map((room) => `test/unit/${room}`);

const started = performance.now();
const tell = (text) => {
  const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${text}\n`);
};

const nodes = await prepareNodes(options.nodes.split(','), tell);
// It reads the copied tree, which has to be there before.
const { makePlace, PIPELINES, runFresh, runResumed } = await import('./test-nodes/pipelines.mjs');

const place = await mkdtemp(join(tmpdir(), 'clade-test-nodes-'));
const problems = [];
/** What every run of a pipeline is held against: the first that ended. */
const references = new Map();
const rows = [];
try {
  await makePlace(place);
  for (const [at, node] of nodes.entries()) {
    const next = nodes[(at + 1) % nodes.length];
    const ways = [
      [`Node ${node.name}, 1 worker`, (pipeline) => runFresh({ node, place, pipeline, workers: 1 })],
      [`Node ${node.name}, 2 workers`, (pipeline) => runFresh({ node, place, pipeline, workers: 2 })],
      [
        `Node ${node.name}, cut off, then ${next.name}`,
        (pipeline) => runResumed({ first: node, second: next, place, pipeline }),
      ],
    ];
    for (const [way, run] of ways) {
      const cells = {};
      for (const pipeline of Object.keys(PIPELINES)) cells[pipeline] = await judge(way, pipeline, run);
      rows.push({ way, cells });
    }
    if (!options['no-units']) rows.at(-3).units = await runUnitTests(node);
  }
} finally {
  await rm(place, { recursive: true, force: true });
}
report();
process.exitCode = problems.length > 0 ? 1 : 0;

/** @returns one word for the table; what is wrong is kept for the end. */
async function judge(way, pipeline, run) {
  tell(`${pipeline}: ${way}`);
  let found;
  try {
    found = await run(pipeline);
  } catch (error) {
    problems.push(error.message);
    return 'FAILED';
  }
  if (!references.has(pipeline)) references.set(pipeline, { way, digests: found });
  const reference = references.get(pipeline);
  const paths = [...new Set([...Object.keys(reference.digests), ...Object.keys(found)])];
  const differing = paths.filter((path) => reference.digests[path] !== found[path]);
  if (differing.length === 0) return `same ${paths.length}`;
  const list = differing.map((path) => `  ${path}`).join('\n');
  problems.push(`${pipeline}: ${way} differs from ${reference.way} in\n${list}`);
  return `DIFFERS in ${differing.length} of ${paths.length}`;
}

/** Under vitest of the copied tree, whose forks are of the same Node. */
function runUnitTests(node) {
  tell(`unit tests: Node ${node.name}`);
  const args = [join(tree, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=dot', ...UNIT_TESTS];
  return new Promise((resolve) => {
    execFile(node.path, args, { cwd: tree, env: node.env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (!error) return resolve(`${/Tests\s+(\d+) passed/.exec(plain(stdout))?.[1]} pass`);
      problems.push(`Node ${node.name}: unit tests fail\n${plain(`${stdout}\n${stderr}`).slice(-4000)}`);
      resolve('FAILED');
    });
  });
}

/** Without colours. */
function plain(text) {
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g'), '');
}

function report() {
  const columns = Object.keys(PIPELINES);
  const width = Math.max(...rows.map(({ way }) => way.length));
  const line = (first, cells) =>
    [first.padEnd(width), ...cells.map((cell) => cell.padEnd(14))].join('  ').trimEnd();
  const lines = rows.map(({ way, cells, units = '' }) =>
    line(way, [...columns.map((name) => cells[name]), units]),
  );
  process.stdout.write(
    `\n${[line('', [...columns, options['no-units'] ? '' : 'unit tests']), ...lines].join('\n')}\n\n`,
  );
  for (const problem of problems) process.stdout.write(`${problem}\n\n`);
  process.stdout.write(
    problems.length === 0
      ? `The same bytes on Node ${nodes.map(({ name }) => name).join(', ')}.\n`
      : `NOT the same on every Node: ${problems.length} of the above.\n`,
  );
}
