import { exp } from '../../core/pinned-math.ts';
import type { Random } from '../../core/random.ts';
import { blur, sigmaOfFwhm } from '../blur.ts';
import { applyWindow } from '../intensity.ts';
import type { Raster } from '../raster.ts';
import type { Tissue } from './head.ts';
import { createSmoothField } from './smooth-field.ts';

/** One machine with one subject's settings: what a tissue gives, and what becomes of it. */
export interface Scanner {
  /** Signal of each tissue: HU for CT, relative to white matter or grey matter for the others. */
  readonly signal: { readonly [tissue in Tissue]: number };
  /** From the ideal picture to one in 0 … 1: resolution, noise, artefacts, window. */
  acquire(
    ideal: Raster,
    level: { readonly pixelMm: number; readonly levelMm: number; readonly random: Random },
  ): Float32Array;
}

export interface ScannerRequest {
  /** In 0 … 1: how bright this subject's pictures come out. */
  readonly brightness: number;
  readonly random: Random;
}

/** Sees through a window whose level and width differ from subject to subject, as exported CT does. */
export function createCtScanner({ brightness, random }: ScannerRequest): Scanner {
  // HU: textbook values for soft tissue; skull and air cells as broad averages.
  const signal = {
    air: -1000,
    skin: 25,
    fat: -90,
    muscle: 55,
    bone: 1150,
    marrow: 420,
    csf: 8,
    grey: 38,
    white: 29,
    deep: 38,
    eye: 12,
  };
  const width = 260 * exp(2 * random.next()); // 260 … 1,920 HU
  const brain = 0.2 + 0.45 * brightness; // where the window puts the brain
  const centre = Math.max(33 + width * (0.5 - brain), width / 2 - 960); // air stays black
  const noiseHu = 4 + 10 * random.next();
  const peak = 0.7 + 0.3 * random.next();
  return {
    signal,
    acquire(ideal, { pixelMm, levelMm, random: noise }) {
      const { height, width: columns } = ideal;
      const sharp = blur(ideal, squareSigma(1.1 / pixelMm));
      const grain = blur(noiseRaster(ideal, noise), squareSigma(0.6));
      // Rays along the widest path carry the least light: streaks from side to side, worst at the base.
      const streaks = blur(noiseRaster(ideal, noise), { y: 0.5, x: 16 / pixelMm });
      const streakHu = noiseHu * (levelMm < -15 ? 5 : 2);
      // Between the petrous ridges the beam is hardened: a dark band.
      const hardening = levelMm < -24 ? 30 : 0;
      const noisy = sharp.pixels.map((hu, index) => {
        const y = (height / 2 - Math.floor(index / columns)) * pixelMm;
        const x = ((index % columns) - columns / 2) * pixelMm;
        const band = Math.abs(x) < 38 ? hardening * exp(-((y + 18) * (y + 18)) / 128) : 0;
        return (
          hu + 1.6 * noiseHu * grain.pixels[index] + streakHu * streaks.pixels[index] - (hu > -500 ? band : 0)
        );
      });
      return applyWindow(noisy, { centre, width }).map((value) => value * peak);
    },
  };
}

/** T1-like contrast under a smooth multiplicative field, with the noise of a magnitude image. */
export function createMriScanner({ brightness, random }: ScannerRequest): Scanner {
  const grey = 0.5 + 0.2 * random.next();
  const csf = 0.12 + 0.14 * random.next();
  const fat = 0.75 + 0.4 * random.next();
  const signal = {
    air: 0,
    skin: 0.45,
    fat,
    muscle: 0.42,
    bone: 0.06,
    marrow: 0.5 * fat,
    csf,
    grey,
    white: 0.82,
    deep: grey + 0.04,
    eye: csf + 0.04,
  };
  const bias = createSmoothField(random, 260, 4);
  const biasStrength = 0.15 + 0.3 * random.next();
  const sigma = 0.015 + 0.035 * random.next();
  const gain = 0.35 + 0.7 * brightness;
  return {
    signal,
    acquire(ideal, { pixelMm, levelMm, random: noise }) {
      const { height, width } = ideal;
      const sharp = blur(ideal, squareSigma(1.2 / pixelMm));
      return sharp.pixels.map((value, index) => {
        const y = (height / 2 - Math.floor(index / width)) * pixelMm;
        const x = ((index % width) - width / 2) * pixelMm;
        const real = value * exp(biasStrength * bias(x, y, levelMm)) + sigma * noise.normal();
        const imaginary = sigma * noise.normal();
        return Math.min(1, gain * Math.sqrt(real * real + imaginary * imaginary)); // Rician
      });
    },
  };
}

/** Glucose uptake at the resolution of PET; noise grows with the root of the signal. */
export function createPetScanner({ brightness, random }: ScannerRequest): Scanner {
  const white = 0.3 + 0.15 * random.next();
  const scalp = 0.1 + 0.2 * random.next();
  const signal = {
    air: 0,
    skin: scalp,
    fat: 0.6 * scalp,
    muscle: 1.3 * scalp,
    bone: 0.5 * scalp,
    marrow: scalp,
    csf: 0.08,
    grey: 1,
    white,
    deep: 1.1,
    eye: 0.12,
  };
  const fwhmMm = 5 + 3.5 * random.next();
  const sigma = 0.05 + 0.08 * random.next();
  const gain = 0.4 + 0.65 * brightness;
  return {
    signal,
    acquire(ideal, { pixelMm, random: noise }) {
      const seen = blur(ideal, squareSigma(sigmaOfFwhm(fwhmMm) / pixelMm));
      const grain = blur(noiseRaster(ideal, noise), squareSigma(sigmaOfFwhm(4.5) / pixelMm));
      // Blurring divides the deviation of independent noise by 2·√π·σ; this brings it back to 1.
      const restore = Math.max(1, 2 * Math.sqrt(Math.PI) * (sigmaOfFwhm(4.5) / pixelMm));
      return seen.pixels.map((value, index) => {
        const counted = value + sigma * Math.sqrt(value) * restore * grain.pixels[index];
        return Math.min(1, Math.max(0, gain * counted));
      });
    },
  };
}

function noiseRaster({ height, width }: Raster, random: Random): Raster {
  const pixels = new Float32Array(height * width).map(() => random.normal());
  return { pixels, height, width };
}

function squareSigma(sigma: number): { y: number; x: number } {
  return { y: sigma, x: sigma };
}
