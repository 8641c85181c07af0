/** GlobalAveragePool: the exact sum of each plane, then `S = fl(sx / fl(sy·fl(H·W)))` (QLinearGlobalAveragePool's formula). */
import type { GraphNode } from '../../graph/graph.ts';
import { type Draft, graphValue, quantizationOf, tensorOf } from '../draft.ts';
import { planesOf } from './geometry.ts';
import { lowerLinear } from './linear.ts';
import { clampsOf, requantizeToOutput } from './requantize.ts';

const fl = Math.fround;

export function lowerGlobalAveragePool(draft: Draft, node: GraphNode & { kind: 'globalaveragepool' }): void {
  const xValue = graphValue(draft, node.x);
  const yValue = graphValue(draft, node.y);
  const x = quantizationOf(xValue);
  const y = quantizationOf(yValue);
  const [planes, height, width] = planesOf(xValue.dims);
  const area = height * width;
  const windows = {
    starts: Int32Array.from({ length: planes + 1 }, (_, o) => o * area),
    indices: Int32Array.from({ length: planes * area }, (_, i) => i),
  };
  const acc = lowerLinear(draft, node, tensorOf(draft, node.x), { kind: 'windowsum', windows, xZero: x.zeroPoint });
  const scale = fl(x.scale / fl(y.scale * fl(area)));
  requantizeToOutput(draft, node, acc, 1, [{ kind: 'scale', scale, zeroPoint: y.zeroPoint, ...clampsOf(yValue, node.activation) }]);
}
