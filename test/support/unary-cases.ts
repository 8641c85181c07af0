/** Functions of one tensor, alone, in chains and spelled out by several nodes: each makes `y` of `x_dq`, of shape [1, channels, n]. */
import { type Attribute, node, type Part, part, tensor, weights } from './onnx-builder.ts';

type Attributes = Readonly<Record<string, Attribute>>;
type Step = readonly [op: string, inputs: readonly (string | number)[], attributes?: Attributes];

export interface UnaryCase {
  readonly parts: readonly Part[];
  readonly opset: number;
  /** The values that the function is defined for. */
  readonly domain: 'all' | 'positive';
}

export const channels = 2;

/** Nodes one after the other; "x" is x_dq, "0" the result of the first node, a number a float constant. The last one makes y. */
function steps(list: readonly Step[]): Part {
  const constants = new Map<number, string>();
  const name = (input: string | number): string => {
    if (typeof input === 'string') return input === 'x' ? 'x_dq' : Number(input) === list.length - 1 ? 'y' : `t${input}`;
    if (!constants.has(input)) constants.set(input, `c${constants.size}`);
    return constants.get(input)!;
  };
  const nodes = list.map(([op, inputs, attributes], i) => {
    const [domain, plain] = op.includes('.') ? ['com.microsoft', op.slice('com.microsoft.'.length)] : ['', op];
    return node(plain, inputs.map(name), [name(String(i))], attributes ?? {}, { domain });
  });
  const scalars = [...constants].map(([v, c]) => tensor(c, 'float32', [], [v]));
  return part(...nodes, scalars);
}

const cases: Record<string, UnaryCase> = {};
const add = (name: string, list: readonly Step[], { opset = 17, domain = 'all' }: Partial<Pick<UnaryCase, 'opset' | 'domain'>> = {}) => {
  cases[name] = { parts: [steps(list)], opset, domain };
};
const one = (op: string, attributes: Attributes = {}, opset = 17, domain: UnaryCase['domain'] = 'all') =>
  add(`${op}${Object.keys(attributes).length > 0 ? `, ${JSON.stringify(attributes)}` : ''}`, [[op, ['x'], attributes]], { opset, domain });
const slope = (data: readonly number[], shape: readonly number[]) =>
  part(node('PRelu', ['x_dq', 's'], ['y']), [tensor('s', 'float32', shape, data)]);

for (const op of [
  'Abs',
  'Neg',
  'Sign',
  'Floor',
  'Ceil',
  'Round',
  'Sigmoid',
  'Tanh',
  'Exp',
  'Erf',
  'Sin',
  'Cos',
  'Softplus',
  'Softsign',
  'Relu',
])
  one(op);
