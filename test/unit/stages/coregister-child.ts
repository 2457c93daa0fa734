// A process of its own that registers phantoms and prints the digest of each file that it leaves.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { digestBytes } from '../../../src/core/digest.ts';
import { writeImageSet } from '../../../src/formats/image-set.ts';
import declaration from '../../../src/stages/coregister/declaration.ts';
import run from '../../../src/stages/coregister/run.ts';
import { headSlices, noisePicture } from '../../support/heads.ts';
import { runStage } from '../../support/stage-context.ts';

const folder = process.argv[2];
const images = [...headSlices('CT', 0), ...headSlices('PET', 1), noisePicture('n')].map((picture, index) => ({
  ...picture,
  id: `i${index}`,
  subject: null,
  maxValue: 1,
  spacing: null,
}));
await writeImageSet(join(folder, 'input'), images);
const { out } = await runStage({ declaration, run }, join(folder, 'out'), {
  params: { method: 'similarity', iterations: 60 },
  inputs: { images: join(folder, 'input') },
});
const files = readdirSync(out, { recursive: true }).map(String).sort();
const digests = files
  .filter((file) => statSync(join(out, file)).isFile())
  .map((file) => [file, digestBytes(readFileSync(join(out, file)))]);
process.stdout.write(JSON.stringify(digests));
