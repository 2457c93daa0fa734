import { fail } from '../core/failure.ts';
import type { Picture } from './picture.ts';
import { readPng } from './png.ts';

/** @throws ExpectedFailure bad-input; `what` names the file in messages. */
type PictureReader = (bytes: Uint8Array, what: string) => Picture;

/** By lower-case file extension. A new format is one file and one line here. */
const READERS: { readonly [extension: string]: PictureReader } = {
  '.png': readPng,
};

/** Is this a file that `readPicture` can read, by its name? */
export function isPictureName(path: string): boolean {
  return Object.hasOwn(READERS, extensionOf(path));
}

/**
 * Reads a picture by its file's extension.
 * @throws ExpectedFailure bad-input where the extension is not supported (naming those that are) or
 *   the content is damaged.
 */
export function readPicture(bytes: Uint8Array, path: string): Picture {
  const extension = extensionOf(path);
  if (!Object.hasOwn(READERS, extension)) {
    const supported = Object.keys(READERS).join(', ');
    fail('bad-input', `${path}: '${extension}' pictures cannot be read; supported: ${supported}`);
  }
  return READERS[extension](bytes, path);
}

/** `.png` of `a/B.PNG`; empty where the name has no dot. */
function extensionOf(path: string): string {
  return (/\.[^./\\]*$/.exec(path)?.[0] ?? '').toLowerCase();
}
