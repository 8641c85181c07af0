/** Linear maps into the program: the accumulator tensor with its proven interval, element by element. Reference: docs/circuits.md §1. */
import { ZkonnxError } from '../../errors.ts';
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, addTensor, type Draft, dtypeRange, graphValue, type Intervals, newIntervals } from '../draft.ts';
import { linearRow, maxTaps, rowCount } from '../linear.ts';
import type { LinearMap, TensorId } from '../program.ts';
import { NoExactForm } from '../steps/no-exact-form.ts';

/** Of an accumulator: ONNX Runtime's are int32. */
export const accumulatorMost = 2 ** 31 - 1;

/**
 * The sums as a tensor of their own, to be requantized.
 * @throws ZkonnxError ZK3002 where an accumulator can leave int32.
 */
export function lowerLinear(draft: Draft, node: GraphNode, x: TensorId, map: LinearMap): TensorId {
  const intervals = sumIntervals(draft, node, x, map);
  const { name, dims } = graphValue(draft, node.y);
  const y = addTensor(draft, { name: `${name}:accumulator`, dims, dtype: 'accumulator', quantization: null }, intervals);
  draft.ops.push({ kind: 'linear', layer: node.name, op: node.op, y, x, map });
  return y;
}

/**
 * The sums as the node's output, which holds plain integers.
 * @throws ZkonnxError ZK3002 where one can leave int32, NoExactForm where it leaves a smaller type, in which ONNX wraps around.
 */
export function lowerSums(draft: Draft, node: GraphNode, x: TensorId, map: LinearMap): void {
  const intervals = sumIntervals(draft, node, x, map);
  const { dtype } = graphValue(draft, node.y);
  const { min, max } = dtypeRange(dtype);
  const outside = intervals.lows.find((bound) => bound < min) ?? intervals.highs.find((bound) => bound > max);
  if (outside !== undefined)
    throw new NoExactForm(`its ${dtype} result can be ${outside}, where ONNX wraps around`, 'cast its inputs to int32 first');
  const y = addOutput(draft, node, intervals);
  draft.ops.push({ kind: 'linear', layer: node.name, op: node.op, y, x, map });
}

/** A 1×1 convolution of `inputs` planes of `size` elements into `outputs` planes, without bias or padding. */
export function pointwise(inputs: number, outputs: number, size: number, group: number, weights: Int32Array): LinearMap {
  return {
    kind: 'conv2d',
    x: [1, inputs, 1, size],
    y: [1, outputs, 1, size],
    kernel: [1, 1],
    strides: [1, 1],
    pads: [0, 0, 0, 0],
    dilations: [1, 1],
    group,
    weights,
    bias: new Int32Array(outputs),
    xZero: 0,
  };
}

/** Proven interval of each sum. */
function sumIntervals(draft: Draft, node: GraphNode, x: TensorId, map: LinearMap): Intervals {
  const count = rowCount(map);
  const { lows, highs } = draft.intervals[x];
  const intervals = newIntervals(count);
  const xs = new Int32Array(maxTaps(map));
  const ws = new Int32Array(maxTaps(map));
  for (let o = 0; o < count; o++) {
    const row = linearRow(map, o, xs, ws);
    let low = row.constant;
    let high = row.constant;
    for (let t = 0; t < row.count; t++) {
      const w = ws[t];
      const a = w * lows[xs[t]];
      const b = w * highs[xs[t]];
      low += w > 0 ? a : b;
      high += w > 0 ? b : a;
    }
    if (low < -accumulatorMost || high > accumulatorMost) {
      const bound = -low > high ? low : high;
      throw new ZkonnxError('ZK3002', { node: node.name, op: node.op, bound });
    }
    intervals.lows[o] = low;
    intervals.highs[o] = high;
  }
  return intervals;
}
