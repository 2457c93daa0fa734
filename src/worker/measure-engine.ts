import { pathToFileURL } from 'node:url';
import { toFailure } from '../core/failure.ts';
import { type Network, networkShapes, type Weights } from '../core/network.ts';
import { createRandom, type Random } from '../core/random.ts';
import type { Trainable } from '../core/trainable.ts';
import type { StageWorkload } from '../core/workload.ts';
import type { MeasureAnswer, MeasureRequest } from '../engine/auto/measure-speed.ts';
import { openEngine } from '../engine/open-engine.ts';

/** Programs are compiled and caches filled by then. */
const WARM_UP_STEPS = 3;
/** One round is timed as a whole, the reading of its error included: a GPU has finished by then. */
const ROUND_MS = 100;
const ALL_ROUNDS_MS = 1000;

/** Answers one request from the channel and ends. */
export async function serveMeasurement(): Promise<void> {
  process.on('disconnect', () => process.exit(0)); // nobody waits for the answer any more
  const request = await new Promise<MeasureRequest>((resolve) => process.once('message', resolve));
  const answer = await measure(request);
  process.send!(answer, () => process.exit(0));
}

async function measure({ engine: identity, workload, module }: MeasureRequest): Promise<MeasureAnswer> {
  try {
    const stage = (await import(pathToFileURL(module).href)) as { workload: StageWorkload };
    const { network, batch } = stage.workload(workload.parameters, workload.imageSize);
    const engine = await openEngine(identity.name, { threads: 1, expected: identity });
    const random = createRandom('speed');
    const trainable = await engine.createTrainable(network, { weights: randomWeights(network, random) });
    const [height, width, channels] = network.input;
    const images = Float32Array.from({ length: batch * height * width * channels }, () => random.next());
    const times = await timeSteps(trainable, images);
    if (!Number.isFinite(times.error)) return { status: 'fails', why: `its loss is ${times.error}` };
    return { status: 'works', ...times };
  } catch (thrown) {
    return { status: 'fails', why: toFailure(thrown).message.split('\n')[0] };
  }
}

/** The fastest round counts: others waited for something else. */
async function timeSteps(
  trainable: Trainable,
  images: Float32Array,
): Promise<{ stepMs: number; error: number }> {
  let error = 0;
  const round = async (steps: number): Promise<number> => {
    const startedMs = performance.now();
    for (let step = 0; step < steps; step++) {
      await trainable.gradients({ batch: { images }, reconstructionWeight: 1 });
      await trainable.update();
    }
    error = await trainable.readReconstructionError();
    return (performance.now() - startedMs) / steps;
  };
  await round(WARM_UP_STEPS);
  const errorAtFirst = error;
  let best = await round(1);
  const steps = Math.max(1, Math.ceil(ROUND_MS / best));
  for (const startedMs = performance.now(); performance.now() - startedMs < ALL_ROUNDS_MS; ) {
    best = Math.min(best, await round(steps));
  }
  return { stepMs: best, error: errorAtFirst };
}

function randomWeights(network: Network, random: Random): Weights {
  const parameters = networkShapes(network).flatMap((layer) => layer.parameters);
  return new Map(
    parameters.map(({ name, shape, fanIn }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const scale = 1 / Math.sqrt(fanIn);
      return [name, Float32Array.from({ length }, () => scale * (random.next() - 0.5))];
    }),
  );
}
