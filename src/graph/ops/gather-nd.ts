/** GatherND: slices at constant coordinates. */
import { elementCount } from '../../tensor/tensor.ts';
import { type Call, constantInts, dimsOf, intAttribute, newestOpset, type Op } from '../call.ts';
import { applyGather } from '../gather.ts';
import { indexWithin, stridesOf } from '../positions.ts';
import { refuse } from '../report.ts';

interface Geometry {
  readonly batch: number;
  /** Coordinates that an index has. */
  readonly depth: number;
}

function geometry(call: Call): Geometry {
  const [from, of] = [dimsOf(call, 0), dimsOf(call, 1)];
  const batch = intAttribute(call, 'batch_dims', 0);
  const depth = of.at(-1) ?? 0;
  if (batch < 0 || batch >= of.length || depth < 1 || batch + depth > from.length || from.slice(0, batch).some((d, i) => d !== of[i]))
    refuse(`indices of shape [${of.join(', ')}] into [${from.join(', ')}]`, 'export the model again; onnx.checker says what is wrong');
  return { batch, depth };
}

export const gatherNd: Op = {
  op: 'GatherND',
  domain: '',
  limits: 'constant indices',
  opsets: [11, newestOpset],
  attributes: ['batch_dims'],
  inputs: [2, 2],
  shape: (call) => {
    const { batch, depth } = geometry(call);
    return [...dimsOf(call, 1).slice(0, -1), ...dimsOf(call, 0).slice(batch + depth)];
  },
  translate: (call, dims) => {
    const [from, of] = [dimsOf(call, 0), dimsOf(call, 1)];
    const { batch, depth } = geometry(call);
    const strides = stridesOf(from);
    const indices = constantInts(call, 1);
    const block = elementCount(from.slice(batch + depth));
    const perBatch = elementCount(of.slice(batch, -1));
    const index = new Int32Array(elementCount(dims));
    for (let k = 0; k < indices.length / depth; k++) {
      let start = Math.floor(k / perBatch) * elementCount(from.slice(batch));
      for (let j = 0; j < depth; j++) start += indexWithin(indices[k * depth + j]!, from[batch + j]!) * strides[batch + j]!;
      for (let i = 0; i < block; i++) index[k * block + i] = start + i;
    }
    return applyGather(call, { dims, index });
  },
};
