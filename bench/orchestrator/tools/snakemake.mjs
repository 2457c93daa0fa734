import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../declare.mjs';

/** Snakemake, from PyPI, with its defaults: checksums of small files, times, parameters and code. */
export const snakemake = {
  name: 'snakemake',
  packages: ['snakemake'],
  durable: false,
  write(folder, stages) {
    const { pathOf, commandOf } = places();
    const rule = (stage) =>
      `rule ${stage.name.replaceAll('-', '_')}:\n` +
      `    input: ${JSON.stringify([...stage.sources, ...stage.needs.map((name) => pathOf(name))])}\n` +
      `    output: ${JSON.stringify(pathOf(stage))}\n` +
      `    shell: ${JSON.stringify(commandOf(stage).replaceAll('{', '{{').replaceAll('}', '}}'))}\n`;
    const all = `rule all:\n    input: ${JSON.stringify(stages.map(pathOf))}\n`;
    writeFileSync(join(folder, 'Snakefile'), [all, ...stages.map(rule)].join('\n'));
  },
  command: ({ bin }, target) => [
    join(bin, 'snakemake'),
    ['-c2', '--quiet', 'all', ...(target ? [`out/${target}.txt`] : [])],
  ],
  output: (folder, name) => join(folder, 'out', `${name}.txt`),
};
