import { createRandom } from '../../core/random.ts';
import type { StageContext } from '../../core/stage.ts';
import { phantomSubject } from '../../imaging/phantom.ts';
import type { Parameters } from './declaration.ts';
import type { Intake, TakenItem } from './intake.ts';

/** Slices of digital heads, in 8 bits as pictures mostly come; their modality is their class. */
export async function takePhantom(context: StageContext<Parameters>): Promise<Intake> {
  const { modalities, subjects, slices, size, seed } = context.params;
  const random = createRandom(`phantom ${seed}`);
  const items: TakenItem[] = [];
  const total = modalities.length * subjects;
  for (const modality of modalities) {
    for (let subjectIndex = 0; subjectIndex < subjects; subjectIndex++) {
      context.signal.throwIfAborted();
      const head = phantomSubject({ modality, subjectIndex, slices, size, random });
      const subject = `${modality}-${subjectIndex + 1}`;
      head.slices.forEach((slice, index) => {
        items.push({
          pixels: Uint8Array.from(slice, (value) => Math.round(value * 255)),
          height: size,
          width: size,
          maxValue: 255,
          spacing: [head.pixelMm, head.pixelMm],
          source: `phantom ${subject}, slice ${index + 1}`,
          subject,
          label: modality,
          columns: { level: head.levelsMm[index].toFixed(1) },
        });
      });
      context.progress({ done: items.length / slices, total, unit: 'subject', values: {} });
    }
  }
  return { items, skipped: [], notes: [] };
}
