import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../declare.mjs';

/** ninja, from PyPI: modification times, and a log of its own. */
export const ninja = {
  name: 'ninja',
  packages: ['ninja'],
  durable: false,
  write(folder, stages) {
    const { pathOf, commandOf } = places();
    const text = stages.map(
      (stage) =>
        `build ${pathOf(stage)}: sh ${[...stage.sources, ...stage.needs.map((name) => pathOf(name))].join(' ')}\n` +
        `  cmd = ${commandOf(stage).replaceAll('$', '$$')}\n`,
    );
    writeFileSync(join(folder, 'build.ninja'), `rule sh\n  command = $cmd\n${text.join('')}`);
  },
  command: ({ bin }, target) => [
    join(bin, 'ninja'),
    ['-j2', '--quiet', ...(target ? [`out/${target}.txt`] : [])],
  ],
  output: (folder, name) => join(folder, 'out', `${name}.txt`),
};
