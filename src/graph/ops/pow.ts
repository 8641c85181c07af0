/** Pow with a constant exponent: squares and cubes by products, as ONNX Runtime's kernel, everything else by the C library's `powf`. */
import { pow as powOf } from '../../float32/pow.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { type Call, dimsOf, input, newestOpset, type Op } from '../call.ts';
import { scalarOf } from '../float-binary.ts';
import { refuse } from '../report.ts';
import { elementwiseResult } from '../unary.ts';

const fl = Math.fround;

/** The exponent, float32 or, where the kernel multiplies, an integer. */
function exponentOf(call: Call): number {
  const meaning = input(call, 1);
  const value = scalarOf(meaning);
  if (value !== null) return value;
  const tensor = meaning.kind === 'constant' ? meaning.tensor : null;
  if (tensor !== null && (tensor.dtype === 'int64' || tensor.dtype === 'int32') && tensor.data.length === 1) {
    const integer = Number(tensor.data[0]);
    if (integer === 2 || integer === 3) return integer;
  }
  return refuse('its exponent is computed, has many elements, or is an integer other than 2 and 3', 'use one constant float32 exponent');
}

export const pow: Op = {
  op: 'Pow',
  limits: 'one constant exponent',
  domain: '',
  opsets: [7, newestOpset],
  attributes: [],
  inputs: [2, 2],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    const y = exponentOf(call);
    if (dimsOf(call, 1).length > dims.length) return refuse('its exponent widens its base', 'use a scalar exponent');
    // Of one element the kernel takes both sides for scalars.
    const multiplies = elementCount(dims) > 1 && (y === 2 || y === 3);
    return elementwiseResult(call, dims, 0, multiplies ? (v) => fl(y === 2 ? v * v : fl(v * v) * v) : (v) => powOf(v, y));
  },
};