one('LeakyRelu');
one('LeakyRelu', { alpha: { float: 1.7 } });
one('LeakyRelu', { alpha: { float: -0.3 } });
one('HardSigmoid');
one('HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
one('HardSwish');
one('ThresholdedRelu', { alpha: { float: 0.7 } });
one('Shrink', { lambd: { float: 0.7 }, bias: { float: 0.3 } });
one('Elu');
one('Elu', { alpha: { float: 0.37 } });
one('Selu');
one('Selu', { alpha: { float: 1.1 }, gamma: { float: 0.7 } });
one('Celu');
one('Celu', { alpha: { float: 1.3 } });
one('Mish', {}, 18);
one('Gelu', {}, 20);
one('Gelu', { approximate: 'tanh' }, 20);
one('Swish', {}, 24);
one('Swish', { alpha: { float: 1.3 } }, 24);
one('com.microsoft.Gelu');
one('com.microsoft.FastGelu');
one('com.microsoft.QuickGelu');
one('com.microsoft.QuickGelu', { alpha: { float: 1 } });
one('Log', {}, 17, 'positive');
one('Sqrt', {}, 17, 'positive');
one('Reciprocal');
cases['PRelu, one slope'] = { parts: [slope([0.2], [1])], opset: 17, domain: 'all' };
cases['PRelu, per channel'] = { parts: [slope([0.2, -1.3], [channels, 1])], opset: 17, domain: 'all' };
cases['PRelu, quantized slope'] = {
  parts: [weights('s', [channels, 1], [3, 77], { scales: [0.01], dtype: 'int8' }), part(node('PRelu', ['x_dq', 's_dq'], ['y']))],
  opset: 17,
  domain: 'all',
};
cases['Div by a quantized constant'] = {
  parts: [weights('s', [channels, 1], [3, 77], { scales: [0.01], dtype: 'int8' }), part(node('Div', ['x_dq', 's_dq'], ['y']))],
  opset: 17,
  domain: 'all',
};
for (const exponent of [2, 3, 4, -1, -2, 5]) add(`Pow ${exponent}`, [['Pow', ['x', exponent]]]);
for (const exponent of [0.5, 1.7, -0.5, 1 / 3]) add(`Pow ${exponent}`, [['Pow', ['x', exponent]]], { domain: 'positive' });
add('Relu, Neg', [
  ['Relu', ['x']],
  ['Neg', ['0']],
]);
add('Abs, Sqrt, Tanh', [
  ['Abs', ['x']],
  ['Sqrt', ['0']],
  ['Tanh', ['1']],
]);
add('LeakyRelu, Relu, HardSigmoid', [
  ['LeakyRelu', ['x'], { alpha: { float: -0.5 } }],
  ['Relu', ['0']],
  ['HardSigmoid', ['1']],
]);
add('Exp, Clip, Log', [
  ['Exp', ['x']],
  ['Clip', ['0', 0.3, 4]],
  ['Log', ['1']],
]);
add('Mul, Add, Sigmoid, Sub, Div', [
  ['Mul', ['x', 1.7]],
  ['Add', ['0', -0.31]],
  ['Sigmoid', ['1']],
  ['Sub', [2, '2']],
  ['Div', ['3', 0.77]],
]);
add('Max, Min, Erf', [
  ['Max', ['x', -1.1]],
  ['Min', [0.9, '0']],
  ['Erf', ['1']],
]);
add('SiLU', [
  ['Sigmoid', ['x']],
  ['Mul', ['x', '0']],
]);
add('SiLU, the other way round', [
  ['Sigmoid', ['x']],
  ['Mul', ['0', 'x']],
]);
add('QuickGelu spelled out', [
  ['Mul', ['x', 1.702]],
  ['Sigmoid', ['0']],
  ['Mul', ['x', '1']],
]);
add('SiLU by Exp', [
  ['Neg', ['x']],
  ['Exp', ['0']],
  ['Add', ['1', 1]],
  ['Div', [1, '2']],
  ['Mul', ['x', '3']],
]);
add('Sigmoid by Exp', [
  ['Neg', ['x']],
  ['Exp', ['0']],
  ['Add', ['1', 1]],
  ['Div', [1, '2']],
]);
add('Sigmoid by Exp, times a constant', [
  ['Neg', ['x']],
  ['Exp', ['0']],
  ['Add', ['1', 1]],
  ['Div', [1, '2']],
  ['Mul', [0.7, '3']],
]);
add('1/d used twice', [
  ['Abs', ['x']],
  ['Add', ['0', 1.3]],
  ['Div', [1, '1']],
  ['Mul', ['x', '2']],
  ['Add', ['3', '2']],
]);
add('two 1/d', [
  ['Abs', ['x']],
  ['Add', ['0', 1.3]],
  ['Div', [1, '1']],
  ['Exp', ['x']],
  ['Add', ['3', 1]],
  ['Div', [1, '4']],
  ['Mul', ['5', '2']],
]);
add('SiLU by Reciprocal', [
  ['Neg', ['x']],
  ['Exp', ['0']],
  ['Add', ['1', 1]],
  ['Reciprocal', ['2']],
  ['Mul', ['x', '3']],
]);
add('HardSwish by HardSigmoid', [
  ['HardSigmoid', ['x'], { alpha: { float: 1 / 6 } }],
  ['Mul', ['x', '0']],
]);
add('HardSwish by Relu6', [
  ['Add', ['x', 3]],
  ['Clip', ['0', 0, 6]],
  ['Mul', ['x', '1']],
  ['Div', ['2', 6]],
]);
add('Mish spelled out', [
  ['Softplus', ['x']],
  ['Tanh', ['0']],
  ['Mul', ['x', '1']],
]);
add('x/√(x² + ε)', [
  ['Pow', ['x', 2]],
  ['Add', ['0', 0.01]],
  ['Sqrt', ['1']],
  ['Div', ['x', '2']],
]);
add('Max of two functions', [
  ['Tanh', ['x']],
  ['Mul', ['x', 0.3]],
  ['Max', ['0', '1']],
]);
add('Sub of two functions', [
  ['Tanh', ['x']],
  ['Sub', ['x', '0']],
]);
const root = Math.SQRT2;
for (const [name, divisor] of [
  ['Gelu', root],
  ['Gelu of BERT', 1.4142099618911743],
  ['no Gelu', 1.5],
] as const) {
  add(`${name}, product last`, [
    ['Div', ['x', divisor]],
    ['Erf', ['0']],
    ['Add', ['1', 1]],
    ['Mul', ['x', '2']],
    ['Mul', ['3', 0.5]],
  ]);
  add(`${name}, half first`, [
    ['Mul', ['x', 0.5]],
    ['Div', ['x', divisor]],
    ['Erf', ['1']],
    ['Add', [1, '2']],
    ['Mul', ['0', '3']],
  ]);
}
add('Gelu, by √½', [
  ['Mul', ['x', Math.SQRT1_2]],
  ['Erf', ['0']],
  ['Add', ['1', 1]],
  ['Mul', ['x', '2']],
  ['Mul', ['3', 0.5]],
]);
add('Gelu of a product', [
  ['Mul', ['x', 0.9]],
  ['Div', ['0', root]],
  ['Erf', ['1']],
  ['Add', ['2', 1]],
  ['Mul', ['0', '3']],
  ['Mul', ['4', 0.5]],
]);
add('Gelu of a product, half first', [
  ['Mul', ['x', 0.9]],
  ['Mul', ['0', 0.5]],
  ['Div', ['0', root]],
  ['Erf', ['2']],
  ['Add', ['3', 1]],
  ['Mul', ['1', '4']],
]);
add('Gelu of Tanh', [
  ['Tanh', ['x']],
  ['Div', ['0', root]],
  ['Erf', ['1']],
  ['Add', ['2', 1]],
  ['Mul', ['0', '3']],
  ['Mul', ['4', 0.5]],
]);
const byTanh = 0.7978845834732056;
const cube: Step[] = [
  ['Pow', ['x', 3]],
  ['Mul', ['0', 0.044715]],
  ['Add', ['x', '1']],
  ['Mul', ['2', byTanh]],
  ['Tanh', ['3']],
  ['Add', ['4', 1]],
];
add('FastGelu by a cube', [...cube, ['Mul', ['x', 0.5]], ['Mul', ['6', '5']]]);
add('FastGelu by a cube, half last', [...cube, ['Mul', ['x', '5']], ['Mul', ['6', 0.5]]]);
add('FastGelu by squares', [
  ['Mul', ['x', 0.044715]],
  ['Mul', ['0', 'x']],
  ['Add', ['1', 1]],
  ['Mul', ['x', byTanh]],
  ['Mul', ['3', '2']],
  ['Tanh', ['4']],
  ['Add', ['5', 1]],
  ['Mul', ['x', 0.5]],
  ['Mul', ['7', '6']],
]);
add('FastGelu with a cube of products', [
  ['Mul', ['x', 'x']],
  ['Mul', ['0', 'x']],
  ['Mul', ['1', 0.044715]],
  ['Add', ['x', '2']],
  ['Mul', ['3', byTanh]],
  ['Tanh', ['4']],
  ['Add', ['5', 1]],
  ['Mul', ['x', 0.5]],
  ['Mul', ['7', '6']],
]);
add('x² alone', [['Mul', ['x', 'x']]]);
add('x + x, then Relu', [
  ['Add', ['x', 'x']],
  ['Relu', ['0']],
]);
add('√(x·x)', [
  ['Mul', ['x', 'x']],
  ['Sqrt', ['0']],
]);
add('no Gelu: erf used twice', [
  ['Div', ['x', root]],
  ['Erf', ['0']],
  ['Add', ['1', 1]],
  ['Mul', ['x', '2']],
  ['Mul', ['3', 0.5]],
  ['Add', ['4', '1']],
]);

export const unaryCases: Readonly<Record<string, UnaryCase>> = cases;
