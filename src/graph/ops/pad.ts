/** Pad: constant, reflect, edge, wrap; pads as an attribute (opset < 11) or a constant input; negative ones crop. */
import {
  type Call,
  constantInts,
  dimsOf,
  floatAttribute,
  hasInput,
  input,
  inputName,
  intsAttribute,
  newestOpset,
  normalizeAxis,
  type Op,
  stringAttribute,
} from '../call.ts';
import { applyGather, axisMap, axisOrder } from '../gather.ts';
import type { Fill } from '../graph.ts';
import { integersOfConstant } from '../integer.ts';
import { constantTensor } from '../quantization.ts';
import { refuse } from '../report.ts';

const again = 'export the model again; onnx.checker says what is wrong';

/** Source coordinate of output coordinate `at` less the leading pad; -1 is the fill. */
function sourceOf(mode: string, at: number, size: number): number {
  if (at >= 0 && at < size) return at;
  switch (mode) {
    case 'constant':
      return -1;
    case 'edge':
      return at < 0 ? 0 : size - 1;
    case 'wrap':
      return ((at % size) + size) % size;
    case 'reflect': {
      const mirrored = at < 0 ? -at : 2 * (size - 1) - at;
      return mirrored >= 0 && mirrored < size ? mirrored : refuse(`it reflects ${size} elements further than they reach`, 'pad less');
    }
    default:
      return refuse(`mode "${mode}"`, again);
  }
}

/** Source coordinate of each output coordinate, axis by axis. */
function maps(call: Call): readonly ArrayLike<number>[] {
  const dims = dimsOf(call, 0);
  const pads = call.opset < 11 ? intsAttribute(call, 'pads', null) : constantInts(call, 1);
  const axes = (hasInput(call, 3) ? constantInts(call, 3) : dims.map((_, i) => i)).map((axis) => normalizeAxis(axis, dims.length));
  if (pads === null || pads.length !== 2 * axes.length || new Set(axes).size !== axes.length)
    return refuse(`${pads?.length ?? 0} pads for ${axes.length} axes`, again);
  const mode = stringAttribute(call, 'mode', 'constant');
  return dims.map((size, axis) => {
    const i = axes.indexOf(axis);
    const [before, after] = i < 0 ? [0, 0] : [pads[i]!, pads[i + axes.length]!];
    if (Math.abs(before) > 2 ** 26 || Math.abs(after) > 2 ** 26) refuse(`pads of ${before} and ${after}`, again);
    if (mode !== 'constant' && (before < 0 || after < 0)) refuse(`negative pads in mode "${mode}"`, 'slice instead');
    return axisMap(Math.max(0, size + before + after), (j) => sourceOf(mode, j - before, size));
  });
}

function fillOf(call: Call): Fill {
  const integers = input(call, 0).kind === 'integer';
  if (call.opset < 11) {
    const value = floatAttribute(call, 'value', 0);
    return integers ? refuse('it pads integers before opset 11', again) : { kind: 'real', value };
  }
  if (!hasInput(call, 2)) return { kind: integers ? 'integer' : 'real', value: 0 };
  const meaning = input(call, 2);
  if (meaning.kind === 'constantView' && meaning.data.length === 1 && !integers) {
    return { kind: 'real', value: Math.fround((meaning.data[0]! - meaning.zeroPoints[0]!) * meaning.scales[0]!) };
  }
  const tensor = constantTensor(call, 2, 'fill value');
  const wanted = integers && !call.draft.integerNetwork ? ['uint8', 'int8'] : ['float32'];
  if (tensor.data.length !== 1 || !wanted.includes(tensor.dtype)) return refuse(`its fill value is ${tensor.dtype}`, again);
  const value = integers ? integersOfConstant(tensor, inputName(call, 2))[0]! : Number(tensor.data[0]);
  return Number.isFinite(value) ? { kind: integers ? 'integer' : 'real', value } : refuse(`it pads with ${value}`, 'pad with 0');
}

export const pad: Op = {
  op: 'Pad',
  limits: 'constant pads; the fill one of the quantized values (0 is)',
  domain: '',
  opsets: [2, newestOpset],
  attributes: ['mode', 'pads', 'value'],
  inputs: [1, 4],
  shape: (call) => maps(call).map((map) => map.length),
  translate: (call, dims) => {
    const index = axisOrder(dimsOf(call, 0), maps(call));
    return applyGather(call, { dims, index, fill: index.includes(-1) ? fillOf(call) : null });
  },
};
