import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** On a machine that others use too, what took least was disturbed least. */
const least = (values) => Math.min(...values);

/**
 * What is demanded of clade's speed: figure, what it is measured by, and how many times that it may be.
 * A row whose rival was not timed says so.
 * @returns {{ work: string, clade: string, by: string, times: number | null, bar: number, met: boolean | null }[]}
 */
export function judgeBar({ copies, many, tiny, chained, plan }) {
  const seconds = (ms) => `${(ms / 1000).toFixed(ms < 1000 ? 3 : 2)} s`;
  const of = (rows, tool) => rows.find((row) => row.tool === tool);
  const row = (work, ms, rivalMs, rival, bar) => ({
    work,
    clade: seconds(ms),
    by: rivalMs === undefined ? `${rival}, not timed` : `${rival} ${seconds(rivalMs)}`,
    ...judge(rivalMs === undefined ? null : ms / rivalMs, bar),
  });
  const compare = (work, { count, rows }, phase, rival, bar) => {
    const other = of(rows, rival);
    const times = least(of(rows, 'clade')[phase]);
    return row(`${count} ${work}`, times, other && least(other[phase]), rival, bar);
  };
  const ninja = of(copies.rows, 'ninja');
  const rows = [
    compare('`command` copies, cold', copies, 'coldMs', 'doit', 1.5),
    compare('copies, all cached', copies, 'cachedMs', 'doit', 1.5),
    compare('in a chain, all cached', chained, 'cachedMs', 'doit', 1.5),
    row(
      `${tiny.count} in-process steps, cold`,
      least(tiny.rows[0].coldMs),
      ninja && least(ninja.coldMs),
      'ninja',
      1.5,
    ),
  ];
  if (many) {
    rows.push(compare('copies, all cached', many, 'cachedMs', 'doit', 1.2));
    // Each further step may cost what each of the first did, with a fifth for what is no step.
    const [few, lots] = [copies, many].map(({ rows }) => least(of(rows, 'clade').cachedMs));
    const each = few / copies.count;
    rows.push(
      row(`growth to ${many.count} cached`, lots, each * many.count, `${copies.count} steps, each`, 1.2),
    );
  }
  rows.push({
    work: `plan of ${plan.points} points, ${plan.steps} steps`,
    clade: `${plan.planCpuMs} ms`,
    by: `parse and hash once ${plan.floorCpuMs} ms`,
    ...judge(plan.ratio, 2),
  });
  rows.push({
    work: `plan of a chain of ${plan.chain.steps}`,
    clade: `${plan.chain.planCpuMs} ms`,
    by: `parse and hash once ${plan.chain.floorCpuMs} ms`,
    ...judge(plan.chain.ratio, 2),
  });
  rows.push({
    work: 'memory of the plan of points',
    clade: `${plan.peakMiB} MiB`,
    by: '300 MB',
    ...judge(plan.peakMiB / 286, 1),
  });
  return rows;
}

function judge(times, bar) {
  return { times, bar, met: times === null ? null : times <= bar };
}

export function barTable(rows) {
  const cells = rows.map(({ work, clade, by, times, bar, met }) =>
    [
      work,
      clade,
      by,
      times === null ? '' : times.toFixed(2),
      `≤ ${bar}`,
      met === null ? '' : met ? 'yes' : '**no**',
    ].join(' | '),
  );
  return [
    '| work | clade | measured by | × | bar | met |',
    '| --- | --- | --- | --- | --- | --- |',
    ...cells.map((cell) => `| ${cell} |`),
  ].join('\n');
}

/** bench/plan in a process of its own, whose memory is then the plan's. */
export function measurePlan({ points, rounds }) {
  const script = fileURLToPath(new URL('../plan/plan.mjs', import.meta.url));
  const args = [script, '--points', String(points), '--rounds', String(rounds)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`bench/plan: ${stderr}`);
  return JSON.parse(stdout);
}
