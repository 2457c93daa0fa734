import { svgToPng } from '../../charts/png.ts';
import type { StageContext, StageRun } from '../../core/stage.ts';
import { writeArtifactFile } from '../../formats/artifact-file.ts';
import type { Parameters } from './declaration.ts';
import { drawAgreement } from './draw-agreement.ts';
import { drawImages } from './draw-images.ts';
import { drawProjections } from './draw-projections.ts';
import { drawTraining } from './draw-training.ts';
import type { Drawing } from './drawing.ts';

const run: StageRun<Parameters> = async (context) => {
  const drawings: Drawing[] = [];
  for (const draw of [drawImages, drawTraining, drawProjections, drawAgreement])
    drawings.push(...(await draw(context)));
  if (drawings.length === 0) context.note('nothing to draw: the inputs given have nothing to show');
  for (const [index, drawing] of drawings.entries()) {
    await save(context, drawing);
    context.progress({ done: index + 1, total: drawings.length, unit: 'figure', values: {} });
    context.signal.throwIfAborted();
  }
};

async function save({ out, params }: StageContext<Parameters>, { name, svg }: Drawing): Promise<void> {
  await writeArtifactFile(out, `${name}.svg`, svg);
  await writeArtifactFile(out, `${name}.png`, svgToPng(svg, { scale: params.scale }));
}

export default run;
