/**
 * What ONNX Runtime's optimizer makes of float operators before it computes, where that changes bits: a Gelu spelled out becomes one kernel, and 1/d · n
 * becomes n/d. Each is asked for at the last node of its pattern.
 * Reference: ONNX Runtime 1.30, core/optimizer/{gelu_fusion,fast_gelu_fusion,div_mul_fusion,utils}.cc.
 */
import type { OnnxNode } from '../onnx/model.ts';
import { type Call, input } from './call.ts';
import { readersOf } from './draft.ts';
import { scalarOf } from './float-binary.ts';
import type { Meaning } from './meaning.ts';

const fl = Math.fround;

const rootOfTwo = fl(Math.SQRT2);
/** Of some BERT exporters. */
const roundedRootOfTwo = fl(1.4142099618911743);
const rootOfTwoByPi = fl(0.7978845834732056);
const cubeFactor = fl(0.044715);

/** A constant scalar that the optimizer takes for `wanted`. */
function isAbout(call: Call, name: string, wanted: number): boolean {
  const meaning = call.draft.meanings.get(name);
  const value = meaning?.kind === 'constant' && meaning.dims.length <= 1 ? scalarOf(meaning) : null;
  return value !== null && fl(Math.abs(fl(value - wanted))) <= fl(fl(1e-8) + fl(fl(1e-5) * Math.abs(wanted)));
}

/** The node that makes `name`, if it is `op`. */
function maker(call: Call, name: string, op: string): OnnxNode | null {
  const node = call.draft.model.nodes[call.draft.makers.get(name) ?? -1];
  return node?.op === op && node.domain === '' ? node : null;
}

/** The same, read by one node alone. */
function soleMaker(call: Call, name: string, op: string): OnnxNode | null {
  const node = maker(call, name, op);
  return node !== null && readersOf(call.draft, name).length === 1 ? node : null;
}

/** Both orders of a node's two inputs. */
function orders({ inputs }: OnnxNode): readonly (readonly [string, string])[] {
  return [
    [inputs[0]!, inputs[1]!],
    [inputs[1]!, inputs[0]!],
  ];
}

/** The input beside a constant that is about `constant`. */
function beside(call: Call, node: OnnxNode | null, constant: number): string | null {
  return (node === null ? undefined : orders(node).find(([, c]) => isAbout(call, c, constant))?.[0]) ?? null;
}

/** x where `name` is f(x) + 1, f an operator of one input. */
function insideOnePlus(call: Call, name: string, op: string): string | null {
  const inner = beside(call, soleMaker(call, name, 'Add'), 1);
  return (inner === null ? null : soleMaker(call, inner, op))?.inputs[0] ?? null;
}

/** x where `name` is 1 + erf(x/√2). */
function insideErf(call: Call, name: string): string | null {
  const scaled = insideOnePlus(call, name, 'Erf');
  const div = scaled === null ? null : soleMaker(call, scaled, 'Div');
  if (div === null) return null;
  return isAbout(call, div.inputs[1]!, rootOfTwo) || isAbout(call, div.inputs[1]!, roundedRootOfTwo) ? div.inputs[0]! : null;
}

/** x where `name` is 1 + tanh(√(2/π)·(x + 0.044715·x³)), or the same with x·(1 + 0.044715·x·x). */
function insideTanh(call: Call, name: string): string | null {
  const argument = insideOnePlus(call, name, 'Tanh');
  const product = argument === null ? null : soleMaker(call, argument, 'Mul');
  if (product === null) return null;
  for (const [left, right] of orders(product)) {
    const x = isAbout(call, right, rootOfTwoByPi) ? insideCube(call, left) : insideSquare(call, left, right);
    if (x !== null) return x;
  }
  return null;
}

/** x where `name` is x + 0.044715·x³. */
function insideCube(call: Call, name: string): string | null {
  const add = soleMaker(call, name, 'Add');
  for (const [x, scaled] of add === null ? [] : orders(add)) {
    const cube = beside(call, soleMaker(call, scaled, 'Mul'), cubeFactor);
    const power = cube === null ? null : soleMaker(call, cube, 'Pow');
    if (power !== null && power.inputs[0] === x && isAbout(call, power.inputs[1]!, 3)) return x;
  }
  return null;
}

/** x where `left` is 1 + 0.044715·x·x and `right` is √(2/π)·x. */
function insideSquare(call: Call, left: string, right: string): string | null {
  const x = beside(call, soleMaker(call, right, 'Mul'), rootOfTwoByPi);
  const term = beside(call, soleMaker(call, left, 'Add'), 1);
  const square = term === null ? null : soleMaker(call, term, 'Mul');
  const isSquare = square !== null && orders(square).some(([a, b]) => b === x && beside(call, soleMaker(call, a, 'Mul'), cubeFactor) === x);
  return isSquare ? x : null;
}

/** Of a Mul that ends a Gelu spelled out: which kernel the optimizer puts in its place, and the meaning of its input. */
export function fusedGelu(call: Call): { readonly kernel: 'erf' | 'tanh'; readonly x: Meaning } | null {
  const found = (kernel: 'erf' | 'tanh', name: string) => ({ kernel, x: call.draft.meanings.get(name)! });
  for (const [left, right] of orders(call.node)) {
    // x/2 beside 1 + f(x).
    const half = maker(call, left, 'Mul');
    const x = half === null ? null : beside(call, half, 0.5);
    if (x !== null && readersOf(call.draft, left).length === 1 && insideErf(call, right) === x) return found('erf', x);
    if (x !== null && insideTanh(call, right) === x) return found('tanh', x);
    // x·(1 + erf …) beside 1/2; not where x is a product itself, which the optimizer takes for the half.
    const whole = isAbout(call, right, 0.5) ? soleMaker(call, left, 'Mul') : null;
    for (const [a, b] of whole === null ? [] : orders(whole))
      if (maker(call, a, 'Mul') === null && insideErf(call, b) === a) return found('erf', a);
  }
  return null;
}

/** Of a Mul, one side of which is 1/d read by nothing else: d, and at which input the other side stands. */
export function fusedDivision(call: Call): { readonly divisor: Meaning; readonly numeratorAt: 0 | 1 } | null {
  const divisions = ([0, 1] as const).flatMap((i) => {
    const div = soleMaker(call, call.node.inputs[i]!, 'Div');
    return div !== null &&
      scalarOf(call.draft.meanings.get(div.inputs[0]!)) === 1 &&
      call.draft.meanings.get(div.inputs[0]!)?.kind === 'constant'
      ? [{ div, i }]
      : [];
  });
  if (divisions.length === 0) return null;
  const { div, i } = divisions.reduce((a, b) => (b.div.index < a.div.index ? b : a));
  const divisor = call.draft.meanings.get(div.inputs[1]!);
  return divisor === undefined || input(call, i).kind !== 'pending' ? null : { divisor, numeratorAt: i === 0 ? 1 : 0 };
}
