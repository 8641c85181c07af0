/** Conv: integer convolution, then `S = fl(fl(sx·sw_c)/sy)` per output channel (QLinearConv's formula). */
import type { GraphNode, Weights } from '../../graph/graph.ts';
import { type Draft, graphValue, quantizationOf, tensorOf } from '../draft.ts';
import type { LinearMap, StepRule } from '../program.ts';
import { imagesOf } from './geometry.ts';
import { lowerLinear, lowerSums } from './linear.ts';
import { clampsOf, requantizeToOutput } from './requantize.ts';

const fl = Math.fround;

export function lowerConv(draft: Draft, node: GraphNode & { kind: 'conv' }): void {
  const xValue = graphValue(draft, node.x);
  const yValue = graphValue(draft, node.y);
  const channels = node.weights.dims[0];
  const map: LinearMap = {
    kind: 'conv2d',
    x: imagesOf(xValue.dims),
    y: imagesOf(yValue.dims),
    kernel: node.window.kernel,
    strides: node.window.strides,
    pads: node.window.pads,
    dilations: node.window.dilations,
    group: node.group,
    weights: centredWeights(node.weights, channels),
    bias: node.bias ?? new Int32Array(channels),
    xZero: xValue.quantization?.zeroPoint ?? 0,
  };
  const xTensor = tensorOf(draft, node.x);
  if (yValue.quantization === null) {
    lowerSums(draft, node, xTensor, map);
    return;
  }
  const x = quantizationOf(xValue);
  const y = quantizationOf(yValue);
  const { scales } = node.weights;
  // A rule for each channel even where all have one scale: each has its own interval.
  const rules = Array.from({ length: channels }, (_, c): StepRule => {
    const scale = fl(fl(x.scale * scales[scales.length === 1 ? 0 : c]) / y.scale);
    return { kind: 'scale', scale, zeroPoint: y.zeroPoint, ...clampsOf(yValue, node.activation) };
  });
  const acc = lowerLinear(draft, node, xTensor, map);
  requantizeToOutput(draft, node, acc, map.y[2] * map.y[3], rules);
}

/** w − w_zp, weights [channels, …]. */
function centredWeights({ data, zeroPoints }: Weights, channels: number): Int32Array {
  const perChannel = data.length / channels;
  return data.map((w, i) => w - zeroPoints[zeroPoints.length === 1 ? 0 : Math.floor(i / perChannel)]);
}
