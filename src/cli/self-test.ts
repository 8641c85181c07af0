/** The smallest program there is to prove: y is x turned round. For `zkonnx doctor`. */
import type { Program, ProgramTensor } from '../program/program.ts';

const pair = {
  dims: [1, 2],
  count: 2,
  dtype: 'uint8',
  scale: 1,
  zeroPoint: 0,
  low: 0,
  high: 255,
} as const satisfies Partial<ProgramTensor>;

export const selfTestProgram: Program = {
  profile: 'ort-fused',
  modelName: 'self-test',
  tensors: [
    { ...pair, id: 0, name: 'x' },
    { ...pair, id: 1, name: 'y' },
  ],
  ops: [{ kind: 'gather', layer: 'turn', op: 'Gather', y: 1, sources: [0], from: null, index: Int32Array.of(1, 0) }],
  inputs: [{ name: 'x', tensor: 0, modelDType: 'uint8', dims: [1, 2] }],
  outputs: [{ name: 'y', tensor: 1, modelDType: 'uint8', dims: [1, 2] }],
};
