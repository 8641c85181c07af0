/**
 * What the lowerings share: the builder, and each tensor as wires.
 *
 * Element i of a tensor is value = wire + offset: a wire holds the value minus an offset known at compile time, the tensor's lower bound wherever we choose it, so that wires are
 * small and never negative. An element that is known has wire 0 (ONE) and its value as offset: it needs no wire, and moving elements about costs nothing.
 */
import { type Api, ONE } from '../../../circuits/api.ts';
import { emitStep, type Form, makeStep, type Step } from '../../../circuits/step.ts';
import { plusWire, type Sum } from '../../../circuits/sum.ts';
import { ZkonnxError } from '../../errors.ts';
import type { StepProgress, Steps } from '../../events.ts';
import type { Program, ProgramTensor, StepForm, TensorId } from '../../program/program.ts';
import { applyForm } from '../../program/steps/form.ts';
import type { CircuitWriter } from '../counter.ts';

export interface Elements {
  readonly wires: Int32Array;
  readonly offsets: Int32Array;
}

export interface Lowering {
  readonly api: CircuitWriter;
  readonly program: Program;
  /** By tensor id; a tensor is there once its op is lowered. */
  readonly elements: (Elements | undefined)[];
  /** What the lowering now at work has left to do. */
  pending: { readonly id: TensorId; readonly emit: (o: number, y: Elements) => void } | null;
  /** Reports progress and stops if asked; called once in a while within long loops. */
  readonly checkpoint: () => void;
}

export function newElements(count: number): Elements {
  return { wires: new Int32Array(count), offsets: new Int32Array(count) };
}

export function tensorOf({ program }: Lowering, id: TensorId): ProgramTensor {
  return program.tensors[id]!;
}

export function elementsOf({ elements, program }: Lowering, id: TensorId): Elements {
  const found = elements[id];
  if (found === undefined) throw new ZkonnxError('ZK7001', { what: `tensor "${program.tensors[id]?.name}" is read before it is computed` });
  return found;
}

/**
 * Makes the output's elements, by `emit` for each one, which fills in wire and offset: the last that a lowering does, for it happens once the lowering has returned, in slices
 * between which the event loop may run. A layer of millions of elements can so be stopped.
 */
export function lowerElements(lowering: Lowering, id: TensorId, emit: (o: number, y: Elements) => void): void {
  if (lowering.pending !== null) throw new ZkonnxError('ZK7001', { what: 'a lowering makes two tensors at once' });
  lowering.pending = { id, emit };
}

/** Elements between two chances to stop. */
const sliceElements = 256;

/** Makes the elements that a lowering has announced. */
export function* pendingElements(lowering: Lowering, progress: StepProgress): Steps<void> {
  const { pending } = lowering;
  if (pending === null) return;
  lowering.pending = null;
  const y = newElements(tensorOf(lowering, pending.id).count);
  for (let o = 0; o < y.wires.length; o++) {
    if (o % sliceElements === sliceElements - 1) yield progress;
    lowering.api.element(o);
    pending.emit(o, y);
  }
  lowering.elements[pending.id] = y;
}

/** sum += factor·(element i). */
export function plusElement(sum: Sum, { wires, offsets }: Elements, i: number, factor: number): void {
  if (wires[i] !== ONE) plusWire(sum, wires[i]!, factor);
  sum.constant += factor * offsets[i]!;
}

/** A step form over an interval, made ready once. */
export interface ReadyStep {
  readonly form: StepForm;
  readonly step: Step;
}

export function readyStep(form: StepForm, low: number, high: number): ReadyStep {
  return { form, step: makeStep(form as Form, low, high) };
}

/** Element o of y becomes the step of acc; y's wires are offset by `low`. */
export function lowerStep(api: Api, { form, step }: ReadyStep, acc: Sum, low: number, y: Elements, o: number): void {
  if (step.kind === 'constant' || acc.length === 0) {
    y.offsets[o] = step.kind === 'constant' ? step.value : applyForm(form, acc.constant);
    return;
  }
  api.gadget('requantize');
  y.wires[o] = emitStep(api, step, acc, low);
  y.offsets[o] = low;
}
