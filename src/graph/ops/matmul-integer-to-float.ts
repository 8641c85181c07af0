/**
 * com.microsoft MatMulIntegerToFloat: A, B, a_scale, b_scale, a_zero_point, b_zero_point, bias. The kernel's floats are fl(fl(fl(acc)·fl(sa·sb)) + bias), acc exact;
 * compared with onnxruntime-web and with the native runtime.
 */
import { type Call, dimsOf, hasInput, inputName, type Op, outputName } from '../call.ts';
import type { FloatStep } from '../graph.ts';
import { matmulSums } from '../integer-linear.ts';
import { matmulDims } from '../product.ts';
import { constantTensor, scalesAt } from '../quantization.ts';
import { refuse } from '../report.ts';
import { requireUsable, scaledResult } from '../scaled.ts';

/** Floats per column of the result: one for all, or one for each. */
function checkColumns(call: Call, i: number, count: number, columns: number): void {
  if (count !== 1 && (count !== columns || dimsOf(call, 1).length === 1))
    refuse(`its input "${inputName(call, i)}" has ${count} elements for ${columns} columns`, 'use one, or one for each column');
}

export const matmulIntegerToFloat: Op = {
  op: 'MatMulIntegerToFloat',
  limits: 'as MatMulInteger; constant scales and bias',
  facts: { constraints: 'n·(1 + S); of two computed tensors one more for each product' },
  domain: 'com.microsoft',
  opsets: [1, 1],
  attributes: [],
  inputs: [4, 7],
  shape: (call: Call) => matmulDims(call, 0, 1),
  translate: (call, dims) => {
    const columns = dims[dims.length - 1] ?? 1;
    const [left, right] = [scalesAt(call, 2), scalesAt(call, 3)];
    if (left.length !== 1) refuse(`its left side has ${left.length} scales`, 'quantize activations per tensor');
    checkColumns(call, 3, right.length, columns);
    const steps: FloatStep[] = [{ kind: 'multiply', values: right.map((scale) => Math.fround(left[0]! * scale)) }];
    if (hasInput(call, 6)) {
      const { dtype, data } = constantTensor(call, 6, 'bias');
      if (dtype !== 'float32') return refuse(`its bias is ${dtype}`, 'the bias must be float32');
      checkColumns(call, 6, data.length, columns);
      steps.push({ kind: 'add', values: data as Float32Array });
    }
    for (const step of steps) requireUsable(step);
    const x = matmulSums(call, dims, [4, 5], `${outputName(call)}:sums`);
    const channels = Math.max(...steps.map(({ values }) => values.length));
    return scaledResult(call, dims, { x, steps, channels, inner: 1 });
  },
};
