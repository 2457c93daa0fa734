import type { StageContext } from '../../core/stage.ts';
import type { Raster } from '../../imaging/raster.ts';
import { isBlank } from '../../imaging/registration/find-transform.ts';
import { meanOfSum, sumPictures, withoutPictures } from '../../imaging/registration/picture-sum.ts';
import { type AlignedImage, alignGroup } from './align-group.ts';
import type { Parameters } from './declaration.ts';
import type { Group } from './gather-groups.ts';
import { readAtlas } from './read-atlas.ts';

type Context = StageContext<Parameters>;

export interface Alignment {
  /** What was registered to. */
  readonly fixed: Raster;
  /** In the order of the groups. */
  readonly aligned: readonly AlignedImage[];
}

/** Registers groups to an atlas or to their mean. Ends early, throwing the signal's reason, where aborted. */
export async function alignAll(context: Context, groups: readonly Group[]): Promise<Alignment> {
  return context.params.to === 'mean' ? alignToMean(context, groups) : alignToAtlas(context, groups);
}

/** Registers groups to the atlas, each for itself. */
export async function alignToAtlas(context: Context, groups: readonly Group[]): Promise<Alignment> {
  const atlas = await readAtlas(context, groups[0].picture);
  const step = countSteps(context, groups.length);
  const aligned: AlignedImage[] = [];
  for (const group of groups) {
    aligned.push(...(await alignGroup({ group, fixed: atlas, reference: atlas, params: context.params })));
    step();
  }
  return { fixed: atlas, aligned };
}

/**
 * The first mean is of the pictures as they are, and blurred by that; each later one of those that were
 * registered, moved. Pictures themselves are always moved as they came, once.
 */
async function alignToMean(context: Context, groups: readonly Group[]): Promise<Alignment> {
  const { params, note } = context;
  const images = groups.flatMap((group) => group.images);
  note(`registered to the mean of all ${images.length} images, those of later splits included`);
  const step = countSteps(context, groups.length * params.rounds);
  let shares = firstShares(groups);
  for (let round = 1; ; round++) {
    const sum = sumPictures(shares.flat());
    const fixed = meanOfSum(sum);
    const results: AlignedImage[][] = [];
    for (const [index, group] of groups.entries()) {
      const others = withoutPictures(sum, shares[index]);
      const reference = others.count > 0 ? meanOfSum(others) : fixed;
      results.push(await alignGroup({ group, fixed, reference, params }));
      step();
    }
    shares = results.map(movedPictures);
    if (round === params.rounds || shares.flat().length === 0) return { fixed, aligned: results.flat() };
  }
}

/** What each group gives to the mean: its pictures, unless they are blank and show nothing. */
function firstShares(groups: readonly Group[]): Raster[][] {
  const all = groups.map(({ images }) => images.map(({ raster }) => raster));
  const shown = all.map((pictures, index) => (isBlank(groups[index].picture) ? [] : pictures));
  return shown.flat().length > 0 ? shown : all;
}

function movedPictures(result: readonly AlignedImage[]): Raster[] {
  return result.filter(({ problem }) => problem === null).map(({ raster }) => raster);
}

/** Says after each group how many are done; throws where the run was cancelled. */
function countSteps({ params, progress, signal }: Context, total: number): () => void {
  signal.throwIfAborted();
  let done = 0;
  return () => {
    signal.throwIfAborted();
    done++;
    progress({ done, total, unit: params.by, values: {} });
  };
}
