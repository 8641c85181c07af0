/** ReverseSequence: of each batch, the first steps (a constant count) in reverse. */
import { constantInts, dimsOf, intAttribute, newestOpset, type Op } from '../call.ts';
import { applyGather } from '../gather.ts';
import { coordinatesOf, stridesOf } from '../positions.ts';
import { refuse } from '../report.ts';

export const reverseSequence: Op = {
  op: 'ReverseSequence',
  domain: '',
  limits: 'constant lengths',
  opsets: [10, newestOpset],
  attributes: ['batch_axis', 'time_axis'],
  inputs: [2, 2],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    const [batch, time] = [intAttribute(call, 'batch_axis', 1), intAttribute(call, 'time_axis', 0)];
    const lengths = constantInts(call, 1);
    if (batch === time || batch > 1 || time > 1 || dims.length < 2 || lengths.length !== dims[batch])
      refuse(`axes ${batch} and ${time}, ${lengths.length} lengths`, 'export the model again; onnx.checker says what is wrong');
    if (lengths.some((length) => length < 0 || length > dims[time]!)) refuse(`lengths ${lengths.join(', ')}`, 'export the model again');
    const strides = stridesOf(dims);
    const count = dims.reduce((a, b) => a * b, 1);
    const index = Int32Array.from({ length: count }, (_, i) => {
      const at = coordinatesOf(i, dims);
      const length = lengths[at[batch]!]!;
      return at[time]! < length ? i + (length - 1 - 2 * at[time]!) * strides[time]! : i;
    });
    return applyGather(call, { dims, index });
  },
};
