/** TopK along one axis: values and indices (int64), sorted, ties to the lower index. On integers, or on a view of them: dequantizing keeps their order. */
import {
  type Call,
  constantInts,
  dimsOf,
  flagAttribute,
  input,
  intAttribute,
  layer,
  newestOpset,
  normalizeAxis,
  type Op,
  outputName,
} from '../call.ts';
import { addValue, draftValue } from '../draft.ts';
import type { Meaning } from '../meaning.ts';
import { activationOperand } from '../operand.ts';
import { refuse } from '../report.ts';

function kOf(call: Call): number {
  if (call.opset < 10) return intAttribute(call, 'k', null) ?? refuse('it has no attribute "k"', 'export the model again');
  const [k, ...more] = constantInts(call, 1);
  return k !== undefined && more.length === 0 ? k : refuse('its K is not one number', 'export the model again');
}

function shapeOf(call: Call): { readonly axis: number; readonly k: number; readonly dims: readonly number[] } {
  const from = dimsOf(call, 0);
  const axis = normalizeAxis(intAttribute(call, 'axis', -1), from.length);
  const k = kOf(call);
  if (k < 1 || k > from[axis]!) refuse(`its K is ${k}, of ${from[axis]} elements`, 'export the model again');
  return { axis, k, dims: from.toSpliced(axis, 1, k) };
}

function outputOf(call: Call, output: 'values' | 'indices'): Meaning {
  const meaning = input(call, 0);
  const isFloat = meaning.kind !== 'integer';
  const x = isFloat ? activationOperand(call, 0).value : meaning.value;
  const { axis, k, dims } = shapeOf(call);
  if (!flagAttribute(call, 'sorted', true)) refuse('sorted = 0: ONNX leaves the order open', 'export with sorted = 1');
  const least = !flagAttribute(call, 'largest', true);
  const { dtype, quantization } = draftValue(call.draft, x);
  const name = outputName(call, output === 'values' ? 0 : 1);
  const y =
    output === 'values'
      ? addValue(call.draft, { name, dtype, dims, quantization, provisional: isFloat })
      : addValue(call.draft, { name, dtype: 'int64', dims, quantization: null });
  call.draft.nodes.push({ kind: 'topk', ...layer(call), x, axis, k, least, output, y });
  if (output === 'values' && isFloat) return { kind: 'view', dims, value: y, inFloats: true };
  return { kind: 'integer', dims, value: y };
}

export const topK: Op = {
  op: 'TopK',
  domain: '',
  limits: 'K constant; sorted',
  facts: {
    forms: ['QDQ', 'integer'],
    constraints: '(n/t)·(t·(k + 2) + (t − 1 + k)·⌈log2(k·w)⌉ + k); values and indices together',
  },
  opsets: [1, newestOpset],
  attributes: ['axis', 'k', 'largest', 'sorted'],
  inputs: [1, 2],
  shape: (call) => shapeOf(call).dims,
  translate: (call) => outputOf(call, 'values'),
  translateRest: (call) => (call.node.outputs.length > 1 && call.node.outputs[1] !== '' ? [outputOf(call, 'indices')] : []),
};
