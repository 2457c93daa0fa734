import { digestBytes, digestOf } from '../core/digest.ts';
import { fail } from '../core/failure.ts';
import { byCodeUnit } from '../core/json.ts';
import { readArtifactFile, readJsonFile, writeArtifactFile, writeJsonFile } from './artifact-file.ts';
import { type NumberArray, readNpy, writeNpy } from './npy.ts';

export type Pixels = Uint8Array | Uint16Array | Float32Array;

/** One image on its way into an image set. */
export interface StoredImage {
  /** From `itemIds`: says nothing of label or path. */
  readonly id: string;
  /** A pseudonym from `subjectPseudonyms`; null where subjects are unknown. */
  readonly subject: string | null;
  /** [height, width], row-major, 0 … maxValue. */
  readonly pixels: Pixels;
  readonly height: number;
  readonly width: number;
  /** What counts as 1: 255, 65,535; 1 for float. */
  readonly maxValue: number;
  /** Millimetres from row to row and from column to column. */
  readonly spacing: readonly [number, number] | null;
}

/** An image as stages work with it. */
export interface Image {
  readonly id: string;
  readonly subject: string | null;
  /** [height, width], row-major, divided by the set's maxValue: in 0 … 1, unless a stage left it. */
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly spacing: readonly [number, number] | null;
}

/** One array file of a set: images of one subject, of one size. */
export interface ImageArray {
  /** '/'-separated, relative to the artifact: an NPY [n, height, width]. */
  readonly file: string;
  readonly subject: string | null;
  /** One a row. */
  readonly ids: readonly string[];
  readonly height: number;
  readonly width: number;
  readonly maxValue: number;
  readonly spacing: readonly [number, number] | null;
}

export interface ImageSet {
  readonly folder: string;
  readonly arrays: readonly ImageArray[];
}

const INDEX_FILE = 'images.json';

/**
 * Ids of images by their content: 'i' and 12 hexadecimal digits of SHA-256. Equal content in the
 * order given: the second gets '-2', the third '-3'. All in the order given.
 */
