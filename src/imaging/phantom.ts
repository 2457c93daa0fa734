import { cos, sin } from '../core/pinned-math.ts';
import type { Random } from '../core/random.ts';
import { createHead, type Head, TISSUES, tissueAt } from './phantom/head.ts';
import {
  createCtScanner,
  createMriScanner,
  createPetScanner,
  type Scanner,
  type ScannerRequest,
} from './phantom/scanners.ts';
import type { Raster } from './raster.ts';

export const MODALITIES = ['CT', 'MRI', 'PET'] as const;
export type Modality = (typeof MODALITIES)[number];

export interface PhantomRequest {
  readonly modality: Modality;
  /** Which subject of this modality, from 0: another index is another head, pose and scanner. */
  readonly subjectIndex: number;
  /** Number of slices, spread from the eyes to the crown. */
  readonly slices: number;
  /** Side of the square slices, pixels. */
  readonly size: number;
  /** The whole phantom's generator: it is forked here, nothing is drawn from it. */
  readonly random: Random;
}

export interface PhantomSubject {
  /** [size, size] each, row-major, in 0 … 1; the front of the head is up. */
  readonly slices: readonly Float32Array[];
  /** Height of each slice above the middle of the head. */
  readonly levelsMm: readonly number[];
  readonly pixelMm: number;
}

const FIELD_OF_VIEW_MM = 236;
/** Multiples of it, less their whole parts, spread evenly over 0 … 1: however few, every modality has dark and bright subjects. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;
/** Eyes and petrous ridges; just below the crown. */
const LOWEST_MM = -38;
const HIGHEST_MM = 68;
const SCANNERS: { readonly [modality in Modality]: (request: ScannerRequest) => Scanner } = {
  CT: createCtScanner,
  MRI: createMriScanner,
  PET: createPetScanner,
};

/**
 * A digital head: ellipsoid anatomy with folded cortex, in one of three modalities. Subjects differ in
 * size, proportions, pose, slice levels, contrast, window and noise, so that brightness alone does not
 * tell the modality.
 */
export function phantomSubject(request: PhantomRequest): PhantomSubject {
  const { modality, subjectIndex, slices: count, size, random } = request;
  const own = random.fork(`${modality} ${subjectIndex}`);
  const head = createHead(own.fork('head'));
  const pose = createPose(own.fork('pose'));
  const brightness = (random.fork(`${modality} brightness`).next() + subjectIndex * GOLDEN_RATIO) % 1;
  const scanner = SCANNERS[modality]({ brightness, random: own.fork('scanner') });
  const levelsMm = createLevels(own.fork('levels'), count);
  const pixelMm = FIELD_OF_VIEW_MM / size;
  const signal = TISSUES.map((tissue) => scanner.signal[tissue]);
  const slices = levelsMm.map((levelMm, index) => {
    const ideal = renderSlice({ head, pose, levelMm, size, signal });
    return scanner.acquire(ideal, { pixelMm, levelMm, random: own.fork(`noise ${index}`) });
  });
  return { slices, levelsMm, pixelMm };
}

/** How the head lies: angles in radians, shifts in millimetres. */
interface Pose {
  /** In the plane of the slice. */
  readonly turn: number;
  /** Chin to chest: the front of a slice lies higher in the head. */
  readonly nod: number;
  /** Ear to shoulder. */
  readonly tilt: number;
  readonly shift: readonly [x: number, y: number];
}

function createPose(random: Random): Pose {
  const within = (limit: number) => limit * (2 * random.next() - 1);
  return { turn: within(0.24), nod: within(0.16), tilt: within(0.08), shift: [within(10), within(10)] };
}

/** Evenly spread, each moved by a part of the distance, all by an offset of the subject. */
function createLevels(random: Random, count: number): number[] {
  const distance = (HIGHEST_MM - LOWEST_MM) / count;
  const offset = 8 * (random.next() - 0.5);
  return Array.from({ length: count }, (_, index) => {
    return LOWEST_MM + distance * (index + 0.5 + 0.6 * (random.next() - 0.5)) + offset;
  });
}

interface SliceRequest {
  readonly head: Head;
  readonly pose: Pose;
  readonly levelMm: number;
  readonly size: number;
  /** In the order of TISSUES. */
  readonly signal: readonly number[];
}

/** Samples along each side of a pixel: tissues mix where they meet. */
const SAMPLES = 2;

function renderSlice({ head, pose, levelMm, size, signal }: SliceRequest): Raster {
  const signalOf = new Map(TISSUES.map((tissue, index) => [tissue, signal[index]]));
  const stepMm = FIELD_OF_VIEW_MM / (size * SAMPLES);
  const cosTurn = cos(pose.turn);
  const sinTurn = sin(pose.turn);
  const [slopeY, slopeX] = [sin(pose.nod), sin(pose.tilt)];
  const pixels = new Float32Array(size * size);
  const middle = (size * SAMPLES - 1) / 2;
  for (let row = 0; row < size * SAMPLES; row++) {
    const v = (middle - row) * stepMm - pose.shift[1];
    for (let column = 0; column < size * SAMPLES; column++) {
      const u = (column - middle) * stepMm - pose.shift[0];
      const x = cosTurn * u + sinTurn * v;
      const y = cosTurn * v - sinTurn * u;
      const tissue = tissueAt(head, { x, y, z: levelMm + slopeY * y + slopeX * x });
      const pixel = Math.floor(row / SAMPLES) * size + Math.floor(column / SAMPLES);
      pixels[pixel] += signalOf.get(tissue)! / (SAMPLES * SAMPLES);
    }
  }
  return { pixels, height: size, width: size };
}
