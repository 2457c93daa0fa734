import { type EngineKind, unavailable } from '../engine-kind.ts';
import { findDawn } from '../webgpu/installation.ts';

export const webgpu: EngineKind = {
  name: 'webgpu',
  probe({ tfjsVersion, sources }) {
    const dawn = findDawn();
    if (!dawn) {
      return unavailable(
        'webgpu',
        'Dawn, which drives the GPU, is not installed.',
        'Install it (20 MB): clade engine install webgpu.',
      );
    }
    return {
      name: 'webgpu',
      available: true,
      why: `Dawn ${dawn.version} is installed; it needs a GPU with Vulkan, Metal or Direct3D 12, and results differ between GPUs in the last digits.`,
      cure: null,
      identity: {
        name: 'webgpu',
        version: `${dawn.version} with tfjs ${tfjsVersion}`,
        kernels: sources['webgpu'] ?? '',
      },
    };
  },
  async open(identity) {
    const { openWebgpuEngine } = await import('../webgpu-engine.ts');
    return openWebgpuEngine(identity, findDawn()!.folder);
  },
};
