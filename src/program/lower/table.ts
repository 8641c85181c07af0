/** Functions of one integer: the graph's float32 values through y's QuantizeLinear, over the interval that x has. */
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, type Draft, dtypeRange, graphValue, type Intervals, newIntervals, quantizationOf, tensorOf } from '../draft.ts';
import { quantize } from '../steps/rule.ts';
import { findTable } from '../steps/table.ts';

export function lowerTable(draft: Draft, node: GraphNode & { kind: 'table' }): void {
  const x = tensorOf(draft, node.x);
  const yValue = graphValue(draft, node.y);
  const { scale, zeroPoint } = quantizationOf(yValue);
  const { min, max } = dtypeRange(yValue.dtype);
  const { low, high } = draft.tensors[x];
  const least = dtypeRange(graphValue(draft, node.x).dtype).min;
  const reached = channelIntervals(draft.intervals[x], node.floats.length / 256, node.inner);
  const tables = Array.from({ length: node.floats.length / 256 }, (_, c) => {
    // Where another channel of x reaches further, this one's table goes on as it ends.
    const [first, last] = [reached.lows[c], reached.highs[c]];
    const values = Int32Array.from({ length: high - low + 1 }, (_, i) => {
      const at = Math.min(Math.max(low + i, first), last);
      return quantize(node.floats[256 * c + at - least], scale, zeroPoint, min, max);
    });
    return findTable(values, low, zeroPoint);
  });
  const intervals = tableIntervals(
    draft.intervals[x],
    low,
    tables.map(({ values }) => values),
    node.inner,
  );
  const y = addOutput(draft, node, intervals);
  draft.ops.push({ kind: 'table', layer: node.name, op: node.op, y, x, inner: node.inner, tables });
}

/** Interval of each channel of x; channel as of a `table` op. */
function channelIntervals({ lows, highs }: Intervals, channels: number, inner: number) {
  const reached = {
    lows: new Float64Array(channels).fill(Number.POSITIVE_INFINITY),
    highs: new Float64Array(channels).fill(Number.NEGATIVE_INFINITY),
  };
  for (let o = 0; o < lows.length; o++) {
    const c = Math.floor(o / inner) % channels;
    reached.lows[c] = Math.min(reached.lows[c], lows[o]);
    reached.highs[c] = Math.max(reached.highs[c], highs[o]);
  }
  return reached;
}

/** Interval of each element of y = tables[channel][x − low]; channel as of a `table` op. */
export function tableIntervals({ lows, highs }: Intervals, low: number, tables: readonly Int32Array[], inner: number): Intervals {
  const intervals = newIntervals(lows.length);
  for (let o = 0; o < lows.length; o++) {
    const values = tables[Math.floor(o / inner) % tables.length];
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = lows[o] - low; i <= highs[o] - low; i++) {
      least = Math.min(least, values[i]);
      most = Math.max(most, values[i]);
    }
    intervals.lows[o] = least;
    intervals.highs[o] = most;
  }
  return intervals;
}
