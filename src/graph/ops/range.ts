/** Range: start, limit and delta constants; positions that exporters gather by. */
import { type Call, input, newestOpset, type Op } from '../call.ts';
import { constantLimit, constantOf } from '../constants.ts';
import { constantTensor } from '../quantization.ts';
import { refuse } from '../report.ts';

const again = 'export the model with fixed shapes';

function bounds(call: Call): readonly [start: number, limit: number, delta: number] {
  const read = (i: number) => {
    const { data } = constantTensor(call, i, ['start', 'limit', 'delta'][i]!);
    return data.length === 1 ? Number(data[0]) : refuse(`input ${i} is not one number`, again);
  };
  return [read(0), read(1), read(2)];
}

function countOf(call: Call): number {
  const [start, limit, delta] = bounds(call);
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  return count <= constantLimit ? count : refuse(`it counts from ${start} to ${limit} by ${delta}`, again);
}

export const range: Op = {
  op: 'Range',
  domain: '',
  limits: 'constant integers or float32',
  opsets: [11, newestOpset],
  attributes: [],
  inputs: [3, 3],
  shape: (call) => [countOf(call)],
  translate: (call, dims) => {
    const [start, , delta] = bounds(call);
    const meaning = input(call, 0);
    const dtype = meaning.kind === 'constant' ? meaning.tensor.dtype : 'unknown';
    for (const other of [input(call, 1), input(call, 2)])
      if (other.kind === 'constant' && other.tensor.dtype !== dtype) refuse(`it counts ${dtype} by ${other.tensor.dtype}`, again);
    const at = (i: number) => start + i * delta;
    const length = dims[0]!;
    if (dtype === 'int64') return constantOf({ dtype, dims, data: BigInt64Array.from({ length }, (_, i) => BigInt(at(i))) });
    if (dtype === 'int32') return constantOf({ dtype, dims, data: Int32Array.from({ length }, (_, i) => at(i)) });
    // float32 as ONNX Runtime's kernel counts, by adding up.
    let value = start;
    const next = () => {
      const current = value;
      value = Math.fround(value + delta);
      return current;
    };
    if (dtype === 'float32') return constantOf({ dtype, dims, data: Float32Array.from({ length }, next) });
    return refuse(`it counts in ${dtype}`, again);
  },
};
