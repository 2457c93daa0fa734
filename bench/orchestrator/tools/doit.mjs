import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../declare.mjs';

const DODO = `import json

from doit.tools import config_changed

with open('stages.json') as file:
    STAGES = json.load(file)


def task_stage():
    for name, command, dependencies, target in STAGES:
        yield {'name': name, 'actions': [command], 'file_dep': dependencies,
               'targets': [target], 'uptodate': [config_changed(command)]}
`;

/** doit, from PyPI: MD5 of dependencies, in a dbm file. */
export const doit = {
  name: 'doit',
  packages: ['doit==0.37.0'],
  durable: false,
  write(folder, stages) {
    const { pathOf, commandOf } = places();
    const rows = stages.map((stage) => [
      stage.name,
      commandOf(stage).replaceAll('%', '%%'),
      [...stage.sources, ...stage.needs.map((name) => pathOf(name))],
      pathOf(stage),
    ]);
    writeFileSync(join(folder, 'dodo.py'), DODO);
    writeFileSync(join(folder, 'stages.json'), JSON.stringify(rows));
  },
  command: ({ bin }, target) => [join(bin, 'doit'), ['-n', '2', ...(target ? [`stage:${target}`] : [])]],
  output: (folder, name) => join(folder, 'out', `${name}.txt`),
};
