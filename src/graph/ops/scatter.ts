/** ScatterElements (Scatter before opset 11) and ScatterND: a tensor with other elements, or slices, at constant positions. */
import { elementCount } from '../../tensor/tensor.ts';
import { type Call, constantInts, dimsOf, intAttribute, newestOpset, normalizeAxis, type Op, stringAttribute } from '../call.ts';
import { wholeAxis } from '../gather.ts';
import { coordinatesOf, indexWithin, stridesOf } from '../positions.ts';
import { refuse } from '../report.ts';
import { pickOfTwo } from '../two-sources.ts';

const again = 'export the model again; onnx.checker says what is wrong';

function checkReplaces(call: Call): void {
  const reduction = stringAttribute(call, 'reduction', 'none');
  if (reduction !== 'none') refuse(`reduction "${reduction}"`, 'scatter without a reduction');
}

/** Each element of input 0 in its place, before `place` puts one of input 2 there: by its position in that. */
function scattered(call: Call, dims: readonly number[], place: (put: (at: number, update: number) => void) => void) {
  const count = elementCount(dims);
  const index = Int32Array.from(wholeAxis(count));
  place((at, update) => {
    index[at] = count + update;
  });
  return pickOfTwo(call, dims, 2, index);
}

const elements: Omit<Op, 'op' | 'opsets' | 'attributes'> = {
  domain: '',
  limits: 'constant indices, one scale; no reduction',
  inputs: [3, 3],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    checkReplaces(call);
    const axis = normalizeAxis(intAttribute(call, 'axis', 0), dims.length);
    const of = dimsOf(call, 1);
    if (`${of}` !== `${dimsOf(call, 2)}` || of.length !== dims.length || of.some((d, i) => i !== axis && d > dims[i]!))
      refuse(`indices of shape [${of.join(', ')}] for updates of [${dimsOf(call, 2).join(', ')}] into [${dims.join(', ')}]`, again);
    const strides = stridesOf(dims);
    const indices = constantInts(call, 1);
    return scattered(call, dims, (put) => {
      for (const [i, given] of indices.entries()) {
        const at = coordinatesOf(i, of);
        at[axis] = indexWithin(given, dims[axis]!);
        put(
          at.reduce((sum, coordinate, k) => sum + coordinate * strides[k]!, 0),
          i,
        );
      }
    });
  },
};

export const scatterElements: Op = { ...elements, op: 'ScatterElements', opsets: [11, newestOpset], attributes: ['axis', 'reduction'] };
export const scatter: Op = { ...elements, op: 'Scatter', opsets: [9, 10], attributes: ['axis'] };

export const scatterNd: Op = {
  op: 'ScatterND',
  domain: '',
  limits: 'constant indices, one scale; no reduction',
  opsets: [11, newestOpset],
  attributes: ['reduction'],
  inputs: [3, 3],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    checkReplaces(call);
    const of = dimsOf(call, 1);
    const depth = of.at(-1) ?? 0;
    const wanted = [...of.slice(0, -1), ...dims.slice(depth)];
    if (depth < 1 || depth > dims.length || `${dimsOf(call, 2)}` !== `${wanted}`)
      refuse(`indices of shape [${of.join(', ')}] and updates of [${dimsOf(call, 2).join(', ')}] into [${dims.join(', ')}]`, again);
    const strides = stridesOf(dims);
    const block = elementCount(dims.slice(depth));
    const indices = constantInts(call, 1);
    return scattered(call, dims, (put) => {
      for (let k = 0; k < indices.length / depth; k++) {
        let start = 0;
        for (let j = 0; j < depth; j++) start += indexWithin(indices[k * depth + j]!, dims[j]!) * strides[j]!;
        for (let i = 0; i < block; i++) put(start + i, k * block + i);
      }
    });
  },
};
