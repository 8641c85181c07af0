/**
 * The boundary: public signals, inputs, outputs, salts, as docs/signals.md has them. Every input element is range-checked whatever its visibility; an encoded element is its value
 * minus the type's least, so input wires are offset binary.
 */

import { ONE } from '../../../circuits/api.ts';
import { commitment } from '../../../circuits/commitment.ts';
import { wordElements, wordWeight } from '../../../circuits/pack.ts';
import { type PoseidonAlgebra, poseidonAlgebra } from '../../../circuits/poseidon/algebra.ts';
import { defineFieldAs, type FieldSum, newFieldSum, plusTerm, resetField } from '../../../circuits/poseidon/field-sum.ts';
import { modulus, poseidonConstants } from '../../../circuits/poseidon/grain.ts';
import { makeRange, range } from '../../../circuits/range.ts';
import { newSum, plusWire, reset } from '../../../circuits/sum.ts';
import { ZkonnxError } from '../../errors.ts';
import type { ProgramBoundary } from '../../program/program.ts';
import type { CircuitInputs } from '../circuit.ts';
import { elementBytes, type Layout, type LayoutTensor } from '../layout.ts';
import { elementRange, encodingLow, hashTag } from '../signals.ts';
import { type Elements, elementsOf, type Lowering, newElements } from './lowering.ts';

/** Wire of public signal 0, the context: public wires are 1 … signalCount. */
const firstPublic = 1;

/** Allocates everything that is given from outside, in the order public signals, private inputs, salts. */
export function allocateInputs({ api, program, elements }: Lowering, layout: Layout): CircuitInputs {
  api.publicWires(layout.signalCount);
  const tensors = layout.inputs.map((tensor, k) => {
    const isPublic = tensor.visibility === 'public';
    const firstWire = isPublic ? firstPublic + tensor.firstSignal : api.inputWires(tensor.elementCount);
    const given = newElements(tensor.elementCount);
    for (let i = 0; i < tensor.elementCount; i++) given.wires[i] = firstWire + i;
    given.offsets.fill(encodingLow(tensor.dtype));
    elements[boundaryTensor(program.inputs, k, tensor)] = given;
    return { name: tensor.name, firstWire, count: tensor.elementCount };
  });
  const salts = [...layout.inputs, ...layout.outputs]
    .filter((tensor) => tensor.visibility === 'hashed')
    .map(({ name, role }) => ({ name, role, wire: api.inputWires(1) }));
  return { contextWire: firstPublic, tensors, salts };
}

/** The program's tensor behind a layout tensor: both lists are in graph order. */
function boundaryTensor(boundaries: readonly ProgramBoundary[], k: number, { name }: LayoutTensor): number {
  const boundary = boundaries[k];
  if (boundary?.name !== name) throw new ZkonnxError('ZK7001', { what: `layout and program differ: "${name}" and "${boundary?.name}"` });
  return boundary.tensor;
}

/** Range-checks an input to the interval that the program's bounds were proven from (its type's, if not less). */
export function checkInput(lowering: Lowering, layout: Layout, k: number): void {
  const { api, program, checkpoint } = lowering;
  const tensor = layout.inputs[k]!;
  const id = boundaryTensor(program.inputs, k, tensor);
  const { wires } = elementsOf(lowering, id);
  const typeRange = elementRange(tensor.dtype);
  const low = Math.max(typeRange.low, program.tensors[id]!.low);
  const high = Math.min(typeRange.high, program.tensors[id]!.high);
  const check = makeRange(high - low + 1);
  const element = newSum();
  api.layer(`input ${tensor.name}`);
  api.gadget('range');
  for (let i = 0; i < wires.length; i++) {
    if ((i & 0xff) === 0) checkpoint();
    api.element(i);
    plusWire(reset(element, typeRange.low - low), wires[i]!, 1);
    range(api, check, element);
  }
}

/** Binds the elements of one boundary tensor to its public signals. */
export function bindTensor(
  lowering: Lowering,
  tensor: LayoutTensor,
  x: Elements,
  salt: number | undefined,
  algebra: () => PoseidonAlgebra,
): void {
  const { api } = lowering;
  const encoding = encodingLow(tensor.dtype);
  const bytes = elementBytes(tensor.dtype);
  const perWord = wordElements(bytes);
  const wordCount = Math.ceil(tensor.elementCount / perWord);
  const plusEncoded = (into: FieldSum, i: number, weight: bigint): void => {
    if (x.wires[i] !== ONE) plusTerm(into, x.wires[i]!, weight);
    into.constant = (into.constant + (weight * BigInt(x.offsets[i]! - encoding) + modulus)) % modulus;
  };
  const writeWord = (w: number, into: FieldSum): void => {
    resetField(into, 0n);
    for (let j = 0; j < perWord && w * perWord + j < tensor.elementCount; j++) plusEncoded(into, w * perWord + j, wordWeight(bytes, j));
  };
  const signal = firstPublic + tensor.firstSignal;
  const sum = newFieldSum();
  api.layer(`${tensor.role} ${tensor.name}`);
  switch (tensor.visibility) {
    case 'private':
      return;
    case 'public':
      if (tensor.role === 'input') return;
      api.gadget('bind');
      for (let i = 0; i < tensor.elementCount; i++) {
        api.element(i);
        plusEncoded(resetField(sum, 0n), i, 1n);
        defineFieldAs(api, signal + i, sum);
      }
      return;
    case 'packed':
      api.gadget('pack');
      for (let w = 0; w < wordCount; w++) {
        api.element(w * perWord);
        writeWord(w, sum);
        defineFieldAs(api, signal + w, sum);
      }
      return;
    case 'hashed':
      if (salt === undefined) throw new ZkonnxError('ZK7001', { what: `no salt wire for "${tensor.name}"` });
      api.gadget('hash');
      commitment(api, algebra(), hashTag(tensor.dtype, tensor.elementCount), salt, wordCount, writeWord, sum);
      defineFieldAs(api, signal, sum);
  }
}

/** Poseidon's algebra, made when a tensor is hashed. */
export function lazyAlgebra(): () => PoseidonAlgebra {
  let made: PoseidonAlgebra | undefined;
  return () => (made ??= poseidonAlgebra(poseidonConstants()));
}
