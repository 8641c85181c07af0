/**
 * Where(condition, x, y), with broadcasting, and com.microsoft QLinearWhere. Each side is quantized as the result is: QuantizeLinear acts on each element alone, so it may come before the
 * choice. A float constant is quantized when the model is compiled; a constant condition costs nothing.
 */
import { elementCount } from '../../tensor/tensor.ts';
import { broadcastDims } from '../broadcast.ts';
import { type Call, dimsOf, input, inputName, layer, newestOpset, type Op, outputName } from '../call.ts';
import { constantValue } from '../constants.ts';
import { addValue, draftValue } from '../draft.ts';
import type { ValueId } from '../graph.ts';
import type { Parameters } from '../meaning.ts';
import { floatOperand, integerOperand, pendingResult, quantizedResult } from '../operand.ts';
import { parametersAt, quantizeElement, rangeOf } from '../quantization.ts';
import { refuse } from '../report.ts';
import { truthOperand } from '../truth.ts';

function whereDims(call: Call, sides: readonly number[]): readonly number[] {
  return [0, ...sides].reduce<readonly number[]>((dims, i) => broadcastDims(dims, dimsOf(call, i)), []);
}

/** Side i once the result y and its parameters are known. */
function sideOf(call: Call, i: number): (y: ValueId, p: Parameters) => ValueId {
  const meaning = input(call, i);
  const name = inputName(call, i);
  if (meaning.kind !== 'constant') {
    const operand = floatOperand(call, i);
    return () => (operand.kind === 'view' ? operand.value : constantValue(call.draft, operand, name));
  }
  const { tensor, dims } = meaning;
  if (tensor.dtype !== 'float32') return refuse(`its input "${name}" is a constant of ${tensor.dtype}`, 'quantize a float32 model');
  const values = tensor.data as Float32Array;
  if (values.some(Number.isNaN)) refuse(`its constant "${name}" holds NaN`, 'export the model again');
  return (y, { scale, zeroPoint, dtype }) =>
    addValue(call.draft, {
      name: `${draftValue(call.draft, y).name}:${i}:${name}`,
      dtype,
      dims: elementCount(dims) === 1 ? [1] : dims,
      quantization: { scale, zeroPoint },
      constant: Int32Array.from(values, (v) => quantizeElement(v, { scale, zeroPoint }, rangeOf(dtype))),
    });
}

export const where: Op = {
  op: 'Where',
  domain: '',
  facts: { constraints: 'n + r·S + c·(b + 1); the last term is of the comparisons before it; r·S alone for a constant condition' },
  opsets: [9, newestOpset],
  attributes: [],
  inputs: [3, 3],
  shape: (call) => whereDims(call, [1, 2]),
  translate: (call, dims) => {
    const condition = truthOperand(call, 0);
    const [a, b] = [sideOf(call, 1), sideOf(call, 2)];
    return pendingResult(call, dims, { dtype: null, elementwise: true, takesActivation: false }, (y, _, { parameters }) => ({
      kind: 'where',
      ...layer(call),
      xs: [condition, a(y, parameters), b(y, parameters)],
      y,
    }));
  },
};

/** condition, X, x_scale, x_zero_point, Y, y_scale, y_zero_point, z_scale, z_zero_point. */
export const qlinearWhere: Op = {
  op: 'QLinearWhere',
  domain: 'com.microsoft',
  facts: { constraints: 'r·S; n more for a condition that is computed' },
  opsets: [1, 1],
  attributes: [],
  inputs: [9, 9],
  shape: (call) => whereDims(call, [1, 4]),
  translate: (call, dims) => {
    const condition = truthOperand(call, 0);
    const [a, b] = [integerOperand(call, 1), integerOperand(call, 4)];
    const { scale, zeroPoint, dtype } = parametersAt(call, 7, draftValue(call.draft, a).dtype === 'int8' ? 'int8' : 'uint8');
    const y = addValue(call.draft, { name: outputName(call), dtype, dims, quantization: { scale, zeroPoint } });
    return quantizedResult(call, dims, y, { kind: 'where', ...layer(call), xs: [condition, a, b], y });
  },
};
