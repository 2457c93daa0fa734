import { elastixNode } from '@itk-wasm/elastix';
import { cos, sin } from '../core/pinned-math.ts';
import type { Affine } from './affine.ts';
import type { Raster } from './raster.ts';

/** What may be done to a picture: turn and shift; scale too; shear too. */
export type RegistrationMethod = 'rigid' | 'similarity' | 'affine';

export interface RegistrationOptions {
  readonly method: RegistrationMethod;
  /** Millimetres from row to row and from column to column, of both pictures; pixels are square without it. */
  readonly spacing: readonly [number, number] | null;
  /** Of the optimiser, at each of three resolutions. */
  readonly iterations: number;
}

export type Registration =
  /** Where in the moving picture a pixel of the fixed one lies: what `warp` takes. */
  | { readonly toMoving: Affine }
  /** Why nothing was found. */
  | { readonly problem: string };

/** elastix's names. */
const TRANSFORMS: { readonly [method in RegistrationMethod]: string } = {
  rigid: 'EulerTransform',
  similarity: 'SimilarityTransform',
  affine: 'AffineTransform',
};

/**
 * Finds how a picture must be moved to lie on another, by Mattes mutual information and adaptive
 * stochastic gradient descent (elastix: Klein et al. 2010), from the pictures' centres of gravity, over
 * three resolutions. Its random samples are seeded: the same pictures give the same result. Both
 * pictures are of one size.
 */
export async function registerPicture(
  fixed: Raster,
  moving: Raster,
  options: RegistrationOptions,
): Promise<Registration> {
  if (isFlat(fixed) || isFlat(moving))
    return { problem: 'a picture of one value has nothing to register by' };
  const spacing = options.spacing ?? [1, 1];
  try {
    const { transformParameterObject } = await elastixNode([parameterMap(options)], {
      fixed: toItk(fixed, spacing),
      moving: toItk(moving, spacing),
    });
    const [found] = transformParameterObject as unknown as readonly FoundTransform[];
    return readTransform(found, options.method, spacing);
  } catch (error) {
    // elastix ends so where too few samples overlap.
    return { problem: `elastix: ${lastLine((error as Error).message)}` };
  }
}

interface FoundTransform {
  readonly TransformParameters: readonly string[];
  readonly CenterOfRotationPoint: readonly string[];
}

/** elastix's manual 5.1, chapter 5; its default map of the transform, with a seed and fewer samples. */
function parameterMap({ method, iterations }: RegistrationOptions): { [name: string]: string[] } {
  return {
    AutomaticParameterEstimation: ['true'],
    AutomaticScalesEstimation: ['true'],
    AutomaticTransformInitialization: ['true'],
    AutomaticTransformInitializationMethod: ['CenterOfGravity'],
    DefaultPixelValue: ['0'],
    FixedImagePyramid: ['FixedSmoothingImagePyramid'],
    ImageSampler: ['RandomCoordinate'],
    Interpolator: ['LinearInterpolator'],
    MaximumNumberOfIterations: [String(iterations)],
    Metric: ['AdvancedMattesMutualInformation'],
    MovingImagePyramid: ['MovingSmoothingImagePyramid'],
    NewSamplesEveryIteration: ['true'],
    NumberOfResolutions: ['3'],
    NumberOfSamplesForExactGradient: ['4096'],
    NumberOfSpatialSamples: ['1024'],
    Optimizer: ['AdaptiveStochasticGradientDescent'],
    RandomSeed: ['121212'],
    Registration: ['MultiResolutionRegistration'],
    ResampleInterpolator: ['FinalLinearInterpolator'],
    Resampler: ['DefaultResampler'],
    Transform: [TRANSFORMS[method]],
    WriteResultImage: ['false'],
  };
}

function toItk({ pixels, height, width }: Raster, [down, across]: readonly [number, number]) {
  return {
    imageType: { dimension: 2, componentType: 'float32', pixelType: 'Scalar', components: 1 } as const,
    name: '',
    origin: [0, 0],
    spacing: [across, down],
    direction: Float64Array.of(1, 0, 0, 1),
    size: [width, height],
    metadata: new Map(),
    data: pixels,
  };
}

/** T(x) = A (x − c) + c + t, in millimetres, as a map of pixels. */
function readTransform(
  { TransformParameters, CenterOfRotationPoint }: FoundTransform,
  method: RegistrationMethod,
  [down, across]: readonly [number, number],
): Registration {
  const parameters = TransformParameters.map(Number);
  const [cx, cy] = CenterOfRotationPoint.map(Number);
  if (![...parameters, cx, cy].every(Number.isFinite))
    return { problem: 'elastix found no finite transformation' };
  const [xx, xy, yx, yy] = matrixOf(parameters, method);
  const [tx, ty] = parameters.slice(-2);
  const [x0, y0] = [cx + tx - xx * cx - xy * cy, cy + ty - yx * cx - yy * cy];
  return {
    toMoving: {
      xx,
      xy: (xy * down) / across,
      x0: x0 / across,
      yx: (yx * across) / down,
      yy,
      y0: y0 / down,
    },
  };
}

/** Row by row. Parameters are [angle, t], [scale, angle, t] or [matrix, t]. */
function matrixOf(parameters: readonly number[], method: RegistrationMethod): readonly number[] {
  if (method === 'affine') return parameters.slice(0, 4);
  const [scale, angle] = method === 'rigid' ? [1, parameters[0]] : parameters;
  return [scale * cos(angle), -scale * sin(angle), scale * sin(angle), scale * cos(angle)];
}

function isFlat({ pixels }: Raster): boolean {
  return pixels.every((value) => value === pixels[0]);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
