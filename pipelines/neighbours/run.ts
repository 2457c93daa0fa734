import {
  fail,
  type Metric,
  readDataset,
  readLabels,
  type StageRun,
  writeArtifactFile,
  writeCsv,
  writeMetrics,
} from 'clade/stage';
import { squaredDistance } from './distance.ts';

const run: StageRun<{ neighbours: number }> = async ({ params, input, out, progress, signal }) => {
  const { splits } = await readDataset(input('dataset'), ['train', 'val', 'test']);
  const labels = await readLabels(input('labels'));
  const { train } = splits;
  if (train.ids.length < params.neighbours)
    fail(
      'bad-parameter',
      `${params.neighbours} neighbours are asked for, and train has ${train.ids.length} images`,
    );
  const size = train.images.length / train.ids.length;
  const image = (images: Float32Array, row: number) => images.subarray(row * size, (row + 1) * size);

  const rows: string[][] = [];
  const metrics: Metric[] = [];
  for (const name of ['val', 'test'] as const) {
    const { ids, images } = splits[name];
    let right = 0;
    for (const [row, id] of ids.entries()) {
      signal.throwIfAborted();
      const distances = train.ids.map((_, at) =>
        squaredDistance(image(images, row), image(train.images, at)),
      );
      const voted = vote(distances, train.ids, labels, params.neighbours);
      if (voted === labels.get(id)) right++;
      rows.push([id, name, labels.get(id) ?? '', voted]);
      progress({ done: row + 1, total: ids.length, unit: 'image', values: {} });
    }
    if (ids.length > 0)
      metrics.push({ name: 'acc', split: name, value: right / ids.length, better: 'higher' });
  }
  await writeArtifactFile(out, 'predictions.csv', writeCsv(['id', 'split', 'label', 'voted'], rows));
  await writeMetrics(out, metrics);
  return { metrics };
};

function vote(
  distances: readonly number[],
  ids: readonly string[],
  labels: ReadonlyMap<string, string>,
  neighbours: number,
): string {
  const nearest = [...distances.keys()].sort((a, b) => distances[a] - distances[b]).slice(0, neighbours);
  const names = nearest.map((at) => labels.get(ids[at]) ?? '');
  const votes = (name: string) => names.filter((other) => other === name).length;
  return names.reduce((best, name) => (votes(name) > votes(best) ? name : best));
}

export default run;
