/** ArgMax and ArgMin along one axis, int64: on integers, or on a view of them (dequantizing keeps their order). */
import { type Call, dimsOf, flagAttribute, input, intAttribute, layer, newestOpset, normalizeAxis, type Op, outputName } from '../call.ts';
import { addValue } from '../draft.ts';
import { activationOperand } from '../operand.ts';

function axisOf(call: Call): number {
  return normalizeAxis(intAttribute(call, 'axis', 0), dimsOf(call, 0).length);
}

function argOp(op: string, least: boolean): Op {
  return {
    op,
    domain: '',
    facts: { forms: ['QDQ', 'integer'], constraints: 'n·((k − 1)·(⌈log2(k·w)⌉ + 1) + ⌈log2(k)⌉ + ⌈log2(w)⌉ + 1)' },
    opsets: [1, newestOpset],
    attributes: ['axis', 'keepdims', 'select_last_index'],
    inputs: [1, 1],
    shape: (call) => {
      const axis = axisOf(call);
      const dims = dimsOf(call, 0);
      return flagAttribute(call, 'keepdims', true) ? dims.map((d, i) => (i === axis ? 1 : d)) : dims.filter((_, i) => i !== axis);
    },
    translate: (call, dims) => {
      const meaning = input(call, 0);
      const x = meaning.kind === 'integer' ? meaning.value : activationOperand(call, 0).value;
      const y = addValue(call.draft, { name: outputName(call), dtype: 'int64', dims, quantization: null });
      call.draft.nodes.push({
        kind: 'argmax',
        ...layer(call),
        x,
        axis: axisOf(call),
        keepDims: flagAttribute(call, 'keepdims', true),
        selectLastIndex: flagAttribute(call, 'select_last_index', false),
        least,
        y,
      });
      return { kind: 'integer', dims, value: y };
    },
  };
}

export const argMax = argOp('ArgMax', false);
export const argMin = argOp('ArgMin', true);
