/**
 * Accumulators that can leave int32, for the report of a model that is refused anyway: bounds from the weights and from the type of the input alone, in one
 * pass over the weights. Where nothing else stands in the way, program/ proves the bound of every element.
 */
import { overflowAdvice } from './advice.ts';
import type { Draft } from './draft.ts';
import type { GraphNode, QDType, Weights } from './graph.ts';
import { rangeOf } from './quantization.ts';
import type { Unsupported } from './report.ts';

/** ONNX Runtime's accumulators are int32. */
const int32Max = 2 ** 31 - 1;

/** The bound of an output channel that is furthest from 0. Channel of weight i: ⌊i / inner⌋ mod scales or, of matrices, the column of its own. */
function worstBound(
  weights: Weights,
  bias: Int32Array | null,
  channels: number,
  channelAt: (i: number) => number,
  x: readonly number[],
): number {
  const { data, zeroPoints } = weights;
  const lows = Float64Array.from({ length: channels }, (_, c) => bias?.[c] ?? 0);
  const highs = lows.slice();
  const [low, high] = x as [number, number];
  for (let i = 0; i < data.length; i++) {
    const c = channelAt(i);
    const w = data[i]! - zeroPoints[zeroPoints.length === 1 ? 0 : c]!;
    lows[c]! += Math.min(w * low, w * high);
    highs[c]! += Math.max(w * low, w * high);
  }
  let worst = 0;
  for (let c = 0; c < channels; c++) for (const bound of [lows[c]!, highs[c]!]) if (Math.abs(bound) > Math.abs(worst)) worst = bound;
  return worst;
}

function boundOf(draft: Draft, node: GraphNode): number {
  if (node.kind !== 'conv' && node.kind !== 'matmul') return 0;
  const { dtype, quantization } = draft.values[node.x]!;
  if (quantization === null) return 0;
  const range = rangeOf(dtype as Exclude<QDType, 'int32' | 'int64'>).map((end) => end - quantization.zeroPoint);
  const { dims } = node.weights;
  if (node.kind === 'matmul') {
    const columns = dims.at(-1)!;
    const size = columns * dims.at(-2)!;
    const channels = (node.weights.data.length / size) * columns;
    return worstBound(node.weights, node.bias, channels, (i) => Math.floor(i / size) * columns + (i % columns), range);
  }
  const perChannel = node.weights.data.length / dims[0]!;
  return worstBound(node.weights, node.bias, dims[0]!, (i) => Math.floor(i / perChannel), range);
}

export function possibleOverflows(draft: Draft): Unsupported[] {
  return draft.nodes.flatMap((node) => {
    const bound = boundOf(draft, node);
    if (Math.abs(bound) <= int32Max) return [];
    const shape = draft.values[node.y]!.dims;
    return [{ node: node.name, op: node.op, domain: '', opset: draft.model.opsets.get('') ?? 0, shape, ...overflowAdvice(bound) }];
  });
}