export function itemIds(
  images: readonly Pick<StoredImage, 'pixels' | 'height' | 'width' | 'maxValue'>[],
): string[] {
  const seen = new Map<string, number>();
  return images.map(({ pixels, height, width, maxValue }) => {
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    const base = `i${digestOf('image', { height, width, maxValue, pixels: digestBytes(bytes) }).slice(0, 12)}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return count === 1 ? base : `${base}-${count}`;
  });
}

/**
 * Pseudonyms of subjects by their images alone: 's' and 8 hexadecimal digits, '-2' where two
 * coincide.
 * @param idsOfSubject subject's real name → ids of its images.
 * @returns subject's real name → pseudonym.
 */
export function subjectPseudonyms(idsOfSubject: ReadonlyMap<string, readonly string[]>): Map<string, string> {
  const digests = [...idsOfSubject].map(([subject, ids]) => ({
    subject,
    digest: digestOf('subject', [...ids].sort(byCodeUnit)),
  }));
  const seen = new Map<string, number>();
  const pseudonyms = new Map<string, string>();
  for (const { subject, digest } of digests.sort((a, b) => byCodeUnit(a.digest, b.digest))) {
    const base = `s${digest.slice(0, 8)}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    pseudonyms.set(subject, count === 1 ? base : `${base}-${count}`);
  }
  return pseudonyms;
}

/**
 * Writes `images.json` and one `images/<subject>.npy` a subject (`images/all.npy` where subjects are
 * unknown; a further file for each further size, as `images/<subject>.2.npy`). Rows are ordered by id,
 * whatever the order given.
 * @throws ExpectedFailure bad-input where there is no image.
 */
export async function writeImageSet(folder: string, images: readonly StoredImage[]): Promise<void> {
  if (images.length === 0) fail('bad-input', 'there is no image');
  const sorted = [...images].sort((a, b) => byCodeUnit(a.id, b.id));
  const repeated = sorted.find(({ id }, index) => id === sorted[index + 1]?.id);
  if (repeated) throw new RangeError(`two images have the id ${repeated.id}`);
  const arrays: ImageArray[] = [];
  for (const [name, members] of groupBy(sorted, ({ subject }) => subject ?? 'all')) {
    let part = 0;
    for (const [, rows] of groupBy(members, geometryKey)) {
      part += 1;
      const { subject, height, width, maxValue, spacing } = rows[0];
      const file = part === 1 ? `images/${name}.npy` : `images/${name}.${part}.npy`;
      await writeArtifactFile(folder, file, writeNpy(stack(rows)));
      arrays.push({ file, subject, ids: rows.map(({ id }) => id), height, width, maxValue, spacing });
    }
  }
  await writeJsonFile(folder, INDEX_FILE, { format: 1, arrays: arrays as never });
}

/** Reads the index of a set; pixels are read by `readImages` and `iterateImages`. */
export async function readImageSet(folder: string): Promise<ImageSet> {
  const { arrays } = await readJsonFile(folder, INDEX_FILE);
  if (!Array.isArray(arrays) || !arrays.every(isImageArray))
    fail(
      'bad-input',
      `${INDEX_FILE}: expected arrays with file, subject, ids, height, width, maxValue, spacing`,
    );
  return { folder, arrays };
}

/** All ids of a set, sorted: the order of items everywhere. */
export function imageIds(set: ImageSet): string[] {
  return set.arrays.flatMap(({ ids }) => ids).sort(byCodeUnit);
}

/** All images of a set, ordered by id. */
export async function readImages(set: ImageSet): Promise<Image[]> {
  const images: Image[] = [];
  for await (const image of iterateImages(set)) images.push(image);
  return images.sort((a, b) => byCodeUnit(a.id, b.id));
}

/** Image by image, one array file in memory at a time: by subject, then by id. */
export async function* iterateImages(set: ImageSet): AsyncGenerator<Image> {
  for (const array of set.arrays) {
    const { data } = await readStoredArray(set, array);
    const { ids, subject, height, width, maxValue, spacing } = array;
    const size = height * width;
    for (const [row, id] of ids.entries()) {
      const pixels = new Float32Array(size);
      for (let index = 0; index < size; index++) pixels[index] = data[row * size + index] / maxValue;
      yield { id, subject, pixels, height, width, spacing };
    }
  }
}

/** One array as it lies in the file, not divided by its maxValue. */
export async function readStoredArray(set: ImageSet, array: ImageArray): Promise<{ data: NumberArray }> {
  const { file, ids, height, width } = array;
  const { data, shape } = readNpy(await readArtifactFile(set.folder, file), file);
  if (shape.join() !== [ids.length, height, width].join())
    fail(
      'bad-input',
      `${file}: shape ${shape.join('×')}; ${INDEX_FILE} says ${ids.length}×${height}×${width}`,
    );
  return { data };
}

function geometryKey({ height, width, maxValue, spacing, pixels }: StoredImage): string {
  return JSON.stringify([pixels.constructor.name, height, width, maxValue, spacing]);
}

function stack(images: readonly StoredImage[]): { data: Pixels; shape: number[] } {
  const { height, width, pixels } = images[0];
  const size = height * width;
  const data = new (pixels.constructor as new (length: number) => Pixels)(images.length * size);
  images.forEach((image, row) => {
    if (image.pixels.length !== size)
      throw new RangeError(`${image.id}: ${image.pixels.length} pixels, not ${size}`);
    data.set(image.pixels, row * size);
  });
  return { data, shape: [images.length, height, width] };
}

/** Groups in the order of their keys by code unit; members keep their order. */
function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): [string, Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups].sort(([a], [b]) => byCodeUnit(a, b));
}

function isImageArray(value: unknown): value is ImageArray {
  const array = (value ?? {}) as { [key in keyof ImageArray]?: unknown };
  return (
    typeof array.file === 'string' &&
    !array.file.split('/').includes('..') &&
    (array.subject === null || typeof array.subject === 'string') &&
    Array.isArray(array.ids) &&
    array.ids.every((id) => typeof id === 'string') &&
    [array.height, array.width].every((size) => Number.isSafeInteger(size) && (size as number) > 0) &&
    typeof array.maxValue === 'number' &&
    array.maxValue > 0 &&
    (array.spacing === null || (Array.isArray(array.spacing) && array.spacing.length === 2))
  );
}
