/**
 * What each input of an ONNX operator is for: data that a proof computes on, parameters that a model holds as constants (shapes, axes, scales), or
 * weights, which quantized models hold as quantized constants.
 */
export type Role = 'data' | 'parameter' | 'weights';

/** Positions of inputs that are always constants of a model. */
const parameters: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [1, 2, 3, 4],
  CenterCropPad: [1],
  CastLike: [1],
  Clip: [1, 2],
  Compress: [1],
  ConstantOfShape: [0],
  ConvInteger: [1, 2, 3],
  DequantizeLinear: [1, 2],
  Dropout: [1, 2],
  Expand: [1],
  EyeLike: [0],
  Gather: [1],
  GatherElements: [1],
  GatherND: [1],
  GroupNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  MatMulInteger: [2, 3],
  Pad: [1, 2, 3],
  PRelu: [1],
  QLinearConv: [1, 2, 3, 4, 5, 6, 7, 8],
  QLinearMatMul: [1, 2, 4, 5, 6, 7],
  QuantizeLinear: [1, 2],
  Range: [0, 1, 2],
  ReduceMax: [1],
  ReduceMean: [1],
  ReduceMin: [1],
  ReduceSum: [1],
  Reshape: [1],
  Resize: [1, 2, 3],
  RMSNormalization: [1],
  ReverseSequence: [1],
  Scatter: [1],
  ScatterElements: [1],
  ScatterND: [1],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Squeeze: [1],
  Tile: [1],
  TopK: [1],
  Trilu: [1],
  Unsqueeze: [1],
  Upsample: [1],
  Where: [0],
};

/** Positions of inputs that are weights, where the operator does not take them as data. */
const weights: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [1],
  MatMulInteger: [1],
  QLinearMatMul: [3],
};

/** Operators one side of which may be a float constant. */
const constantOperand = new Set(['Div', 'Pow', 'Sub', 'Mul', 'Add', 'Mod', 'Max', 'Min']);

/** Operators that move elements whole, or keep their order: computed on ranks as on the numbers themselves. */
const movement = new Set(
  `CenterCropPad Compress Concat Constant DepthToSpace Dropout Expand Flatten Gather GatherElements GatherND Identity Pad Reshape Resize ReverseSequence
  Scatter ScatterElements ScatterND Shape Size Slice SpaceToDepth Split Squeeze Tile Transpose Trilu Unsqueeze Upsample Where`.split(/\s+/),
);
const order = new Set('ArgMax ArgMin GlobalMaxPool Max MaxPool Min ReduceMax ReduceMin TopK'.split(' '));

export function isMovement(op: string): boolean {
  return movement.has(op);
}

export function keepsOrder(op: string): boolean {
  return order.has(op);
}

/** Role of input `position`; what may be data or a constant is a constant where `constants` says so. */
export function roleOf(op: string, position: number, constants: boolean): Role {
  if (parameters[op]?.includes(position)) return 'parameter';
  // A convolution's weights are constants in every model.
  if (weights[op]?.includes(position) && (constants || op.startsWith('Conv') || position === 2)) return 'weights';
  return constants && position === 1 && constantOperand.has(op) ? 'parameter' : 'data';
}
