import { posix } from 'node:path';
import { fail } from '../../core/failure.ts';
import type { SourceReader } from '../../core/stage.ts';
import { isPictureName } from '../../formats/read-picture.ts';
import type { Parameters } from './declaration.ts';
import { type ListedPicture, readManifest } from './read-manifest.ts';

/**
 * Which pictures are to be taken in, ordered by path.
 * @param files what there is below the folder.
 * @throws ExpectedFailure bad-parameter where parameters for manifests and for plain folders are mixed.
 */
export async function listPictures(
  reader: SourceReader,
  files: readonly string[],
  params: Parameters,
): Promise<{ pictures: readonly ListedPicture[]; notes: readonly string[] }> {
  const { manifest, labelsFromFolders } = params;
  if (manifest !== undefined) {
    if (labelsFromFolders)
      fail('bad-parameter', "labelsFromFolders: a manifest is given; name its column of classes by 'label'");
    if (!files.includes(manifest)) fail('missing-source', `the folder has no manifest '${manifest}'`);
    return { pictures: readManifest(await reader.read(manifest), params), notes: [] };
  }
  for (const name of ['label', 'subject'] as const) {
    if (params[name] !== undefined)
      fail('bad-parameter', `${name}: '${params[name]}' is a column of a manifest, and no manifest is given`);
  }
  const pictures = files.filter(isPictureName).map((path) => listFile(path, labelsFromFolders));
  const others = files.length - pictures.length;
  return { pictures, notes: others > 0 ? [`${others} files of the folder are no pictures: not read`] : [] };
}

function listFile(path: string, labelsFromFolders: boolean): ListedPicture {
  const folder = posix.basename(posix.dirname(path));
  const picture = { path, subject: null, columns: {} };
  if (!labelsFromFolders) return { ...picture, label: null, problem: null };
  if (folder !== '.') return { ...picture, label: folder, problem: null };
  return { ...picture, label: null, problem: 'it lies in no folder that would be its class' };
}
