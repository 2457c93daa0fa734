import { fail } from '../../core/failure.ts';
import { readArtifactFile } from '../../formats/artifact-file.ts';
import { columnIndex, readCsv } from '../../formats/csv.ts';
import type { SplitName } from '../../formats/dataset.ts';
import { readNpyAs } from '../../formats/npy.ts';
import { measureAccuracy } from '../../ml/metrics/accuracy.ts';
import { measureAri } from '../../ml/metrics/ari.ts';
import { measureNmi } from '../../ml/metrics/nmi.ts';
import type { ClusteredSplit } from './cluster-splits.ts';

/** Agreement of one split's clusters with its classes at one update of the finetuning. */
export interface CurveRow {
  readonly update: number;
  readonly iteration: number;
  readonly split: SplitName;
  readonly acc: number;
  readonly nmi: number;
  readonly ari: number;
}

/**
 * From the clusters that finetuning saved at every update; it saw no label itself.
 * @throws ExpectedFailure bad-input where the model was finetuned on another dataset.
 */
export async function measureCurve(
  model: string,
  splits: readonly ClusteredSplit[],
  labelsOf: ReadonlyMap<SplitName, Uint32Array>,
): Promise<CurveRow[]> {
  const iterations = await readIterations(model);
  const rows: CurveRow[] = [];
  for (const { name: split, ids } of splits) {
    const file = `assignments/${split}.npy`;
    const bytes = await readArtifactFile(model, file);
    const { data, shape } = readNpyAs(bytes, { type: Uint16Array, dimensions: 2, what: file });
    if (shape[0] !== iterations.length || shape[1] !== ids.length) {
      fail(
        'bad-input',
        `${file}: ${shape.join('×')} clusters; expected ${iterations.length} updates of ${ids.length} images: ` +
          'the model was finetuned on another dataset',
      );
    }
    const labels = labelsOf.get(split)!;
    iterations.forEach((iteration, update) => {
      const clusters = data.subarray(update * ids.length, (update + 1) * ids.length);
      const agreement = {
        acc: measureAccuracy(labels, clusters),
        nmi: measureNmi(labels, clusters),
        ari: measureAri(labels, clusters),
      };
      rows.push({ update, iteration, split, ...agreement });
    });
  }
  return rows;
}

async function readIterations(model: string): Promise<number[]> {
  const file = 'updates.csv';
  const table = readCsv(await readArtifactFile(model, file), file);
  const at = columnIndex(table, 'iteration', file);
  return table.rows.map(({ fields }) => Number(fields[at]));
}
