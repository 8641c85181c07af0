/**
 * How ONNX Runtime rounds a Q/DQ group of Add or AveragePool, whose kernels add the zero point before they round: near a tie the outcome
 * depends on which zero point that is. In: the group. Out: `roundingZero` (graph.ts), or a refusal.
 *
 * On every machine but ARM, ONNX Runtime turns a QuantizeLinear/DequantizeLinear pair of int8 into uint8 (zero point + 128) if nothing else
 * reads the tensor between the two, and each float reader counts as one. A group whose tensors were not all turned, or none, is of mixed
 * types and is computed in floats.
 * Reference: ONNX Runtime 1.30, optimizer/qdq_transformer/{qdq_s8_to_u8,ensure_unique_dq_for_node_unit}.cc, qdq_selectors.cc.
 */
import { type Call, inputName } from './call.ts';
import { type Draft, draftValue, readersOf } from './draft.ts';
import type { Activation } from './graph.ts';
import type { GroupEnd, Parameters } from './meaning.ts';
import { floatOperand } from './operand.ts';
import { rangeOf } from './quantization.ts';

export function maker(draft: Draft, name: string) {
  return draft.model.nodes[draft.makers.get(name) ?? -1];
}

/** True where ONNX Runtime turns the int8 tensor `name`, a QuantizeLinear's output, into uint8. */
export function becomesUint8(draft: Draft, name: string): boolean {
  const quantize = maker(draft, name);
  if (quantize?.op !== 'QuantizeLinear' || quantize.inputs.length < 3) return false;
  // QuantizeLinears of one tensor with equal parameters are one to ONNX Runtime; unequal ones were refused.
  const same = readersOf(draft, quantize.inputs[0]!)
    .map((reader) => draft.model.nodes[reader])
    .filter((node) => node?.op === 'QuantizeLinear');
  let floatReaders = 0;
  for (const node of same) {
    for (const reader of readersOf(draft, node!.outputs[0]!)) {
      const dequantize = draft.model.nodes[reader];
      if (dequantize?.op !== 'DequantizeLinear' || dequantize.inputs.length < 3) return false;
      // A DequantizeLinear that nothing reads is a reader to ONNX Runtime all the same.
      floatReaders += Math.max(1, readersOf(draft, dequantize.outputs[0]!).length);
    }
  }
  return floatReaders === 1;
}

/** The same of the integers behind float input i. */
function operandBecomesUint8(call: Call, i: number): boolean {
  const name = inputName(call, i);
  const from = maker(call.draft, name);
  if (from === undefined) return false;
  if (from.op === 'DequantizeLinear') return becomesUint8(call.draft, from.inputs[0]!);
  // Behind a movement op: ONNX Runtime puts a pair of its own there.
  return readersOf(call.draft, name).length === 1;
}

/** Whether a Relu or Clip moves no clamp, so that ONNX Runtime drops it before the QuantizeLinear. */
export function isAbsorbed(activation: Activation | null, { scale, zeroPoint, dtype }: Parameters): boolean {
  if (activation === null) return true;
  const [low, high] = rangeOf(dtype).map((q) => Math.fround((q - zeroPoint) * scale)) as [number, number];
  return (activation.min ?? low) <= low && (activation.max ?? high) >= high;
}

/** Whether ONNX Runtime makes an integer kernel of a group with one input of type `from`. */
export function isFused(call: Call, from: 'uint8' | 'int8', activation: Activation | null, end: GroupEnd): boolean {
  const { parameters } = end;
  if (!isAbsorbed(activation, parameters)) return false;
  const x = from === 'uint8' || operandBecomesUint8(call, 0) ? 'uint8' : 'int8';
  const y = parameters.dtype === 'uint8' || end.moved || becomesUint8(call.draft, end.tensor) ? 'uint8' : 'int8';
  return x === y;
}

/** Whether ONNX Runtime sees uint8 behind float input i. */
function isUint8(call: Call, i: number): boolean {
  const operand = floatOperand(call, i);
  const dtype = operand.kind === 'view' ? draftValue(call.draft, operand.value).dtype : operand.dtype;
  return dtype === 'uint8' || operandBecomesUint8(call, i);
}

/** Zero point added before rounding: the kernel's, or null where ONNX Runtime computes in floats. */
function kernelZero(call: Call, inputs: readonly number[], activation: Activation | null, end: GroupEnd): number | null {
  const { dtype, zeroPoint } = end.parameters;
  if (!isAbsorbed(activation, end.parameters)) return null;
  const turned = dtype === 'int8' && (end.moved || becomesUint8(call.draft, end.tensor));
  const result = dtype === 'uint8' || turned;
  if (inputs.some((i) => isUint8(call, i) !== result)) return null;
  return turned ? zeroPoint + 128 : zeroPoint;
}

/** Add: in floats, the sum goes to QuantizeLinear, which rounds before it adds the zero point. */
export function addRounding(
  call: Call,
  activation: Activation | null,
  end: GroupEnd,
): { readonly roundingZero: number; readonly fused: boolean } {
  const moved = [0, 1].some((i) => {
    const operand = floatOperand(call, i);
    return operand.kind === 'view' && operand.inFloats === true;
  });
  const zero = moved ? null : kernelZero(call, [0, 1], activation, end);
  return { roundingZero: zero ?? 0, fused: zero !== null };
}

/** AveragePool: null in floats, where the mean goes to QuantizeLinear. */
export function averageRoundingZero(call: Call, activation: Activation | null, end: GroupEnd): number | null {
  return kernelZero(call, [0], activation, end);
}
