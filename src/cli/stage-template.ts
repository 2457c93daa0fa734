/** What `clade init --stage` writes: a stage that runs as it stands. */
export const STAGE_TEMPLATE = {
  declaration: `import type { StageDeclaration } from 'clade/stage';

// What the stage is: data. It is evaluated by itself when a pipeline is read, so it must not read or compute anything.
const declaration: StageDeclaration = {
  summary: 'One line: what it is for.',
  // JSON Schema. The pipeline's 'with' is checked against it, and filled up with its defaults.
  parameters: {
    type: 'object',
    properties: {
      factor: { description: 'What the mean is multiplied by.', type: 'number', default: 1 },
    },
  },
  // 'reads': files of these decide whether the step is stale. A folder ends in '/', '*' is all.
  inputs: {
    dataset: {
      description: 'Images in train, val and test.',
      kind: 'dataset',
      reads: ['train.npy', 'items.csv', 'dataset.json'],
    },
  },
  outputs: [{ path: 'mean.json', description: 'The mean of the train images, times the factor.' }],
  // Bytes are the same each time, on every machine.
  exact: true,
};

export default declaration;
`,
  run: `import { fail, readDataset, type StageRun, writeJsonFile } from 'clade/stage';

// What the stage does. It reads context.input(NAME), writes below context.out, and nowhere else.
const run: StageRun<{ factor: number }> = async (context) => {
  const { splits } = await readDataset(context.input('dataset'), ['train']);
  const { images } = splits.train;
  if (images.length === 0) fail('bad-input', 'the train split is empty: there is no mean of nothing');
  const mean = images.reduce((sum, value) => sum + value, 0) / images.length;
  const value = mean * context.params.factor;
  await writeJsonFile(context.out, 'mean.json', { mean: value });
  return { metrics: [{ name: 'mean', split: 'train', value, better: 'neither' }] };
};

export default run;
`,
};
