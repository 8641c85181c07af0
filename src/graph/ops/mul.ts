/** Mul with broadcasting: ONNX Runtime fuses two quantized tensors as com.microsoft QLinearMul. By a float constant it computes in floats. */
import { fusedBinary } from './add.ts';

export const mul = fusedBinary('Mul', 'multiply', (a, b) => a * b);
