/** Gather of constants along axis 0: what exporters do with the result of Shape. Of activations it is not supported yet. */
import { constantInts, dimsOf, input, intAttribute, newestOpset, type Op } from '../call.ts';
import { constantOf } from '../constants.ts';
import { refuse } from '../report.ts';

export const gather: Op = {
  op: 'Gather',
  domain: '',
  opsets: [1, newestOpset],
  attributes: ['axis'],
  inputs: [2, 2],
  shape: (call) => [...dimsOf(call, 1), ...dimsOf(call, 0).slice(1)],
  translate: (call, dims) => {
    const x = input(call, 0);
    if (x.kind !== 'constant' || x.tensor.dtype !== 'int64' || x.dims.length !== 1 || intAttribute(call, 'axis', 0) !== 0) {
      return refuse('it gathers something else than elements of a constant shape', 'not supported yet; cut the model before it');
    }
    const source = x.tensor.data as BigInt64Array;
    const picked = constantInts(call, 1).map((i) => {
      const at = i < 0 ? i + source.length : i;
      return source[at] ?? refuse(`index ${i} of ${source.length} elements`, 'export the model again');
    });
    return constantOf({ dtype: 'int64', dims, data: BigInt64Array.from(picked) });
  },
};
