/** Mul with broadcasting: ONNX Runtime fuses two quantized tensors as com.microsoft QLinearMul. By a float constant it computes in floats. */
import type { Op } from '../call.ts';
import { fusedBinary } from './add.ts';

export const mul: Op = {
  ...fusedBinary('Mul', 'multiply', (a, b) => a * b),
  facts: { constraints: 'n·(1 + S + 5·e); by a float constant n·F' },
};
