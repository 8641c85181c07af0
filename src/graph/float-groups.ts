/**
 * Groups that ONNX Runtime, as it is by default off ARM, computes in float32 rather than fuse: Conv, Gemm and MatMul beside an int8 tensor that several
 * nodes read (see rounding.ts), or before a Relu or Clip that moves a clamp; and linear operators that it has no integer kernel for. The profile is the fused graph: near a rounding tie the runtime's float noise may
 * then differ from it in the last bit. Not a refusal; `zkonnx check` says it.
 */
import type { Model, OnnxNode } from '../onnx/model.ts';
import { type Draft, newDraft, readersOf } from './draft.ts';
import { becomesUint8, isAbsorbed, maker } from './rounding.ts';

export interface FloatGroup {
  readonly node: string;
  readonly op: string;
  /**
   * An int8 tensor with several readers, int8 and uint8 tensors, movement that the runtime carries no Q/DQ pair across, an activation that it does not fold, or an
   * operator (or form of one) without an integer kernel.
   */
  readonly cause: 'int8' | 'types' | 'moved' | 'activation' | 'operator';
}

/** Movement that ONNX Runtime carries a Q/DQ pair across, or drops. */
const carriedAcross: readonly string[] = [
  'Reshape',
  'Flatten',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Slice',
  'MaxPool',
  'Identity',
  'Dropout',
];

const fusedOps: readonly string[] = ['Conv', 'ConvTranspose', 'Gemm', 'MatMul'];

/** Type of a QuantizeLinear or DequantizeLinear's integers, as far as initializers tell. */
function dtypeOf({ initializers }: Model, node: OnnxNode): string {
  return node.inputs[2] === undefined ? 'uint8' : (initializers.get(node.inputs[2])?.dtype ?? 'unknown');
}

function scalar({ initializers }: Model, name: string | undefined): number | null {
  const tensor = name === undefined ? undefined : initializers.get(name);
  return tensor === undefined || tensor.data.length !== 1 ? null : Number(tensor.data[0]);
}

/** What a Relu or Clip by constants does; null for another node. */
function activationOf(model: Model, { op, inputs, attributes }: OnnxNode) {
  if (op === 'Relu') return { min: 0, max: null };
  if (op !== 'Clip') return null;
  const bound = (i: number, name: string): number | null => {
    const attribute = attributes.get(name);
    return attribute?.kind === 'float' ? attribute.value : scalar(model, inputs[i]);
  };
  return { min: bound(1, 'min'), max: bound(2, 'max') };
}

function onlyReader(draft: Draft, name: string): OnnxNode | undefined {
  const readers = readersOf(draft, name);
  return readers.length === 1 ? draft.model.nodes[readers[0]!] : undefined;
}

/** ConvTranspose; Gemm with beta, or with alpha beside C. */
function hasNoKernel({ op, inputs, attributes }: OnnxNode): boolean {
  const isOne = (name: string) => {
    const found = attributes.get(name);
    return found?.kind !== 'float' || found.value === 1;
  };
  return op === 'ConvTranspose' || (op === 'Gemm' && (inputs[2] ?? '') !== '' && !(isOne('alpha') && isOne('beta')));
}

function causeOf(draft: Draft, node: OnnxNode): FloatGroup['cause'] | null {
  const { model } = draft;
  const from = maker(draft, node.inputs[0] ?? '');
  if (from !== undefined && from.op !== 'DequantizeLinear') return carriedAcross.includes(from.op) ? null : 'moved';
  if (from === undefined) return null;
  if (hasNoKernel(node)) return 'operator';
  let end = onlyReader(draft, node.outputs[0] ?? '');
  const activation = end === undefined ? null : activationOf(model, end);
  if (activation !== null) end = onlyReader(draft, end!.outputs[0] ?? '');
  if (end?.op !== 'QuantizeLinear') return null;
  const dtype = dtypeOf(model, end);
  if (dtype !== 'int8' && dtype !== 'uint8') return null;
  const [scale, zeroPoint] = [scalar(model, end.inputs[1]), scalar(model, end.inputs[2]) ?? 0];
  if (scale !== null && !isAbsorbed(activation, { scale, zeroPoint, dtype })) return 'activation';
  const own = dtypeOf(model, from);
  const isUint8 = (type: string, integers: string) => type === 'uint8' || becomesUint8(draft, integers);
  if (isUint8(own, from.inputs[0] ?? '') === isUint8(dtype, end.outputs[0]!)) return null;
  return own === dtype ? 'int8' : 'types';
}

export function floatGroups(model: Model): FloatGroup[] {
  const draft = newDraft(model);
  return model.nodes
    .filter(({ op, domain }) => domain === '' && fusedOps.includes(op))
    .flatMap((node) => {
      const cause = causeOf(draft, node);
      return cause === null ? [] : [{ node: node.name, op: node.op, cause }];
    });
}
