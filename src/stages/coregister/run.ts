import type { StageRun } from '../../core/stage.ts';
import { readImageSet, readImages } from '../../formats/image-set.ts';
import { alignAll } from './align-all.ts';
import type { Parameters } from './declaration.ts';
import { gatherGroups, gridOf, noteResized } from './gather-groups.ts';
import { mapSubjects } from './map-subjects.ts';
import { writeRegistered } from './write-registered.ts';

export const mapped = mapSubjects;

const run: StageRun<Parameters> = async (context) => {
  const images = await readImages(await readImageSet(context.input('images')));
  const grid = gridOf(images);
  const groups = gatherGroups(context, images, grid);
  noteResized(context, images, grid);
  const { fixed, aligned } = await alignAll(context, groups);
  return writeRegistered(context, { fixed, images: aligned });
};

export default run;
