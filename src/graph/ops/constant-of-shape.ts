/** ConstantOfShape: one number in a constant shape, as exporters start paddings and masks with. */
import { elementCount, type Tensor, type TensorData } from '../../tensor/tensor.ts';
import { type Call, constantInts, newestOpset, type Op } from '../call.ts';
import { constantLimit, constantOf } from '../constants.ts';
import { refuse } from '../report.ts';

function fillOf(call: Call): Tensor {
  const given = call.node.attributes.get('value');
  if (given === undefined) return { dtype: 'float32', dims: [1], data: Float32Array.of(0) };
  if (given.kind !== 'tensor' || given.value.data.length !== 1) return refuse('its value is not one number', 'export the model again');
  return given.value;
}

export const constantOfShape: Op = {
  op: 'ConstantOfShape',
  domain: '',
  limits: 'a constant shape',
  opsets: [9, newestOpset],
  attributes: ['value'],
  inputs: [1, 1],
  shape: (call) => constantInts(call, 0),
  translate: (call, dims) => {
    const { dtype, data } = fillOf(call);
    const count = elementCount(dims);
    if (!(count <= constantLimit)) refuse(`it makes ${count} constants`, 'fold constants before quantizing');
    const out = new (data.constructor as new (length: number) => TensorData)(count);
    return constantOf({ dtype, dims, data: out.fill(data[0] as never) as TensorData });
  },
};
