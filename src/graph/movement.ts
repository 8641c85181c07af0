/** A movement op or MaxPool on whatever its input means: constants are moved now, integers by a node, floats after their Q. */

import type { Tensor } from '../tensor/tensor.ts';
import { type Call, input, inputName, outputName } from './call.ts';
import { constantOf } from './constants.ts';
import { addValue, draftValue, readersOf } from './draft.ts';
import type { GraphNode, ValueId } from './graph.ts';
import type { ConstantView, Meaning, Pending } from './meaning.ts';
import { refuse } from './report.ts';

export interface Movement {
  readonly dims: readonly number[];
  /** The graph node that moves value x into value y. */
  readonly node: (x: ValueId, y: ValueId) => GraphNode;
  /** The same on constants; null where the op is not expected there. */
  readonly onTensor: ((tensor: Tensor) => Tensor) | null;
  readonly onView: ((view: ConstantView) => ConstantView) | null;
  /** True where ONNX Runtime moves a QuantizeLinear to before the op, and a DequantizeLinear to behind it. */
  readonly propagates: boolean;
  /** Which of the node's outputs, the first unless told. */
  readonly output?: number;
}

/** Refuses a movement op between a computation and its QuantizeLinear where ONNX Runtime then would not fuse the two. */
function checkPropagates({ computation }: Pending, { propagates }: Movement): void {
  if (computation.elementwise || propagates) return;
  refuse(
    `it moves the float result of ${computation.op} "${computation.name}": ONNX Runtime computes that in floats`,
    'put a QuantizeLinear/DequantizeLinear pair between the two, as quantize_static does',
  );
}

/** A computation that ONNX Runtime fuses with its QuantizeLinear must lead to that one alone. */
export function checkSoleReader(call: Call, pending: Pending, i: number): void {
  if (pending.computation.elementwise || readersOf(call.draft, inputName(call, i)).length === 1) return;
  refuse(
    `"${inputName(call, i)}" (float, from ${pending.computation.op} "${pending.computation.name}") is used more than once before it is quantized`,
    'put a QuantizeLinear/DequantizeLinear pair right after that node, as quantize_static does',
  );
}

export function applyMovement(call: Call, movement: Movement): Meaning {
  const { draft } = call;
  const x = input(call, 0);
  const { dims } = movement;
  const name = outputName(call, movement.output);
  switch (x.kind) {
    case 'constant':
      if (movement.onTensor === null) return refuse('its input is a constant', 'fold constants before quantizing');
      return constantOf(movement.onTensor(x.tensor));
    case 'constantView':
      if (movement.onView === null) return refuse('its input is a constant', 'fold constants before quantizing');
      return movement.onView(x);
    case 'boolean': {
      const value = addValue(draft, { name, dtype: 'uint8', dims, quantization: null });
      draft.nodes.push(movement.node(x.value, value));
      return { kind: 'boolean', dims, value };
    }
    case 'integer':
    case 'view': {
      const { dtype, quantization } = draftValue(draft, x.value);
      const provisional = x.kind === 'view';
      const value = addValue(draft, { name, dtype, dims, quantization, provisional });
      draft.nodes.push(movement.node(x.value, value));
      if (x.kind === 'integer') return { kind: 'integer', dims, value };
      return { ...x, dims, value, ...(movement.propagates ? {} : { inFloats: true }) };
    }
    case 'input':
      return { ...x, dims, moves: [...x.moves, { dims, output: name, node: movement.node }] };
    case 'pending':
      checkSoleReader(call, x, 0);
      checkPropagates(x, movement);
      return { ...x, dims, moves: [...x.moves, { dims, output: name, node: movement.node }] };
    case 'lost':
      return { kind: 'lost', dims };
  }
}

/** Reshape, Flatten, Squeeze, Unsqueeze, Identity: same elements, same order. */
export function reshapeMovement(
  call: Call,
  dims: readonly number[],
  onView: (view: ConstantView, dims: readonly number[]) => ConstantView,
): Meaning {
  const { name, op } = call.node;
  return applyMovement(call, {
    dims,
    node: (x, y) => ({ kind: 'reshape', name, op, x, y }),
    onTensor: (tensor) => ({ ...tensor, dims }),
    onView: (view) => onView(view, dims),
    propagates: true,
  });
}
