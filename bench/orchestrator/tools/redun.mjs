import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../declare.mjs';

const WORKFLOW = `import json
import subprocess
from typing import List

from redun import File, task

redun_namespace = 'bench'


@task()
def shell(command: str, sources: List[File], needs: List[File], target: str) -> File:
    subprocess.run(command, shell=True, check=True)
    return File(target)


@task()
def main(stages: File = File('stages.json'), only: str = '') -> list:
    made = {}
    for name, command, sources, needs, target in json.loads(stages.read()):
        made[name] = shell(command, [File(path) for path in sources], [made[need] for need in needs], target)
    return [made[only]] if only else list(made.values())
`;

/** redun, from PyPI: a graph of Python calls, hashed, in SQLite. */
export const redun = {
  name: 'redun',
  packages: ['redun'],
  durable: false,
  prepare(folder) {
    mkdirSync(join(folder, '.redun'), { recursive: true });
    writeFileSync(
      join(folder, '.redun', 'redun.ini'),
      '[backend]\ndb_uri = sqlite:///redun.db\n[executors.default]\ntype = local\nmax_workers = 2\n',
    );
  },
  write(folder, stages) {
    const { pathOf, commandOf } = places();
    const rows = stages.map((stage) => [
      stage.name,
      commandOf(stage),
      stage.sources,
      stage.needs,
      pathOf(stage),
    ]);
    writeFileSync(join(folder, 'workflow.py'), WORKFLOW);
    writeFileSync(join(folder, 'stages.json'), JSON.stringify(rows));
  },
  command: ({ bin }, target) => [
    join(bin, 'redun'),
    ['run', 'workflow.py', 'main', ...(target ? ['--only', target] : [])],
  ],
  output: (folder, name) => join(folder, 'out', `${name}.txt`),
};
