/** EyeLike: a matrix of one diagonal, in the shape of its input. */
import { elementCount, onnxDTypeNumber, type TensorData } from '../../tensor/tensor.ts';
import { type Call, dimsOf, input, intAttribute, newestOpset, type Op } from '../call.ts';
import { constantOf } from '../constants.ts';
import { refuse } from '../report.ts';

function dtypeOf(call: Call): 'float32' | 'int64' | 'int32' {
  const x = input(call, 0);
  const number = intAttribute(call, 'dtype', onnxDTypeNumber[x.kind === 'constant' ? x.tensor.dtype : 'float32']);
  const found = (['float32', 'int64', 'int32'] as const).find((dtype) => onnxDTypeNumber[dtype] === number);
  return found ?? refuse(`it makes a matrix of data type ${number}`, 'export it as float32, int32 or int64');
}

export const eyeLike: Op = {
  op: 'EyeLike',
  domain: '',
  limits: 'float32, int32, int64',
  opsets: [9, newestOpset],
  attributes: ['dtype', 'k'],
  inputs: [1, 1],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    if (dims.length !== 2) refuse(`its input has shape [${dims.join(', ')}]`, 'export the model again; onnx.checker says what is wrong');
    const dtype = dtypeOf(call);
    const count = elementCount(dims);
    const data: TensorData =
      dtype === 'int64' ? new BigInt64Array(count) : dtype === 'int32' ? new Int32Array(count) : new Float32Array(count);
    const k = intAttribute(call, 'k', 0);
    for (let row = 0; row < dims[0]!; row++) {
      if (row + k >= 0 && row + k < dims[1]!) data[row * dims[1]! + row + k] = (dtype === 'int64' ? 1n : 1) as never;
    }
    return constantOf({ dtype, dims, data });
  },
};
