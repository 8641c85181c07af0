/** Small programs and layouts for tests of signals, receipts and verdicts: boundaries only, no network behind them. */
import type { QDType } from '../../src/graph/graph.ts';
import type { Program, ProgramBoundary, ProgramTensor } from '../../src/program/program.ts';

export interface BoundaryTensor {
  readonly name: string;
  readonly dtype: QDType;
  readonly dims: readonly number[];
  readonly scale?: number | null;
  readonly zeroPoint?: number | null;
}

/** A program with these inputs and outputs and no ops: enough for `makeLayout`. */
export function boundaryProgram(inputs: readonly BoundaryTensor[], outputs: readonly BoundaryTensor[]): Program {
  const tensors: ProgramTensor[] = [];
  const add = ({ name, dtype, dims, scale = null, zeroPoint = null }: BoundaryTensor): ProgramBoundary => {
    const id = tensors.length;
    const count = dims.reduce((a, b) => a * b, 1);
    tensors.push({ id, name, dims, count, dtype, scale, zeroPoint, low: 0, high: 127 });
    return { name, tensor: id, modelDType: scale === null ? dtype : 'float32', dims };
  };
  return {
    profile: 'ort-fused',
    modelName: 'boundary',
    tensors,
    ops: [],
    inputs: inputs.map(add),
    outputs: outputs.map(add),
  };
}

/** uint8 image of 2×2 and int8 logits of 2, as docs/signals.md's example has them. */
export const exampleProgram = boundaryProgram(
  [{ name: 'image', dtype: 'uint8', dims: [1, 1, 2, 2], scale: 1e-7, zeroPoint: 0 }],
  [{ name: 'logits', dtype: 'int8', dims: [1, 2], scale: Math.fround(0.05), zeroPoint: -3 }],
);
