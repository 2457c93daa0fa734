import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../../src/formats/csv.ts';
import { readPng } from '../../../../src/formats/png.ts';
import { type Affine, compose, IDENTITY, invert, similarity, warp } from '../../../../src/imaging/affine.ts';
import { MODALITIES } from '../../../../src/imaging/phantom.ts';
import type { Raster } from '../../../../src/imaging/raster.ts';
import {
  findTransform,
  type RegistrationMethod,
  type TransformRequest,
} from '../../../../src/imaging/registration/find-transform.ts';
import { distanceOfMaps, headSlices } from '../../../support/heads.ts';

const METHODS: readonly RegistrationMethod[] = ['rigid', 'similarity', 'affine'];
const centreOf = ({ height, width }: Raster) => [(width - 1) / 2, (height - 1) / 2] as const;

/** How a head of another scanner lies: the picture moved by the inverse of the map, its contrast bent. */
function displace(head: Raster, toHead: Affine): Raster {
  const { height, width } = head;
  const moved = warp(head, toHead, { height, width, method: 'cubic', background: 0 });
  return { ...moved, pixels: moved.pixels.map((value) => Math.sqrt(Math.max(0, value))) };
}

/** From a place in the displaced picture to that in the head. */
function displacement(head: Raster, method: RegistrationMethod): Affine {
  const scale = method === 'rigid' ? 1 : 1.12;
  const turned = similarity({ rotationRad: 0.2, scale, shift: [4, -3], centre: centreOf(head) });
  return method === 'affine' ? compose(turned, { ...IDENTITY, xx: 1.08, xy: 0.06, yy: 0.94 }) : turned;
}

async function find(request: Partial<TransformRequest> & Pick<TransformRequest, 'fixed' | 'moving'>) {
  const found = await findTransform({ method: 'rigid', iterations: 256, spacing: null, ...request });
  if ('problem' in found) throw new Error(found.problem);
  return found.toMoving;
}

/** How far, in pixels, what is found lies from how the head was displaced. */
async function errorOf(head: Raster, method: RegistrationMethod): Promise<number> {
  const toHead = displacement(head, method);
  const found = await find({ fixed: head, moving: displace(head, toHead), method });
  return distanceOfMaps(found, invert(toHead), head);
}

describe('findTransform', () => {
  const cases = MODALITIES.flatMap((modality) => METHODS.map((method) => [method, modality] as const));
  it.each(cases)('finds a displacement again to half a pixel: %s, phantom %s', async (method, modality) => {
    const [, head] = headSlices(modality, 0);
    expect(await errorOf(head, method)).toBeLessThan(0.5);
  });

  it.each([32, 128])('does so in pictures of %d pixels', async (size) => {
    const [, head] = headSlices('MRI', 1, { size });
    expect(await errorOf(head, 'rigid')).toBeLessThan(0.5);
  });

  it('is the same each time, whatever was registered before', async () => {
    const [a, b, c] = headSlices('CT', 2);
    const first = await find({ fixed: a, moving: b });
    await find({ fixed: b, moving: c, method: 'affine' });
    expect(await find({ fixed: a, moving: b })).toEqual(first);
  });

  it('gives its map in pixels where these are no squares', async () => {
    const [, head] = headSlices('MRI', 0);
    const toHead = similarity({ rotationRad: 0, scale: 1, shift: [4, -3], centre: centreOf(head) });
    const found = await find({ fixed: head, moving: displace(head, toHead), spacing: [1.5, 1] });
    expect(distanceOfMaps(found, invert(toHead), head)).toBeLessThan(0.5);
  });

  it('finds nothing in a picture of one value, and says so', async () => {
    const [head] = headSlices('PET', 0);
    const blank = { ...head, pixels: new Float32Array(head.pixels.length) };
    const request = { method: 'rigid', iterations: 10, spacing: null } as const;
    const problem = 'a picture of one value has nothing to register by';
    expect(await findTransform({ ...request, fixed: head, moving: blank })).toEqual({ problem });
    expect(await findTransform({ ...request, fixed: blank, moving: head })).toEqual({ problem });
  });
});

/** The study's slices; they are not part of the repository. */
const REAL_HEADS = process.env.CLADE_HEADS ?? '../shared/data/thesis-heads';
const haveRealHeads = existsSync(join(REAL_HEADS, 'manifest.csv'));
if (!haveRealHeads)
  process.stderr.write(`skipped: no real heads in ${REAL_HEADS}; CLADE_HEADS names their folder\n`);

it.skipIf(!haveRealHeads)('finds displacements of real heads again to half a pixel', async () => {
  const { columns, rows } = readCsv(readFileSync(join(REAL_HEADS, 'manifest.csv')), 'manifest.csv');
  const files = rows.map(({ fields }) => fields[columns.indexOf('file')]);
  const spread = Array.from({ length: 9 }, (_, index) => files[Math.floor((index * files.length) / 9)]);
  for (const [index, file] of spread.entries()) {
    const { pixels, maxValue, height, width } = readPng(readFileSync(join(REAL_HEADS, file)), file);
    const head = { pixels: Float32Array.from(pixels, (value) => value / maxValue), height, width };
    const method = METHODS[index % METHODS.length];
    expect(await errorOf(head, method), `${file}, ${method}`).toBeLessThan(0.5);
  }
});
