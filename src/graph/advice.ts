/** Operators that zkonnx cannot prove yet: why, and what users can do instead. */
export interface Advice {
  readonly why: string;
  readonly whatToDo: string;
}

const dynamic: Advice = {
  why: 'its scales depend on the data of each run (dynamic quantization)',
  whatToDo: 'export with onnxruntime.quantization.quantize_static instead of quantize_dynamic',
};

const readout: Advice = {
  why: 'not supported yet',
  whatToDo: 'end the model before it, at the quantized logits: whoever reads the proven logits can apply it outside the proof',
};

const average: Advice = {
  why: 'ONNX Runtime adds floats there, in an order of its own',
  whatToDo: 'average planes with GlobalAveragePool, which it computes on integers',
};

/** For a BatchNormalization behind a computation. */
export const batchNormAdvice: Advice = {
  why: 'it follows a computation that is not quantized in between',
  whatToDo:
    'fold it into the convolution before quantizing (onnxruntime.quantization.preprocess, or model.eval() when exporting from PyTorch)',
};

const replaceable: Advice = {
  why: 'not supported yet',
  whatToDo: 'train with Relu, Clip (Relu6), LeakyRelu, HardSwish, Sigmoid or Tanh instead',
};

const table: Readonly<Record<string, Advice>> = {
  DynamicQuantizeLinear: dynamic,
  MatMulInteger: dynamic,
  ConvInteger: dynamic,
  MatMulIntegerToFloat: dynamic,
  DynamicQuantizeMatMul: dynamic,
  DynamicQuantizeLSTM: dynamic,
  RequantShift: {
    why: 'requantization by multiply and shift (QuantLib/DORY) is not supported yet',
    whatToDo: 'quantize the float model with onnxruntime.quantization.quantize_static instead',
  },
  Softmax: readout,
  LogSoftmax: readout,
  QLinearSoftmax: readout,
  ReduceMean: average,
  ReduceSum: average,
  Elu: replaceable,
  Gelu: replaceable,
  Erf: replaceable,
};

const unknown: Advice = {
  why: 'this operator is not supported yet',
  whatToDo: 'replace it by operators of docs/operators.md, or cut the model before it',
};

export function adviceFor(op: string): Advice {
  return Object.hasOwn(table, op) ? table[op]! : unknown;
}

/** For nodes of a model that is not quantized at all. */
export const floatModelAdvice: Advice = {
  why: 'it computes on floats: the model is not quantized',
  whatToDo: 'quantize first with onnxruntime.quantization.quantize_static (QDQ or QOperator format)',
};

/** All of them, by operator. */
export function adviceEntries(): readonly (readonly [op: string, advice: Advice])[] {
  return Object.entries(table);
}
