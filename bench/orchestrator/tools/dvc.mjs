import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { places } from '../declare.mjs';

/** DVC, from PyPI, without git: MD5 of dependencies and outputs, and a cache of outputs. It runs one at a time. */
export const dvc = {
  name: 'DVC',
  packages: ['dvc'],
  durable: false,
  environment: { DVC_NO_ANALYTICS: '1' },
  prepare(folder, { bin }) {
    spawnSync(join(bin, 'dvc'), ['init', '--no-scm', '-q'], {
      cwd: folder,
      env: { ...process.env, DVC_NO_ANALYTICS: '1' },
    });
  },
  write(folder, stages) {
    const { pathOf, commandOf } = places();
    const declared = stages.map((stage) => [
      stage.name,
      {
        cmd: commandOf(stage).replaceAll('${', '\\${'),
        deps: [...stage.sources, ...stage.needs.map((name) => pathOf(name))],
        outs: [pathOf(stage)],
      },
    ]);
    writeFileSync(join(folder, 'dvc.yaml'), stringify({ stages: Object.fromEntries(declared) }));
  },
  command: ({ bin }, target) => [join(bin, 'dvc'), ['repro', '-q', ...(target ? [target] : [])]],
  output: (folder, name) => join(folder, 'out', `${name}.txt`),
  cache: '.dvc/cache',
};
