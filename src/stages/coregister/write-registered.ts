import type { Metric } from '../../core/artifact.ts';
import { fail } from '../../core/failure.ts';
import type { StageContext, StageResult } from '../../core/stage.ts';
import { writeArtifactFile } from '../../formats/artifact-file.ts';
import { writeCsv } from '../../formats/csv.ts';
import { type Image, writeImageSet } from '../../formats/image-set.ts';
import { writeNpy } from '../../formats/npy.ts';
import { writePng } from '../../formats/png.ts';
import type { Affine } from '../../imaging/affine.ts';
import type { Raster } from '../../imaging/raster.ts';
import type { AlignedImage } from './align-group.ts';
import type { Parameters } from './declaration.ts';

type Context = StageContext<Parameters>;

/** An image as it was judged; its picture where it was registered. */
export interface Judged extends Omit<AlignedImage, 'image' | 'raster'> {
  readonly image: Pick<Image, 'id' | 'subject'>;
  readonly raster: Raster | null;
}

export interface Registered {
  /** What was registered to. */
  readonly fixed: Raster;
  /** In the order of quality.csv. */
  readonly images: readonly Judged[];
}

/** Writes the step's artifact. @throws ExpectedFailure bad-input where too few could be registered. */
export async function writeRegistered(context: Context, { fixed, images }: Registered): Promise<StageResult> {
  await writeFixed(context.out, fixed);
  await writeArtifactFile(context.out, 'quality.csv', writeQuality(images));
  const passed = await passOn(context, images);
  return { metrics: measure(images, passed) };
}

async function writeFixed(folder: string, { pixels, height, width }: Raster): Promise<void> {
  await writeArtifactFile(folder, 'fixed.npy', writeNpy({ data: pixels, shape: [height, width] }));
  const grey = Uint8Array.from(pixels, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
  await writeArtifactFile(folder, 'fixed.png', writePng({ pixels: grey, height, width }));
}

const MATRIX: readonly (keyof Affine)[] = ['xx', 'xy', 'x0', 'yx', 'yy', 'y0'];

/** The matrix says where in the image as it came in, in pixels, a pixel of the result comes from. */
function writeQuality(aligned: readonly Judged[]): string {
  const rows = aligned.map(({ image, before, after, toImage, problem }) => [
    image.id,
    before,
    after ?? '',
    problem === null ? 'registered' : 'failed',
    problem ?? '',
    ...MATRIX.map((name) => toImage?.[name] ?? ''),
  ]);
  const columns = ['id', 'similarityBefore', 'similarityAfter', 'status', 'problem', ...MATRIX];
  return writeCsv(columns, rows);
}

/** Writes the images that were registered; the others are told of, and go no further. */
async function passOn({ params, out, note }: Context, aligned: readonly Judged[]): Promise<Judged[]> {
  const failed = aligned.filter(({ problem }) => problem !== null);
  const passed = aligned.filter(({ problem }) => problem === null);
  const reasons = failed.map(({ image, problem }) => `  ${image.id}: ${problem}`);
  if (failed.length > 0 && params.onFailed === 'fail')
    fail(
      'bad-input',
      [`${failed.length} of ${aligned.length} images could not be registered:`, ...reasons].join('\n'),
    );
  if (passed.length === 0) fail('bad-input', ['no image could be registered:', ...reasons].join('\n'));
  if (failed.length > 0)
    note(
      `${failed.length} of ${aligned.length} images could not be registered and were left out: quality.csv says why`,
    );
  await writeImageSet(
    out,
    passed.map(({ image, raster, spacing }) => ({ ...image, ...raster!, spacing, maxValue: 1 })),
  );
  return passed;
}

function measure(aligned: readonly Judged[], passed: readonly Judged[]): Metric[] {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return [
    {
      name: 'similarityBefore',
      split: null,
      value: mean(passed.map(({ before }) => before)),
      better: 'neither',
    },
    {
      name: 'similarityAfter',
      split: null,
      value: mean(passed.map(({ after }) => after!)),
      better: 'higher',
    },
    { name: 'dropped', split: null, value: aligned.length - passed.length, better: 'lower' },
  ];
}
