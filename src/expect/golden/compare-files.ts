import type { Finding } from '../check.ts';
import { compareArrays, compareTensors } from './compare-arrays.ts';
import { compareBytes } from './compare-bytes.ts';
import { compareJson } from './compare-json.ts';
import { comparePictures } from './compare-pictures.ts';
import { compareTables } from './compare-tables.ts';
import type { GoldenPair } from './golden-pair.ts';

/** A file against its golden one, as far as its kind allows a tolerance; other kinds byte by byte. */
export function compareFiles(pair: GoldenPair): Finding {
  if (Buffer.compare(pair.golden, pair.bytes) === 0) return { ok: true, got: 'the same bytes' };
  switch (/\.(\w+)$/.exec(pair.path)?.[1].toLowerCase()) {
    case 'npy':
      return compareArrays(pair);
    case 'safetensors':
      return compareTensors(pair);
    case 'csv':
      return compareTables(pair);
    case 'json':
      return compareJson(pair);
    case 'png':
      return comparePictures(pair);
    default:
      return compareBytes(pair);
  }
}
