/** AveragePool: QLinearAveragePool's float32 loop over each window, one form for each shape that a window has at the borders. */
import type { Steps } from '../../events.ts';
import type { GraphNode, Window2d } from '../../graph/graph.ts';
import { addOutput, type Draft, graphValue, newIntervals, quantizationOf, tensorOf } from '../draft.ts';
import type { AverageForm, AverageRule } from '../program.ts';
import { averageFormWork, averageOf } from '../steps/average.ts';
import { planesOf, slidingWindows } from './geometry.ts';
import { lowerMeans } from './reducesum.ts';
import { clampsOf } from './requantize.ts';

type Planes = readonly [number, number, number];

export function* lowerAveragePool(draft: Draft, node: GraphNode & { kind: 'averagepool' }): Steps<void> {
  const xValue = graphValue(draft, node.x);
  const yValue = graphValue(draft, node.y);
  const from = quantizationOf(xValue);
  const to = quantizationOf(yValue);
  const rule: AverageRule = {
    xScale: from.scale,
    xZero: from.zeroPoint,
    scale: to.scale,
    zeroPoint: to.zeroPoint,
    roundingZero: node.roundingZero,
    ...clampsOf(yValue, node.activation),
  };
  const x = tensorOf(draft, node.x);
  const [xDims, yDims] = [planesOf(xValue.dims), planesOf(yValue.dims)];
  const windows = slidingWindows(xDims, yDims, node.window);
  const outputs = windows.starts.length - 1;
  const area = node.window.kernel[0] * node.window.kernel[1];
  if (!node.inOrder) {
    // Divisors are alike from plane to plane.
    const places = yDims[1] * yDims[2];
    const taps = (o: number) => windows.starts[o + 1] - windows.starts[o];
    const divisors = Array.from({ length: places }, (_, o) => (node.counted === 'kernel' ? area : taps(o)));
    lowerMeans(draft, node, windows, divisors.every((divisor) => divisor === divisors[0]) ? [divisors[0]] : divisors);
    return;
  }
  const intervals = newIntervals(outputs);
  const divisors = new Int32Array(outputs);
  const shapeOf = new Int32Array(outputs);
  const shapes: { taps: number; divisor: number; form: AverageForm }[] = [];
  const { low: xLow, high: xHigh } = draft.tensors[x];
  for (let o = 0; o < outputs; o++) {
    const window = windows.indices.subarray(windows.starts[o], windows.starts[o + 1]);
    const taps = window.length;
    const divisor = node.counted === 'image' ? taps : node.counted === 'kernel' ? area : paddedTaps(xDims, yDims, node.window, o);
    let shape = shapes.findIndex((known) => known.taps === taps && known.divisor === divisor);
    if (shape < 0) shape = shapes.push({ taps, divisor, form: yield* averageFormWork(rule, { taps, divisor, xLow, xHigh }) }) - 1;
    divisors[o] = divisor;
    shapeOf[o] = shape;
    const { lows, highs } = draft.intervals[x];
    intervals.lows[o] = averageOf(rule, lows, window, divisor);
    intervals.highs[o] = averageOf(rule, highs, window, divisor);
  }
  const y = addOutput(draft, node, intervals);
  draft.ops.push({ kind: 'average', layer: node.name, op: node.op, y, x, windows, divisors, rule, shapeOf, shapes });
}

/** Elements of window o inside the image and its pads: with ceil_mode the last one may reach beyond. */
function paddedTaps([, ...size]: Planes, [, height, width]: Planes, { kernel, strides, pads, dilations }: Window2d, o: number): number {
  const at = [Math.floor(o / width) % height, o % width];
  return [0, 1].reduce((taps, axis) => {
    const room = size[axis] + pads[axis] + pads[axis + 2] - at[axis] * strides[axis];
    return taps * Math.min(kernel[axis], Math.ceil(room / dilations[axis]));
  }, 1);
}
