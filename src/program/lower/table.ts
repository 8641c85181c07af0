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
  const tables = Array.from({ length: node.floats.length / 256 }, (_, c) => {
    const floats = node.floats.subarray(256 * c + low - least, 256 * c + high - least + 1);
    return findTable(
      Int32Array.from(floats, (v) => quantize(v, scale, zeroPoint, min, max)),
      low,
      zeroPoint,
    );
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
