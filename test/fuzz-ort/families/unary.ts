/** Functions of one tensor: every integer of its type, in every channel. */
import type { Attribute, Quantization } from '../../support/onnx-builder.ts';
import type { Draft, Family, FuzzCase } from '../draft.ts';

type Attributes = Readonly<Record<string, Attribute>>;

/** Dims whose elements the runner fills with every integer in turn. */
function dimsOf({ random, small }: Draft): readonly number[] {
  return small ? [1, 2, 4] : [1, random.int(1, 3), 256];
}

/** Scales that put the function's bend inside the range, most of the time. */
function inputOf(draft: Draft, reach: number): Quantization {
  return draft.scales.quantization(draft.random.dtype(), draft.scales.near(reach / 128, 8));
}

interface Shape {
  /** Where the function bends: inputs reach about that far. */
  readonly reach?: number;
  /** Largest result for inputs of about x. */
  readonly most?: (x: number) => number;
  /** Only non-negative, or only positive inputs. */
  readonly least?: number;
  readonly opset?: number;
  readonly domain?: 'com.microsoft';
}

function unary(op: string, attributes: (draft: Draft) => Attributes = () => ({}), shape: Shape = {}) {
  const { reach = 4, most = (x) => x, least, opset = 13, domain = '' } = shape;
  return (draft: Draft): FuzzCase => {
    draft.since(opset);
    const dims = dimsOf(draft);
    let q = inputOf(draft, reach);
    const low = q.dtype === 'uint8' ? 0 : -128;
    if (least !== undefined) q = { ...q, zeroPoint: low - least < -128 ? -128 : low - least };
    if (least !== undefined && least > 0 && q.dtype === 'uint8') q = { ...q, dtype: 'int8', zeroPoint: -128 };
    const x = draft.input(dims, q);
    const y = draft.float(op, [x.name], attributes(draft), domain);
    return draft.finish([draft.pair(y, dims, draft.result(q.dtype, most(128 * q.scale)))]);
  };
}

function qlinear(op: string, attributes: (draft: Draft) => Attributes, most: (x: number) => number) {
  return (draft: Draft): FuzzCase => {
    const dims = dimsOf(draft);
    const x = draft.integers(dims, inputOf(draft, 4));
    const q = draft.result(x.q.dtype, most(128 * x.q.scale));
    const inputs = [x.name, ...draft.parameters(x.q), ...draft.parameters(q)];
    return draft.finish([draft.qlinear(op, inputs, dims, q, attributes(draft))], true);
  };
}

function clip(draft: Draft): FuzzCase {
  const { random } = draft;
  const dims = dimsOf(draft);
  const x = draft.input(dims, inputOf(draft, 6));
  const bounds = [-random.logUniform(0.1, 8), random.logUniform(0.1, 8)];
  const names = bounds.map((bound) => (random.chance(0.2) ? '' : draft.floats([], [random.chance(0.3) ? Math.abs(bound) : bound])));
  return draft.finish([draft.op('Clip', [x.name, ...names], dims, draft.result(x.q.dtype, 8))]);
}

function prelu(draft: Draft): FuzzCase {
  const { random } = draft;
  const dims = dimsOf(draft);
  const x = draft.input(dims, inputOf(draft, 4));
  const count = random.chance(0.7) ? dims[1]! : 1;
  const slope = draft.floats(
    [count, 1],
    Array.from({ length: count }, () => random.logUniform(0.01, 2)),
  );
  return draft.finish([draft.op('PRelu', [x.name, slope], dims, draft.result(x.q.dtype, 128 * x.q.scale))]);
}

function batchNormalization(draft: Draft): FuzzCase {
  const { random } = draft;
  const dims = dimsOf(draft);
  const x = draft.input(dims, inputOf(draft, 4));
  const perChannel = (make: () => number) => draft.floats([dims[1]!], Array.from({ length: dims[1]! }, make));
  const signed = () => random.logUniform(0.2, 3) * (random.chance(0.5) ? 1 : -1);
  const constants = [perChannel(signed), perChannel(signed), perChannel(signed), perChannel(() => random.logUniform(0.05, 5))];
  const attributes = random.chance(0.5) ? {} : { epsilon: { float: 0.001 } };
  return draft.finish([draft.op('BatchNormalization', [x.name, ...constants], dims, draft.result(x.q.dtype, 8), attributes)]);
}

function pow(draft: Draft): FuzzCase {
  const { random } = draft;
  const dims = dimsOf(draft);
  const exponent = random.oneOf([2, 3, 0.5, 1.5, -1, random.logUniform(0.2, 5)]);
  const q = inputOf(draft, 4);
  // Of positive numbers only, but for whole exponents.
  const x = draft.input(dims, exponent === 2 || exponent === 3 ? q : { ...q, dtype: 'int8', zeroPoint: -128 });
  let from = x.name;
  if (exponent < 0) from = draft.float('Clip', [from, draft.floats([], [0.05])]);
  const most = exponent < 0 ? 4 : Math.min(1e4, (128 * q.scale) ** exponent);
  return draft.finish([draft.op('Pow', [from, draft.floats([], [exponent])], dims, draft.result(x.q.dtype, most))]);
}

