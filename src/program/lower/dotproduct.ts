/** MatMul and Gemm of two computed tensors: exact sums of products, then `S = fl(fl(fl(alpha·sa)·sb)/sy)` (QLinearMatMul's formula, with QGemm's alpha). */
import { ZkonnxError } from '../../errors.ts';
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, addTensor, type Draft, graphValue, type Intervals, quantizationOf, tensorOf } from '../draft.ts';
import type { ProgramOp } from '../program.ts';
import { accumulatorMost } from './linear.ts';
import { clampsOf, requantizeToOutput } from './requantize.ts';

const fl = Math.fround;

/** @throws ZkonnxError ZK3002 where an accumulator can leave int32. */
export function lowerDotProduct(draft: Draft, node: GraphNode & { kind: 'dotproduct' }): void {
  const [aValue, bValue, yValue] = [graphValue(draft, node.a), graphValue(draft, node.b), graphValue(draft, node.y)];
  const [rows, columns] = yValue.dims.slice(-2);
  const inner = aValue.dims[aValue.dims.length - 1];
  const [a, b] = [tensorOf(draft, node.a), tensorOf(draft, node.b)];
  const batch = draft.tensors[a].count / (rows * inner);
  const zeroPoints = { aZero: aValue.quantization?.zeroPoint ?? 0, bZero: bValue.quantization?.zeroPoint ?? 0 };
  const geometry = { batch, rows, inner, columns, ...zeroPoints, bias: node.bias ?? new Int32Array(columns) };
  const intervals = intervalsOf(geometry, draft.intervals[a], draft.intervals[b]);
  for (const bound of [...intervals.lows, ...intervals.highs]) {
    if (Math.abs(bound) > accumulatorMost) throw new ZkonnxError('ZK3002', { node: node.name, op: node.op, bound });
  }
  const fields = { kind: 'dotproduct', layer: node.name, op: node.op, a, b, ...geometry } as const;
  const sums = { lows: Int32Array.from(intervals.lows), highs: Int32Array.from(intervals.highs) };
  if (yValue.quantization === null) {
    draft.ops.push({ ...fields, y: addOutput(draft, node, sums) });
    return;
  }
  const { name, dims } = yValue;
  const y = addTensor(draft, { name: `${name}:accumulator`, dims, dtype: 'accumulator', quantization: null }, sums);
  draft.ops.push({ ...fields, y });
  const [qa, qb, qy] = [quantizationOf(aValue), quantizationOf(bValue), yValue.quantization];
  const scale = fl(fl(fl(fl(node.alpha) * qa.scale) * qb.scale) / qy.scale);
  requantizeToOutput(draft, node, y, 1, [{ kind: 'scale', scale, zeroPoint: qy.zeroPoint, ...clampsOf(yValue, node.activation) }]);
}

type Geometry = Pick<ProgramOp & { kind: 'dotproduct' }, 'batch' | 'rows' | 'inner' | 'columns' | 'aZero' | 'bZero' | 'bias'>;

/** Least and greatest sum of each output: every product lies between the products of its sides' ends. */
function intervalsOf({ batch, rows, inner, columns, aZero, bZero, bias }: Geometry, a: Intervals, b: Intervals) {
  const lows = Float64Array.from({ length: batch * rows * columns }, (_, o) => bias[o % bias.length]);
  const highs = lows.slice();
  for (let r = 0; r < batch * rows; r++) {
    const matrix = Math.floor(r / rows) * inner * columns;
    for (let k = 0; k < inner; k++) {
      const aLow = a.lows[r * inner + k] - aZero;
      const aHigh = a.highs[r * inner + k] - aZero;
      for (let c = 0; c < columns; c++) {
        const bLow = b.lows[matrix + k * columns + c] - bZero;
        const bHigh = b.highs[matrix + k * columns + c] - bZero;
        const [p, q, s, t] = [aLow * bLow, aLow * bHigh, aHigh * bLow, aHigh * bHigh];
        lows[r * columns + c] += Math.min(p, q, s, t);
        highs[r * columns + c] += Math.max(p, q, s, t);
      }
    }
  }
  return { lows, highs };
}
