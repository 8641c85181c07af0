/**
 * Greater, GreaterOrEqual, Less, LessOrEqual, Equal: of views, whose float32 values rise with their integers, or of integers; with broadcasting, either side may be constant. All are
 * [a ≥ t] or [a = t] of integers, with t an integer that depends on b.
 */
import type { Tensor } from '../../tensor/tensor.ts';
import { broadcastDims } from '../broadcast.ts';
import { type Call, dimsOf, input, layer, newestOpset, type Op, outputName } from '../call.ts';
import { dequantizeView } from '../constants.ts';
import { addValue, draftValue, parametersOf, sameParameters } from '../draft.ts';
import type { GraphNode, ValueId } from '../graph.ts';
import type { Meaning, Parameters } from '../meaning.ts';
import { floatOperand } from '../operand.ts';
import { rangeOf } from '../quantization.ts';
import { refuse } from '../report.ts';

type Operator = 'greater' | 'greaterOrEqual' | 'less' | 'lessOrEqual' | 'equal';

/** What a op b is as b op' a. */
const mirrored: Readonly<Record<Operator, Operator>> = {
  greater: 'less',
  greaterOrEqual: 'lessOrEqual',
  less: 'greater',
  lessOrEqual: 'greaterOrEqual',
  equal: 'equal',
};

/** A computed side, by its quantization where it is float; or a constant. */
type Side =
  | { readonly kind: 'value'; readonly value: ValueId; readonly parameters: Parameters | null }
  | { readonly kind: 'constant'; readonly tensor: Tensor };

function sideAt(call: Call, i: number): Side {
  const meaning = input(call, i);
  if (meaning.kind === 'integer' || meaning.kind === 'boolean') return { kind: 'value', value: meaning.value, parameters: null };
  if (meaning.kind === 'constant') return { kind: 'constant', tensor: meaning.tensor };
  const operand = floatOperand(call, i);
  if (operand.kind === 'constantView') return { kind: 'constant', tensor: dequantizeView(operand) };
  return { kind: 'value', value: operand.value, parameters: parametersOf(draftValue(call.draft, operand.value)) };
}

/** The float32 value of each integer of the type, from the least. */
function floatsOf({ scale, zeroPoint, dtype }: Parameters): Float32Array {
  const [low] = rangeOf(dtype);
  return Float32Array.from({ length: 256 }, (_, i) => Math.fround((low + i - zeroPoint) * scale));
}

/** t for one float of the other side: the least integer with a value that reaches (`over`: exceeds) it, or the one with that value; one beyond the type where there is none. */
function boundOf(floats: Float32Array, least: number, value: number, kind: 'reach' | 'over' | 'equal'): number {
  const found = floats.findIndex((v) => (kind === 'reach' ? v >= value : kind === 'over' ? v > value : v === value));
  return least + (found < 0 ? floats.length : found);
}

const int32Most = 2 ** 31 - 1;

/** The constant side as a tensor of t. */
function constantBounds(call: Call, tensor: Tensor, a: Side & { kind: 'value' }, kind: 'reach' | 'over' | 'equal'): ValueId {
  const isFloat = tensor.dtype === 'float32';
  if (isFloat !== (a.parameters !== null))
    refuse(`it compares ${tensor.dtype} with another type`, 'export the model again; onnx.checker says what is wrong');
  const values = Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  if (values.some(Number.isNaN)) refuse('it compares with NaN', 'export the model again');
  const floats = a.parameters === null ? null : floatsOf(a.parameters);
  const least = a.parameters === null ? 0 : rangeOf(a.parameters.dtype)[0];
  const constant = Int32Array.from(values, (value) =>
    floats === null ? Math.max(-int32Most, Math.min(int32Most, kind === 'over' ? value + 1 : value)) : boundOf(floats, least, value, kind),
  );
  return addValue(call.draft, { name: `${outputName(call)}:bounds`, dtype: 'int32', dims: tensor.dims, quantization: null, constant });
}

function compareNode(call: Call, first: Side, second: Side, operator: Operator, y: ValueId): GraphNode {
  if (first.kind === 'constant') {
    if (second.kind === 'constant') return refuse('both its inputs are constants', 'fold constants before quantizing');
    return compareNode(call, second, first, mirrored[operator], y);
  }
  const isLess = operator === 'less' || operator === 'lessOrEqual';
  // Two computed sides are turned round; beside a constant, "less" is "not at least".
  if (isLess && second.kind === 'value') return compareNode(call, second, first, mirrored[operator], y);
  const kind = operator === 'equal' ? 'equal' : operator === 'greater' || operator === 'lessOrEqual' ? 'over' : 'reach';
  const common = { kind: 'compare' as const, ...layer(call), a: first.value, equal: kind === 'equal', negated: isLess, y };
  if (second.kind === 'constant') return { ...common, b: constantBounds(call, second.tensor, first, kind), shift: 0, bounds: null };
  const [a, b] = [first.parameters, second.parameters];
  if ((a === null) !== (b === null)) refuse('it compares floats with integers', 'export the model again; onnx.checker says what is wrong');
  if (a === null || b === null || sameParameters(a, b)) return { ...common, b: second.value, shift: kind === 'over' ? 1 : 0, bounds: null };
  const floats = floatsOf(a);
  const bounds = Int32Array.from(floatsOf(b), (value) => boundOf(floats, rangeOf(a.dtype)[0], value, kind));
  return { ...common, b: second.value, shift: 0, bounds };
}

function comparison(op: string, operator: Operator, first: number): Op {
  return {
    op,
    domain: '',
    facts: {
      constraints:
        operator === 'equal'
          ? '2·n; L more for each element on the right where parameters differ'
          : 'c·(b + 1); L more for each element on the right where parameters differ, 1 for Less beside a constant',
    },
    limits: 'its result is read by Where, Not, And, Or, Xor, Cast and movement operators',
    opsets: [first, newestOpset],
    attributes: [],
    inputs: [2, 2],
    shape: (call) => broadcastDims(dimsOf(call, 0), dimsOf(call, 1)),
    translate: (call, dims): Meaning => {
      const sides = [0, 1].map((i) => sideAt(call, i)) as [Side, Side];
      const y = addValue(call.draft, { name: outputName(call), dtype: 'uint8', dims, quantization: null });
      call.draft.nodes.push(compareNode(call, sides[0], sides[1], operator, y));
      return { kind: 'boolean', dims, value: y };
    },
  };
}

export const equal = comparison('Equal', 'equal', 7);
export const greater = comparison('Greater', 'greater', 7);
export const greaterOrEqual = comparison('GreaterOrEqual', 'greaterOrEqual', 12);
export const less = comparison('Less', 'less', 7);
export const lessOrEqual = comparison('LessOrEqual', 'lessOrEqual', 12);
