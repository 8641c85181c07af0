/** Operators that zkonnx cannot prove yet: why, and what users can do instead. */
export interface Advice {
  readonly why: string;
  readonly whatToDo: string;
}

const dynamic: Advice = {
  why: 'its scales depend on the data of each run (dynamic quantization)',
  whatToDo: 'export with onnxruntime.quantization.quantize_static instead of quantize_dynamic (docs/quantize.md)',
};

const recurrent: Advice = {
  why: 'recurrent operators are not supported',
  whatToDo: 'unroll it into MatMul, Add and tables before quantizing, or use convolutions over time',
};

const controlFlow: Advice = {
  why: 'what it computes depends on the data, or repeats: control flow is not supported',
  whatToDo: 'export a graph without branches and loops (fixed shapes, torch.onnx.export by tracing), and fold constants',
};

const trees: Advice = {
  why: 'tree ensembles and classical models are not supported yet',
  whatToDo: 'prove a quantized neural network instead',
};

const normalization: Advice = {
  why: 'it normalizes by statistics of the data, in floats',
  whatToDo: 'train with BatchNormalization, which folds into the convolutions, instead',
};

const attention: Advice = {
  why: 'attention operators are not supported',
  whatToDo: 'export without fusing (the ops that attention is made of, quantized), or cut the model before it',
};

const fused: Advice = {
  why: 'it is an operator that ONNX Runtime itself makes when it optimizes a graph',
  whatToDo: 'quantize and export the model as it was, not a file saved with optimized_model_filepath',
};

const narrow: Advice = {
  why: 'it holds weights of fewer than 8 bits, or in blocks',
  whatToDo: 'quantize to 8 bits with onnxruntime.quantization.quantize_static (docs/quantize.md)',
};

const readout: Advice = {
  why: 'not supported yet',
  whatToDo: 'prove the quantized logits before it (--outputs TENSOR): whoever reads the proven logits can apply it outside the proof',
};

/** For a BatchNormalization behind a computation. */
export const batchNormAdvice: Advice = {
  why: 'it follows a computation that is not quantized in between',
  whatToDo:
    'fold it into the convolution before quantizing (onnxruntime.quantization.preprocess, or model.eval() when exporting from PyTorch)',
};

/** An accumulator that can reach `bound`, beyond int32. */
export function overflowAdvice(bound: number): Advice {
  return {
    why: `its accumulator can reach ${bound}, int32 ends at 2147483647`,
    whatToDo: 'ONNX Runtime would overflow here; use fewer inputs per output or smaller weights',
  };
}

/** For a call of a function that the model defines itself. */
const functionAdvice: Advice = {
  why: 'it is a function that the model defines itself',
  whatToDo: 'put its nodes in its place: onnx.inliner.inline_local_functions(model)',
};

const table: Readonly<Record<string, Advice>> = {
  DynamicQuantizeLinear: dynamic,
  DynamicQuantizeMatMul: dynamic,
  DynamicQuantizeLSTM: dynamic,
  LogSoftmax: readout,
  GRU: recurrent,
  LSTM: recurrent,
  RNN: recurrent,
  If: controlFlow,
  Loop: controlFlow,
  Scan: controlFlow,
  LayerNormalization: normalization,
  InstanceNormalization: normalization,
  GroupNormalization: normalization,
  LpNormalization: normalization,
  SkipLayerNormalization: normalization,
  Attention: attention,
  MultiHeadAttention: attention,
  QAttention: attention,
  FusedConv: fused,
  FusedMatMul: fused,
  FusedGemm: fused,
  FusedActivation: fused,
  NhwcMaxPool: fused,
  MatMulNBits: narrow,
  MatMulBnb4: narrow,
  QMoE: narrow,
};

const unknown: Advice = {
  why: 'this operator is not supported yet',
  whatToDo: 'replace it by operators of docs/operators.md, or cut the model before it',
};

/** Domains whose operators we know. */
const knownDomains: readonly string[] = ['', 'com.microsoft'];

export interface UnknownOperator {
  readonly op: string;
  readonly domain: string;
  /** The model defines it. */
  readonly isFunction: boolean;
  /** Domains that have a supported operator of that name. */
  readonly elsewhere: readonly string[];
}

/** For a node whose operator is none of ours. */
export function adviceFor({ op, domain, isFunction, elsewhere }: UnknownOperator): Advice {
  if (isFunction) return functionAdvice;
  if (domain.startsWith('ai.onnx.ml')) return trees;
  if (Object.hasOwn(table, op)) return table[op]!;
  if (elsewhere.length > 0) {
    return {
      why: `zkonnx knows no ${op} of the domain "${domain}"`,
      whatToDo: `use ${op} of ${elsewhere.map((other) => other || 'ai.onnx').join(' or ')}, if that is what it means`,
    };
  }
  if (knownDomains.includes(domain)) return unknown;
  return {
    why: `operators of the domain "${domain}" are not supported`,
    whatToDo: 'export with standard ONNX operators; onnx.checker and docs/operators.md list them',
  };
}

/** For nodes of a model that is not quantized at all. */
export const floatModelAdvice: Advice = {
  why: 'it computes on floats: the model is not quantized',
  whatToDo: 'quantize first with onnxruntime.quantization.quantize_static (docs/quantize.md)',
};

/** All of them, by operator. */
export function adviceEntries(): readonly (readonly [op: string, advice: Advice])[] {
  return Object.entries(table);
}
