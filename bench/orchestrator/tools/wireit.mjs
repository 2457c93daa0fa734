import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../declare.mjs';

/** wireit, from npm: SHA-256 of inputs, and a cache of outputs. */
export const wireit = {
  name: 'wireit',
  npm: ['wireit'],
  durable: false,
  environment: { WIREIT_PARALLEL: '2', WIREIT_CACHE: 'local' },
  write(folder, stages) {
    const { pathOf, commandOf } = places();
    const scripts = Object.fromEntries([...stages.map(({ name }) => [name, 'wireit']), ['all', 'wireit']]);
    const settings = stages.map((stage) => [
      stage.name,
      {
        command: commandOf(stage),
        files: stage.sources,
        dependencies: stage.needs,
        output: [pathOf(stage)],
      },
    ]);
    const all = ['all', { dependencies: stages.map(({ name }) => name) }];
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({
        name: 'bench',
        private: true,
        scripts,
        wireit: Object.fromEntries([...settings, all]),
      }),
    );
  },
  command: (_place, target) => ['npm', ['run', '--silent', target ?? 'all']],
  output: (folder, name) => join(folder, 'out', `${name}.txt`),
  cache: '.wireit',
  /** npm, a shell, and wireit itself. */
  launchers: 3,
};