/** x·sigmoid(x) and the like by several nodes, nothing quantized between them. */
function spelledOut(draft: Draft): FuzzCase {
  const { random } = draft;
  const dims = dimsOf(draft);
  const x = draft.input(dims, inputOf(draft, 4));
  const constant = (v: number) => draft.floats([], [v]);
  const gelu = () => {
    const erf = draft.float('Erf', [draft.float('Div', [x.name, constant(Math.SQRT2)])]);
    return draft.float('Mul', [draft.float('Mul', [x.name, draft.float('Add', [erf, constant(1)])]), constant(0.5)]);
  };
  const made = random.oneOf([
    () => draft.float('Mul', [x.name, draft.float('Sigmoid', [x.name])]),
    () => draft.float('Mul', [x.name, draft.float('HardSigmoid', [x.name])]),
    () => draft.float('Mul', [x.name, draft.float('Tanh', [draft.float('Softplus', [x.name])])]),
    () => draft.float('Add', [x.name, draft.float('Tanh', [x.name])]),
    gelu,
  ])();
  return draft.finish([draft.pair(made, dims, draft.result(x.q.dtype, 128 * x.q.scale))]);
}

/** Two functions in a row, nothing quantized between them. */
function chain(draft: Draft): FuzzCase {
  const { random } = draft;
  const dims = dimsOf(draft);
  const x = draft.input(dims, inputOf(draft, 4));
  let y = x.name;
  for (const op of [random.oneOf(['Abs', 'Neg', 'Sigmoid', 'Tanh']), random.oneOf(['LeakyRelu', 'HardSigmoid', 'Relu', 'Neg', 'Abs'])]) {
    y = draft.float(op, [y]);
  }
  return draft.finish([draft.pair(y, dims, draft.result(x.q.dtype, random.oneOf([1, 4])))]);
}

const alpha =
  (low: number, high: number) =>
  ({ random }: Draft) => ({ alpha: { float: random.logUniform(low, high) } });

export const unaries: Family = {
  Relu: unary('Relu'),
  Clip: clip,
  LeakyRelu: unary('LeakyRelu', alpha(0.001, 1.5)),
  PRelu: prelu,
  ThresholdedRelu: unary('ThresholdedRelu', alpha(0.1, 3)),
  BatchNormalization: batchNormalization,
  HardSigmoid: unary('HardSigmoid', alpha(0.05, 0.5), { most: () => 1 }),
  HardSwish: unary('HardSwish', undefined, { opset: 14 }),
  Sigmoid: unary('Sigmoid', undefined, { reach: 8, most: () => 1 }),
  Tanh: unary('Tanh', undefined, { most: () => 1 }),
  Abs: unary('Abs'),
  Neg: unary('Neg'),
  Sign: unary('Sign', undefined, { most: () => 1 }),
  Floor: unary('Floor'),
  Ceil: unary('Ceil'),
  Round: unary('Round'),
  Sqrt: unary('Sqrt', undefined, { least: 0, most: Math.sqrt }),
  Reciprocal: unary('Reciprocal', undefined, { least: 0, most: (x) => 40 / x }),
  Exp: unary('Exp', undefined, { most: (x) => Math.min(1e4, Math.exp(x / 2)) }),
  Log: unary('Log', undefined, { least: 1, most: () => 4 }),
  Pow: pow,
  Erf: unary('Erf', undefined, { most: () => 1 }),
  Gelu: unary('Gelu', ({ random }) => ({ approximate: random.oneOf(['none', 'tanh']) }), { opset: 20 }),
  QuickGelu: unary('QuickGelu', alpha(0.5, 2), { domain: 'com.microsoft' }),
  Elu: unary('Elu', alpha(0.2, 2)),
  Selu: unary('Selu'),
  Celu: unary('Celu', alpha(0.2, 2)),
  Softplus: unary('Softplus'),
  Softsign: unary('Softsign', undefined, { most: () => 1 }),
  Mish: unary('Mish', undefined, { opset: 18 }),
  Shrink: unary('Shrink', ({ random }) => ({ lambd: { float: random.logUniform(0.1, 2) }, bias: { float: random.logUniform(0.1, 1) } })),
  Sin: unary('Sin', undefined, { most: () => 1 }),
  Cos: unary('Cos', undefined, { most: () => 1 }),
  'functions spelled out': spelledOut,
  QLinearLeakyRelu: qlinear('QLinearLeakyRelu', alpha(0.001, 1.5), (x) => x),
  QLinearSigmoid: qlinear(
    'QLinearSigmoid',
    () => ({}),
    () => 1,
  ),
  'two functions in a row': chain,
};
