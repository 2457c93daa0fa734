import { describe, expect, it } from 'vitest';
import { chooseDevice } from '../../../../src/engine/tensorflow/choose-device.ts';

const withDriver = (path: string) => path === '/dev/nvidiactl';

describe('chooseDevice', () => {
  it('takes the GPU that TensorFlow was built for where its driver is there', () => {
    expect(chooseDevice({ gpu: 'cuda', env: {}, exists: withDriver })).toBe('gpu');
    expect(chooseDevice({ gpu: 'cuda', env: {}, exists: () => false })).toBe('cpu');
    expect(chooseDevice({ gpu: 'rocm', env: {}, exists: withDriver })).toBe('cpu');
    expect(chooseDevice({ gpu: null, env: {}, exists: withDriver })).toBe('cpu');
  });

  it('takes the processor where CUDA’s devices are hidden', () => {
    for (const CUDA_VISIBLE_DEVICES of ['', '-1']) {
      expect(chooseDevice({ gpu: 'cuda', env: { CUDA_VISIBLE_DEVICES }, exists: withDriver })).toBe('cpu');
    }
    expect(chooseDevice({ gpu: 'cuda', env: { CUDA_VISIBLE_DEVICES: '1' }, exists: withDriver })).toBe('gpu');
  });

  it('takes what CLADE_TENSORFLOW_DEVICE says where a run is planned on another machine', () => {
    const told = (device: string) => ({ CLADE_TENSORFLOW_DEVICE: device });
    expect(chooseDevice({ gpu: null, env: told('gpu'), exists: () => false })).toBe('gpu');
    expect(chooseDevice({ gpu: 'cuda', env: told('cpu'), exists: withDriver })).toBe('cpu');
  });
});
