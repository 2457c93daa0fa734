import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDigests, Job } from '../core/artifact.ts';
import { fail } from '../core/failure.ts';
import { byCodeUnit } from '../core/json.ts';
import { isContent } from '../core/script-digest.ts';
import type { SourceReader } from '../core/stage.ts';

export interface SourceReaders {
  of(parameter: string): SourceReader;
  /** Digests of all that was read, by parameter. */
  read(): { readonly [parameter: string]: FileDigests };
}

/**
 * Sources as the fingerprint knows them: the list of files is the fingerprint's, and each file read
 * must have the digest that it was planned with. So nothing is ever published under a digest of
 * content that was not read.
 */
export function createSourceReaders(job: Job): SourceReaders {
  const seen: { [parameter: string]: { [path: string]: string } } = {};
  return {
    of(parameter) {
      const planned = job.fields.sources[parameter];
      const place = job.sources[parameter];
      if (!planned || !place) throw new Error(`the stage's declaration names no source '${parameter}'`);
      seen[parameter] = seen[parameter] ?? {};
      const digests = seen[parameter];
      const isFolder = !('' in planned);
      return {
        list: async () => Object.keys(planned).sort(byCodeUnit),
        exists: async (path) => path in planned || (await isFile(join(place, path))),
        async read(path) {
          const expected = planned[path];
          if (expected === undefined)
            fail('missing-source', `${path} is not among the files of ${parameter}`);
          const file = isFolder ? join(place, path) : place;
          const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) =>
            fail(
              'source-changed',
              `${path || parameter} could not be read any more (${error.code ?? error.message})`,
            ),
          );
          if (!isContent(expected, path, bytes)) {
            fail(
              'source-changed',
              `${path || parameter} changed while the run was on; nothing was published: run again`,
            );
          }
          digests[path] = expected;
          return bytes;
        },
      };
    },
    read: () => seen,
  };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
