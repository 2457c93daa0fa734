import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  BatchMatMul,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  FusedConv2D,
  getKernel,
  type KernelFunc,
  registerKernel,
  Sum,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import {
  type ConvolutionAttributes,
  convolve,
  filterGradient,
  fusesWith,
  inputGradient,
} from './convolution-kernels.ts';
import { compileKernels } from './load-kernels.ts';
import { type MatMulAttributes, multiplyMatrices } from './matmul-kernel.ts';
import { leadingAxes, type SumAttributes, sumLeadingAxes } from './sum-kernel.ts';
import { Workspace } from './tfjs-workspace.ts';

const workspaces = new WeakMap<BackendWasm, Workspace>();
let registered = false;

/**
 * Gives tfjs's wasm backend the kernels that training convolutions needs: Conv2DBackpropFilter (which
 * it lacks), Conv2DBackpropInput and BatchMatMul with transposed operands (which it computes naively),
 * convolutions forward and sums over leading axes (which are slower, and less exact).
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

  for (const kernelName of [Conv2D, FusedConv2D]) {
    replaceKernel(kernelName, ({ inputs, attrs, backend }, own) => {
      const fused = fusesWith(inputs as never, attrs as never);
      return fused
        ? convolve(workspaceOf(backend), inputs as never, {
            ...(attrs as never as ConvolutionAttributes),
            ...fused,
          })
        : own();
    });
  }

  replaceKernel(Conv2DBackpropInput, ({ inputs, attrs, backend }, own) =>
    (attrs as unknown as ConvolutionAttributes).dataFormat === 'NCHW'
      ? own()
      : inputGradient(workspaceOf(backend), inputs as never, attrs as never),
  );

  replaceKernel(BatchMatMul, ({ inputs, attrs, backend }, own) => {
    const { transposeA, transposeB } = attrs as unknown as MatMulAttributes;
    const { a, b } = inputs as unknown as { a: TensorInfo; b: TensorInfo };
    // tfjs's own is wrong where both operands broadcast ([2, 1, …] · [1, 3, …]).
    const broadcasts = a.shape.slice(0, -2).join() !== b.shape.slice(0, -2).join();
    return transposeA || transposeB || broadcasts
      ? multiplyMatrices(workspaceOf(backend), { a, b }, { transposeA, transposeB })
      : own();
  });

  replaceKernel(Sum, ({ inputs, attrs, backend }, own) => {
    const { x } = inputs as unknown as { x: TensorInfo };
    const attributes = attrs as unknown as SumAttributes;
    const summed = leadingAxes(x, attributes);
    if (summed === 0) return own();
    return sumLeadingAxes(workspaceOf(backend), x, { summed, keepDims: attributes.keepDims });
  });
}

/**
 * Puts `compute` in a kernel's place; `own` is what it was. tfjs sets a kernel up when its backend is; the
 * replaced one must stay set up, so only its function changes.
 */
function replaceKernel(
  kernelName: string,
  compute: (call: Parameters<KernelFunc>[0], own: () => ReturnType<KernelFunc>) => ReturnType<KernelFunc>,
): void {
  const { kernelFunc: own, setupFunc, disposeFunc } = getKernel(kernelName, 'wasm');
  unregisterKernel(kernelName, 'wasm');
  registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: (call) => compute(call, () => own(call)),
    setupFunc,
    disposeFunc,
  });
}
