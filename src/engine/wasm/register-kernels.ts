import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  BatchMatMul,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  getKernel,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { type ConvolutionAttributes, filterGradient, inputGradient } from './convolution-kernels.ts';
import { compileKernels } from './load-kernels.ts';
import { type MatMulAttributes, multiplyMatrices } from './matmul-kernel.ts';
import { Workspace } from './tfjs-workspace.ts';

const workspaces = new WeakMap<BackendWasm, Workspace>();
let registered = false;

/**
 * Gives tfjs's wasm backend the kernels that training convolutions needs: Conv2DBackpropFilter (which
 * it lacks), Conv2DBackpropInput and BatchMatMul with transposed operands (which it computes naively).
 * Call it once, before or after `setBackend('wasm')`; a second call does nothing.
 *
 * @param source path, URL or bytes of `kernels.wasm`; by default the file beside this one
 */
export async function registerTrainingKernels(
  source: string | URL | Uint8Array = new URL('kernels.wasm', import.meta.url),
): Promise<void> {
  const module = await compileKernels(source);
  if (registered) return;
  registered = true;
  const workspaceOf = (backend: unknown): Workspace => {
    const wasm = backend as BackendWasm;
    let workspace = workspaces.get(wasm);
    if (!workspace) {
      workspace = new Workspace(wasm, module);
      workspaces.set(wasm, workspace);
    }
    return workspace;
  };

  registerKernel({
    kernelName: Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: (({ inputs, attrs, backend }) =>
      filterGradient(workspaceOf(backend), inputs as never, attrs as never)) as KernelFunc,
  });

  const ownInputGradient = getKernel(Conv2DBackpropInput, 'wasm').kernelFunc;
  replaceKernel(Conv2DBackpropInput, (({ inputs, attrs, backend }) =>
    (attrs as unknown as ConvolutionAttributes).dataFormat === 'NCHW'
      ? ownInputGradient({ inputs, attrs, backend })
      : inputGradient(workspaceOf(backend), inputs as never, attrs as never)) as KernelFunc);

  const ownMatMul = getKernel(BatchMatMul, 'wasm').kernelFunc;
  replaceKernel(BatchMatMul, (({ inputs, attrs, backend }) => {
    const { transposeA, transposeB } = attrs as unknown as MatMulAttributes;
    const { a, b } = inputs as unknown as { a: TensorInfo; b: TensorInfo };
    // tfjs's own is wrong where both operands broadcast ([2, 1, …] · [1, 3, …]).
    const broadcasts = a.shape.slice(0, -2).join() !== b.shape.slice(0, -2).join();
    return transposeA || transposeB || broadcasts
      ? multiplyMatrices(workspaceOf(backend), { a, b }, { transposeA, transposeB })
      : ownMatMul({ inputs, attrs, backend });
  }) as KernelFunc);
}

/** tfjs sets a kernel up when its backend is; the replaced one must stay set up, so only its function changes. */
function replaceKernel(kernelName: string, kernelFunc: KernelFunc): void {
  const { setupFunc, disposeFunc } = getKernel(kernelName, 'wasm');
  unregisterKernel(kernelName, 'wasm');
  registerKernel({ kernelName, backendName: 'wasm', kernelFunc, setupFunc, disposeFunc });
}
