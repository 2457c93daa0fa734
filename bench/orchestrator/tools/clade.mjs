import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

const CLADE = fileURLToPath(new URL('../../../bin/clade.js', import.meta.url));

/** Each stage written out as one of the file. */
export function pipelineText(stages) {
  const declared = stages.map((stage) => [
    stage.name,
    {
      uses: 'command',
      ...(stage.needs.length > 0 && { needs: Object.fromEntries(stage.needs.map((name) => [name, name])) }),
      with: { run: commandOf(stage), sources: stage.sources, outputs: ['out.txt'] },
    },
  ]);
  return stringify({ name: 'bench', stages: Object.fromEntries(declared) });
}

/** clade, from this checkout, as built. */
export const clade = {
  name: 'clade',
  durable: true,
  write(folder, stages) {
    writeFileSync(join(folder, 'pipeline.yaml'), pipelineText(stages));
  },
  /** The same work as `write` of so many copies, said as one would say it: one stage, swept. */
  writeCopies(folder, count) {
    const copy = {
      run: 'cp in.txt "$OUT/out.txt" # ${{ params.index }}',
      sources: ['in.txt'],
      outputs: ['out.txt'],
    };
    const index = Array.from({ length: count }, (_, position) => position);
    const pipeline = {
      name: 'copies',
      params: { index: 0 },
      stages: { copy: { uses: 'command', with: copy } },
      sweep: { grid: { index } },
    };
    writeFileSync(join(folder, 'pipeline.yaml'), stringify(pipeline));
  },
  /** A stage of one's own that a warm worker calls, swept: each step writes the text to one file. */
  writeTiny(folder, count, text) {
    mkdirSync(join(folder, 'tiny'));
    writeFileSync(
      join(folder, 'tiny/declaration.js'),
      `export default {
  summary: 'Writes a small file.',
  parameters: { type: 'object', properties: { index: { description: 'Of the step.', type: 'integer' } }, required: ['index'] },
  inputs: {},
  outputs: [{ path: 'out.txt', description: 'The text.' }],
  offers: ['any'],
  exact: true,
};
`,
    );
    writeFileSync(
      join(folder, 'tiny/run.js'),
      `import { writeFileSync } from 'node:fs';
export default async ({ out }) => writeFileSync(\`\${out}/out.txt\`, ${JSON.stringify(text)});
`,
    );
    const index = Array.from({ length: count }, (_, position) => position);
    const pipeline = {
      name: 'tiny',
      params: { index: 0 },
      stages: { tiny: { uses: './tiny', with: { index: '${{ params.index }}' } } },
      sweep: { grid: { index } },
    };
    writeFileSync(join(folder, 'pipeline.yaml'), stringify(pipeline));
  },
  command: (_place, target) => [
    process.execPath,
    [CLADE, 'run', 'pipeline.yaml', '-j', '2', '--plain', ...(target ? ['--only', target] : [])],
  ],
  output: (folder, name) => join(folder, 'artifacts/runs/latest/steps', name, 'out.txt'),
  copyOutput: (folder, index) =>
    join(folder, 'artifacts/runs/latest/steps', `copy@index=${index}`, 'out.txt'),
  tinyOutput: (folder, index) =>
    join(folder, 'artifacts/runs/latest/steps', `tiny@index=${index}`, 'out.txt'),
  cache: 'artifacts/objects',
};

function commandOf(stage) {
  return stage.command({
    input: (name) => `"$IN_${name.toUpperCase().replaceAll('-', '_')}/out.txt"`,
    output: '"$OUT/out.txt"',
  });
}
