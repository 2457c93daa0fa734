// Each layer's forward and backward pass in tfjs's kernels, written out: no tape, no closure a layer,
// and the loss's gradient at the embedding may come from outside.
import * as tf from '@tensorflow/tfjs-core';
import type { ConvLayer, DeconvLayer, LayerShapes } from '../core/network.ts';

export interface LayerGradients {
  /** Gradient at the layer's input; null where nobody asked. */
  readonly input: tf.Tensor | null;
  /** In the order of the layer's parameters: kernel, bias. */
  readonly parameters: readonly tf.Tensor[];
}

/** The layer's output [n, …] from its input [n, …]. */
export function layerForward(shapes: LayerShapes, x: tf.Tensor, parameters: readonly tf.Tensor[]): tf.Tensor {
  const { layer } = shapes;
  const count = x.shape[0];
  switch (layer.kind) {
    case 'flatten':
    case 'reshape':
      return tf.reshape(x, [count, ...shapes.output]);
    case 'dense':
      return activate(
        tf.add(tf.matMul(x as tf.Tensor2D, parameters[0] as tf.Tensor2D), parameters[1]),
        layer.activation,
      );
    case 'conv':
      return tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: parameters[0] as tf.Tensor4D,
        strides: layer.stride,
        pad: layer.padding,
        bias: parameters[1],
        activation: layer.activation,
      });
    case 'deconv':
      return activate(
        tf.add(transposeConvolve(layer, x, parameters[0], [count, ...shapes.output]), parameters[1]),
        layer.activation,
      );
  }
}

/** Gradients from those at the output; `x` and `y` are what went in and came out. */
export function layerBackward(
  shapes: LayerShapes,
  pass: { x: tf.Tensor; y: tf.Tensor; parameters: readonly tf.Tensor[]; dy: tf.Tensor; wantInput: boolean },
): LayerGradients {
  const { layer } = shapes;
  const { x, y, parameters, wantInput } = pass;
  if (layer.kind === 'flatten' || layer.kind === 'reshape') {
    return { input: tf.reshape(pass.dy, x.shape), parameters: [] };
  }
  const dy = layer.activation === 'relu' ? tf.mul(pass.dy, tf.step(y)) : pass.dy;
  const [kernel] = parameters;
  const bias = tf.sum(dy, layer.kind === 'dense' ? 0 : [0, 1, 2]);
  switch (layer.kind) {
    case 'dense':
      return {
        input: wantInput ? tf.matMul(dy, kernel, false, true) : null,
        parameters: [tf.matMul(x, dy, true, false), bias],
      };
    case 'conv':
      return {
        input: wantInput ? transposeConvolve(layer, dy, kernel, x.shape) : null,
        parameters: [filterGradient(layer, x, dy, kernel.shape), bias],
      };
    case 'deconv':
      return {
        input: wantInput ? convolve(layer, dy, kernel) : null,
        parameters: [filterGradient(layer, dy, x, kernel.shape), bias],
      };
  }
}

function activate(x: tf.Tensor, activation: 'linear' | 'relu'): tf.Tensor {
  return activation === 'relu' ? tf.relu(x) : x;
}

function convolve(layer: ConvLayer | DeconvLayer, x: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
  return tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, layer.stride, layer.padding);
}

function transposeConvolve(
  layer: ConvLayer | DeconvLayer,
  dy: tf.Tensor,
  filter: tf.Tensor,
  inputShape: number[],
): tf.Tensor {
  return tf
    .engine()
    .runKernel(
      tf.Conv2DBackpropInput,
      { dy, filter },
      { strides: layer.stride, pad: layer.padding, dataFormat: 'NHWC', inputShape },
    ) as tf.Tensor;
}

function filterGradient(
  layer: ConvLayer | DeconvLayer,
  x: tf.Tensor,
  dy: tf.Tensor,
  filterShape: number[],
): tf.Tensor {
  return tf
    .engine()
    .runKernel(
      tf.Conv2DBackpropFilter,
      { x, dy },
      { strides: layer.stride, pad: layer.padding, dataFormat: 'NHWC', filterShape },
    ) as tf.Tensor;
}
