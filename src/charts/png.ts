import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import { fail } from '../core/failure.ts';

/** The faces that charts use. Resolved as files of a package, so that it also works from a bundle. */
const FONT_FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSans-Oblique.ttf'];

export interface PngOptions {
  /** Pixels of the PNG for one px of the SVG. Default 2; 3 for print. */
  readonly scale?: number;
  /** TrueType files. Default: the DejaVu Sans that this package depends on; the system's are never used. */
  readonly fontFiles?: readonly string[];
}

/**
 * Renders a picture.
 * @param svg text; images in it must be data URIs.
 * @returns bytes of an RGBA PNG of ⌈size × scale⌉ pixels.
 * @throws ExpectedFailure missing-source where a font file is not there: without it every label would be
 * dropped in silence.
 */
export function svgToPng(svg: string, options: PngOptions = {}): Uint8Array {
  const fontFiles = [...(options.fontFiles ?? defaultFontFiles())];
  const missing = fontFiles.filter((file) => !existsSync(file));
  if (missing.length > 0)
    fail('missing-source', `fonts to draw labels with are not there: ${missing.join(', ')}`);
  const renderer = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: options.scale ?? 2 },
    font: { loadSystemFonts: false, fontFiles, defaultFontFamily: 'DejaVu Sans' },
  });
  return renderer.render().asPng();
}

function defaultFontFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return FONT_FILES.map((file) => resolve(`dejavu-fonts-ttf/ttf/${file}`));
}
