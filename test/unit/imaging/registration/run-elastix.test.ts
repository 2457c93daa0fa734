import { defaultParameterMapNode, elastixNode } from '@itk-wasm/elastix';
import { expect, it, vi } from 'vitest';
import type { Raster } from '../../../../src/imaging/raster.ts';
import { runElastix } from '../../../../src/imaging/registration/run-elastix.ts';
import { cornerPicture, headSlices } from '../../../support/heads.ts';

const spacing: [number, number] = [1.25, 1];
const [fixed, moving] = headSlices('CT', 0);
const { parameterMap } = await defaultParameterMapNode('rigid', { numberOfResolutions: 2 });
const parameters = {
  ...(parameterMap as { [name: string]: string[] }),
  AutomaticTransformInitialization: ['true'],
  AutomaticTransformInitializationMethod: ['CenterOfGravity'],
  MaximumNumberOfIterations: ['20'],
  RandomSeed: ['121212'],
  WriteResultImage: ['false'],
};

const toItk = ({ pixels, height, width }: Raster) => ({
  imageType: { dimension: 2, componentType: 'float32', pixelType: 'Scalar', components: 1 } as const,
  name: '',
  origin: [0, 0],
  spacing: [spacing[1], spacing[0]],
  direction: Float64Array.of(1, 0, 0, 1),
  size: [width, height],
  metadata: new Map(),
  data: pixels,
});

it("gives to the last digit what the package's own function gives", async () => {
  const own = await elastixNode([parameters], { fixed: toItk(fixed), moving: toItk(moving) });
  const outcome = await runElastix({ parameters, fixed, moving, spacing });
  expect(outcome).toEqual({ transform: (own.transformParameterObject as unknown as object[])[0] });
});

it('makes a value of giving up, prints nothing, and works afterwards', async () => {
  const request = { parameters, fixed, moving, spacing };
  const before = await runElastix(request);
  const printed = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
  const gaveUp = await runElastix({ ...request, moving: cornerPicture() });
  const unknown = await runElastix({ ...request, parameters: { ...parameters, Metric: ['Taste'] } });
  for (const spy of printed) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
  expect(gaveUp).toEqual({ problem: expect.stringMatching(/./) });
  expect(unknown).toEqual({ problem: expect.stringMatching(/./) });
  expect(await runElastix(request)).toEqual(before);
});
