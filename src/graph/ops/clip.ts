/** Clip: bounds as attributes (opset < 11) or as constant scalar inputs. */
import { type Call, dimsOf, floatAttribute, hasInput, input, newestOpset, type Op } from '../call.ts';
import { activate } from '../elementwise.ts';
import { integerType } from '../integer.ts';
import { constantTensor } from '../quantization.ts';
import { refuse } from '../report.ts';

function bound(call: Call, name: 'min' | 'max', i: number): number | null {
  let value: number | null;
  if (call.opset < 11) value = floatAttribute(call, name, null);
  else if (call.node.attributes.has(name))
    return refuse(`"${name}" is an attribute, in opset ${call.opset} it is an input`, 'export the model again');
  else if (!hasInput(call, i)) value = null;
  else {
    const tensor = constantTensor(call, i, `bound "${name}"`);
    const type = input(call, 0).kind === 'integer' && !call.draft.integerNetwork ? integerType(call, [0]) : 'float32';
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
  translate: (call, dims) => activate(call, dims, { min: bound(call, 'min', 1), max: bound(call, 'max', 2) }),
};
