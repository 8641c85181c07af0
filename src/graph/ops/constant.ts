/** Constant: a tensor, or numbers, in the node itself. */

import type { Tensor } from '../../tensor/tensor.ts';
import { type Call, floatAttribute, intAttribute, intsAttribute, newestOpset, type Op } from '../call.ts';
import { constantOf } from '../constants.ts';
import { refuse } from '../report.ts';

function constantIn(call: Call): Tensor {
  const { attributes } = call.node;
  const given = [...attributes.keys()];
  if (given.length !== 1) return refuse(`it has ${given.length} values`, 'export the model again');
  const value = attributes.get('value');
  if (value !== undefined) {
    return value.kind === 'tensor' ? value.value : refuse(`its value is ${value.value}`, 'only plain tensors are supported');
  }
  const int = intAttribute(call, 'value_int', null);
  if (int !== null) return { dtype: 'int64', dims: [], data: BigInt64Array.of(BigInt(int)) };
  const ints = intsAttribute(call, 'value_ints', null);
  if (ints !== null) return { dtype: 'int64', dims: [ints.length], data: BigInt64Array.from(ints, BigInt) };
  const float = floatAttribute(call, 'value_float', null);
  if (float !== null) return { dtype: 'float32', dims: [], data: Float32Array.of(float) };
  const floats = attributes.get('value_floats');
  if (floats?.kind === 'floats') return { dtype: 'float32', dims: [floats.value.length], data: Float32Array.from(floats.value) };
  return refuse(`its value is a ${given[0]}`, 'only numbers are supported');
}

export const constant: Op = {
  op: 'Constant',
  domain: '',
  opsets: [1, newestOpset],
  attributes: ['value', 'value_int', 'value_ints', 'value_float', 'value_floats', 'value_string', 'value_strings', 'sparse_value'],
  inputs: [0, 0],
  shape: (call) => constantIn(call).dims,
  translate: (call) => constantOf(constantIn(call)),
};
