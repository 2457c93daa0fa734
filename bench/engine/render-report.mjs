/** The report as Markdown: one row a work, then every contestant's time, then what was left out. */
export function renderReport({ node, processor, cores, peers, absent, protocol, rows, operations }) {
  const bound = cores
    ? `bound to core ${cores.join(', ')}`
    : 'not bound to cores: this system has no taskset';
  const versions = peers.map(
    ({ name, version }) => `${name.replace(/ on TensorFlow.*/, ', TensorFlow')} ${version}`,
  );
  const lines = [
    [`Node ${node}, ${processor}`, bound, ...versions].join('; '),
    `Pipeline: ${protocol.epochs} epochs of pretraining on ${protocol.train} images, ${protocol.iterations} iterations of DEC and of DCEC.`,
    '',
    '| work | clade, ms | best peer, ms | × of best peer | bar | moonshot |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  for (const row of rows) {
    const ours = row.contestants.find(({ name }) => name === (row.ours ?? 'clade'));
    const best = bestPeer(row);
    const ratio = best && !ours.failed ? median(ours.times) / median(best.times) : null;
    const verdict = ratio === null ? '' : `${ratio.toFixed(2)}${ratio <= row.bar ? '' : ' **missed**'}`;
    const cells = [
      row.name,
      ours.failed ? '**fails**' : ms(median(ours.times)),
      best ? `${ms(median(best.times))} ${best.name}` : '',
      verdict,
      `≤ ${row.bar}`,
      `≤ ${row.moonshot}`,
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  lines.push('', '| work | contestant | median, ms | fastest, ms | |', '| --- | --- | --- | --- | --- |');
  for (const { name: work, contestants } of rows) {
    for (const entry of contestants) {
      const { name, times, failed } = entry;
      if (failed) lines.push(`| ${work} | ${name} | | | ${failed.split('\n').at(-1)} |`);
      else
        lines.push(
          `| ${work} | ${name} | ${ms(median(times))} | ${ms(Math.min(...times))} | ${remark(entry)} |`,
        );
    }
  }
  for (const { name, why } of absent) lines.push('', `Left out: ${name}: ${why}`);
  if (operations) lines.push('', '```', operations, '```');
  return lines.join('\n');
}

function remark({ sameBytes, prepareMs, name, said }) {
  if (sameBytes !== undefined) return sameBytes ? 'the bytes of one core' : '**other bytes than one core**';
  if (said) {
    const phases = Object.entries(said.phases).map(([phase, time]) => `${phase} ${(time / 1000).toFixed(2)}`);
    const accuracy = said.metrics?.map(([, , test]) => test.acc.toFixed(3)).join(', ');
    return `${phases.join(', ')} s${accuracy ? `; test accuracy ${accuracy}` : ''}`;
  }
  return name.endsWith('(compile)') ? `${(prepareMs / 1000).toFixed(0)} s to compile, once` : '';
}

export function bestPeer({ contestants }) {
  const peers = contestants.filter(({ own, failed }) => !own && !failed);
  return peers.sort((a, b) => median(a.times) - median(b.times))[0];
}

function ms(time) {
  return time.toFixed(time < 100 ? 2 : 0);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
