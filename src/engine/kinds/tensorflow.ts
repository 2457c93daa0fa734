import { fail } from '../../core/failure.ts';
import { type EngineKind, unavailable } from '../engine-kind.ts';
import { chooseDevice } from '../tensorflow/choose-device.ts';
import { locateTensorflow, type TensorflowPlaces, tensorflowPlaces } from '../tensorflow/locate.ts';

export const tensorflow = createTensorflowKind();

/** The kind, with what says where to look. */
export function createTensorflowKind(find: () => TensorflowPlaces = tensorflowPlaces): EngineKind {
  return {
    name: 'tensorflow',
    probe({ sources }) {
      const located = locateTensorflow(find());
      if (!located.found) return unavailable('tensorflow', located.why, located.cure);
      const { version, origin, gpu } = located;
      const device = chooseDevice({ gpu });
      return {
        name: 'tensorflow',
        available: true,
        why: `TensorFlow ${version} ${origin}, on the ${device}; results differ between machines in the last digits.`,
        cure: null,
        identity: { name: 'tensorflow', version, kernels: sources['tensorflow'] ?? '', device },
      };
    },
    async open(identity, { threads }) {
      const located = locateTensorflow(find());
      if (!located.found) return fail('engine-unavailable', `${located.why} ${located.cure}`);
      const { openTensorflowEngine } = await import('../tensorflow-engine.ts');
      return openTensorflowEngine({ identity, binding: located.binding, threads });
    },
  };
}
