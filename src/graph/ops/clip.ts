/** Clip: bounds as attributes (opset < 11) or as constant scalar inputs. */
import type { DType, Tensor } from '../../tensor/tensor.ts';
import { type Call, dimsOf, floatAttribute, hasInput, input, newestOpset, type Op } from '../call.ts';
import { constantOf } from '../constants.ts';
import { activate } from '../elementwise.ts';
import type { Activation } from '../graph.ts';
import { integerType } from '../integer.ts';
import { constantTensor } from '../quantization.ts';
import { refuse } from '../report.ts';

/** The type of the tensor, and so of its bounds. */
function typeOf(call: Call): DType {
  const x = input(call, 0);
  if (x.kind === 'constant') return x.tensor.dtype;
  return x.kind === 'integer' && !call.draft.integerNetwork ? (integerType(call, [0]) as DType) : 'float32';
}

/** A constant, such as weights of less than 8 bits. */
function clamped({ dtype, dims, data }: Tensor, { min, max }: Activation): Tensor {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return refuse(`it clips constants of ${dtype}`, 'fold constants first');
  return { dtype, dims, data: data.map((v) => Math.min(Math.max(v, min ?? v), max ?? Number.POSITIVE_INFINITY)) };
}

function bound(call: Call, name: 'min' | 'max', i: number): number | null {
  let value: number | null;
  if (call.opset < 11) value = floatAttribute(call, name, null);
  else if (call.node.attributes.has(name))
    return refuse(`"${name}" is an attribute, in opset ${call.opset} it is an input`, 'export the model again');
  else if (!hasInput(call, i)) value = null;
  else {
    const tensor = constantTensor(call, i, `bound "${name}"`);
    const type = typeOf(call);
    if (tensor.dtype !== type || tensor.data.length !== 1) refuse(`its bound "${name}" is no ${type} scalar`, 'export the model again');
    value = Number(tensor.data[0]);
  }
  if (value !== null && Number.isNaN(value)) refuse(`its bound "${name}" is NaN`, 'export the model again');
  return value !== null && Number.isFinite(value) ? value : null;
}

export const clip: Op = {
  op: 'Clip',
  facts: { forms: ['QDQ', 'integer'] },
  domain: '',
  opsets: [6, newestOpset],
  attributes: ['min', 'max'],
  inputs: [1, 3],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    const x = input(call, 0);
    const bounds = { min: bound(call, 'min', 1), max: bound(call, 'max', 2) };
    return x.kind === 'constant' ? constantOf(clamped(x.tensor, bounds)) : activate(call, dims, bounds);
  },
};
