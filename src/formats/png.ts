import { type DecodedPng, decode, encode } from 'fast-png';
import { fail } from '../core/failure.ts';
import { checkPng } from './check-png.ts';
import type { Picture } from './picture.ts';

/**
 * Grey, palette and colour PNG of 1 to 16 bits, interlaced or not, as grey. Less than 8 bits are
 * spread over 0 … 255. Colours become their luminance, transparent pixels lie on black.
 * @param what names the file in messages.
 * @throws ExpectedFailure bad-input where the file is damaged; the message says what is wrong.
 */
export function readPng(bytes: Uint8Array, what: string): Picture {
  const png = decodePng(bytes, what);
  const { height, width, depth } = png;
  const maxValue = depth === 16 ? 65535 : 255;
  const { samples, channels } = unpackSamples(png, what);
  const { pixels, colour } = toGrey(samples, channels, maxValue);
  return { pixels, height, width, maxValue, colour, spacing: null };
}

/** A picture in colours as screens show it: red, green, blue and opacity of 8 bits each. */
export interface ColourPicture {
  /** [height, width, 4], row-major. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/**
 * Any PNG in colours; of 16 bits the higher 8.
 * @throws ExpectedFailure bad-input where the file is damaged; the message says what is wrong.
 */
export function readColourPng(bytes: Uint8Array, what: string): ColourPicture {
  const png = decodePng(bytes, what);
  const { samples, channels } = unpackSamples(png, what);
  const { height, width, depth } = png;
  const value = (at: number) => (depth === 16 ? samples[at] >> 8 : samples[at]);
  const pixels = new Uint8Array(height * width * 4);
  for (let index = 0; index < height * width; index++) {
    const at = index * channels;
    for (let colour = 0; colour < 3; colour++)
      pixels[index * 4 + colour] = value(channels > 2 ? at + colour : at);
    pixels[index * 4 + 3] = channels % 2 === 0 ? value(at + channels - 1) : 255;
  }
  return { pixels, height, width };
}

/**
 * A grey PNG, 8 or 16 bits by the type of the pixels.
 * @param picture pixels [height, width], row-major.
 */
export function writePng(picture: {
  readonly pixels: Uint8Array | Uint16Array;
  readonly height: number;
  readonly width: number;
}): Uint8Array {
  const { pixels, height, width } = picture;
  return encode({ data: pixels, height, width, channels: 1, depth: pixels instanceof Uint16Array ? 16 : 8 });
}

function decodePng(bytes: Uint8Array, what: string): DecodedPng {
  checkPng(bytes, what);
  try {
    return decode(bytes, { checkCrc: true });
  } catch (error) {
    return fail('bad-input', `${what}: damaged PNG: ${(error as Error).message}`);
  }
}

type Samples = Uint8Array | Uint16Array;

/** One value a sample, spread to the full range, palette looked up. */
function unpackSamples(png: DecodedPng, what: string): { samples: Samples; channels: number } {
  const { palette, depth, channels } = png;
  if (depth === 16) return { samples: png.data as Uint16Array, channels };
  const values = depth === 8 ? (png.data as Uint8Array) : unpackBits(png);
  if (!palette) {
    const step = 255 / ((1 << depth) - 1);
    return { samples: depth === 8 ? values : values.map((value) => value * step), channels };
  }
  const samples = new Uint8Array(values.length * 4);
  values.forEach((value, index) => {
    const entry =
      palette[value] ?? fail('bad-input', `${what}: damaged PNG: colour ${value} of ${palette.length}`);
    samples.set([entry[0], entry[1], entry[2], entry[3] ?? 255], index * 4);
  });
  return { samples, channels: 4 };
}

/** Rows start at a byte; the leftmost pixel lies in the high bits (PNG specification, 7.2). */
function unpackBits({ data, depth, height, width }: DecodedPng): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8);
  const perByte = 8 / depth;
  const mask = (1 << depth) - 1;
  const values = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const byte = data[row * rowBytes + Math.floor(column / perByte)];
      values[row * width + column] = (byte >> (8 - depth - (column % perByte) * depth)) & mask;
    }
  }
  return values;
}

/** Grey, grey + alpha, RGB or RGB + alpha to grey. Equal red, green and blue stay exactly that value. */
function toGrey(samples: Samples, channels: number, maxValue: number): { pixels: Samples; colour: boolean } {
  if (channels === 1) return { pixels: samples, colour: false };
  const pixels = samples.slice(0, samples.length / channels);
  const hasAlpha = channels % 2 === 0;
  let colour = false;
  for (let index = 0; index < pixels.length; index++) {
    const at = index * channels;
    let grey = samples[at];
    if (channels > 2) {
      const green = samples[at + 1];
      const blue = samples[at + 2];
      colour ||= green !== grey || blue !== grey;
      // ITU-R BT.601 luma in 16-bit fixed point, the weights sum to 65,536: exact on every machine.
      grey = Math.floor((grey * 19595 + green * 38470 + blue * 7471 + 32768) / 65536);
    }
    pixels[index] = hasAlpha ? Math.round((grey * samples[at + channels - 1]) / maxValue) : grey;
  }
  return { pixels, colour };
}
