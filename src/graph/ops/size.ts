/** Size: the count of elements, known when the model is compiled. */
import { elementCount } from '../../tensor/tensor.ts';
import { dimsOf, newestOpset, type Op } from '../call.ts';
import { constantOf } from '../constants.ts';

export const size: Op = {
  op: 'Size',
  domain: '',
  opsets: [1, newestOpset],
  attributes: [],
  inputs: [1, 1],
  shape: () => [],
  translate: (call) => constantOf({ dtype: 'int64', dims: [], data: BigInt64Array.of(BigInt(elementCount(dimsOf(call, 0)))) }),
};
