import { readFileSync } from 'node:fs';

/** Files made by numpy, safetensors and Pillow: see make-formats.py. */
export interface GoldenFile {
  readonly bytes: Uint8Array;
  readonly shape: number[];
  readonly values: number[];
}

interface Golden {
  readonly npy: { readonly [name: string]: GoldenFile };
  readonly npyForeign: { readonly [name: string]: GoldenFile };
  readonly png: { readonly [name: string]: GoldenFile };
  readonly safetensors: {
    readonly bytes: Uint8Array;
    readonly tensors: { readonly [name: string]: { readonly shape: number[]; readonly values: number[] } };
  };
}

export const golden: Golden = JSON.parse(
  readFileSync(new URL('formats.json', import.meta.url), 'utf8'),
  (key, value) => (key === 'bytes' ? new Uint8Array(Buffer.from(value, 'base64')) : value),
);
