/** A layout of public signals as NatSpec lines of a contract: which signal holds what, and what a real value it stands for. */

import { elementsPerWord, type Layout, type LayoutTensor } from '../r1cs/layout.ts';
import { encodingLow } from '../r1cs/signals.ts';

/** Names come from a model's file: printable ASCII alone reaches the source, so that no name ends a comment or reorders its text. */
function quoted(name: string): string {
  return `"${name.slice(0, 80).replace(/[^\x20-\x7e]|["\\]/g, '?')}"`;
}

function range(tensor: LayoutTensor): string {
  const last = tensor.firstSignal + tensor.signalCount - 1;
  return tensor.signalCount === 1 ? `signals[${last}]` : `signals[${tensor.firstSignal} to ${last}]`;
}

/** What a signal is in terms of elements q, the model's own quantized integers. */
function encoding(tensor: LayoutTensor): string {
  const offset = -encodingLow(tensor.dtype);
  const element = offset === 0 ? 'q' : `q + ${offset}`;
  switch (tensor.visibility) {
    case 'public':
      return `each signal is ${element}`;
    case 'packed':
      return `each signal is ${elementsPerWord(tensor.dtype)} elements (${element}), big-endian, in the low 31 bytes of the word, the first of them first`;
    case 'hashed':
      return 'the signal is a salted Poseidon commitment to the elements';
    case 'private':
      return 'in no signal';
  }
}

function describeTensor(tensor: LayoutTensor): string[] {
  const { role, name, dtype, dims, visibility, scale, zeroPoint } = tensor;
  const where = visibility === 'private' ? 'no signal' : range(tensor);
  const real =
    scale === null || zeroPoint === null || visibility === 'hashed' || visibility === 'private'
      ? ''
      : `; real value ${scale} * (q ${zeroPoint < 0 ? '+' : '-'} ${Math.abs(zeroPoint)})`;
  return [`/// ${where}: ${role} ${quoted(name)}, ${dtype} [${dims.join(', ')}], ${visibility}:`, `///     ${encoding(tensor)}${real}`];
}

export function describeSignals(layout: Layout): string[] {
  return [
    "/// signals[0]: context, keccak256(the caller's bytes) >> 8, or 0",
    ...[...layout.outputs, ...layout.inputs].flatMap(describeTensor),
  ];
}
