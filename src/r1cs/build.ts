/**
 * Program and layout → circuit: wires and rows for the boundary and each op, with names for every row. Deterministic; knows no input.
 * Reference: docs/signals.md (boundary), docs/circuits.md (gadgets).
 */
import { context, tag as tagRow } from '../../circuits/binding.ts';
import { throwIfAborted } from '../errors.ts';
import { type RunOptions, runSteps, type Steps } from '../events.ts';
import type { Program, ProgramOp } from '../program/program.ts';
import { CircuitBuilder } from './builder.ts';
import type { Circuit } from './circuit.ts';
import { CircuitCounter, type CircuitSize, type CircuitWriter } from './counter.ts';
import type { Layout } from './layout.ts';
import { lowerAdd } from './lower/add.ts';
import { lowerArgmax } from './lower/argmax.ts';
import { lowerAverage } from './lower/average.ts';
import { allocateInputs, bindTensor, checkInput, lazyAlgebra } from './lower/boundary.ts';
import { lowerCompare, lowerLogic, lowerSelect } from './lower/compare.ts';
import { lowerDotProduct } from './lower/dotproduct.ts';
import { lowerConstant, lowerGather } from './lower/gather.ts';
import { lowerLinear } from './lower/linear.ts';
import { elementsOf, type Lowering, pendingElements } from './lower/lowering.ts';
import { lowerMax, lowerMaxBeforeRequantize } from './lower/max.ts';
import { lowerMultiply } from './lower/multiply.ts';
import { lowerRequantize } from './lower/requantize.ts';
import { lowerSoftmax } from './lower/softmax.ts';
import { lowerTable } from './lower/table.ts';

import { lowerTopK } from './lower/topk.ts';

/**
 * @param tag the circuit's tag H (docs/signals.md), not 0.
 * @throws ZkonnxError ZK1006 if aborted.
 */
export function buildCircuit(program: Program, layout: Layout, tag: bigint, options: RunOptions = {}): Circuit {
  return runSteps(circuitSteps(program, layout, tag, options));
}

/** `buildCircuit`, op by op. */
export function* circuitSteps(program: Program, layout: Layout, tag: bigint, options: RunOptions = {}): Steps<Circuit> {
  const api = new CircuitBuilder();
  const inputs = yield* lowerProgram(api, program, layout, tag, options);
  return { ...api.finish(), layout, inputs };
}

/** How large the circuit would be: the same lowerings, and nothing kept. Time as of building it, memory for the program's elements alone. */
export function* countSteps(program: Program, layout: Layout, options: RunOptions = {}): Steps<CircuitSize> {
  const counter = new CircuitCounter();
  yield* lowerProgram(counter, program, layout, 1n, options);
  return counter;
}

function* lowerProgram(api: CircuitWriter, program: Program, layout: Layout, tag: bigint, options: RunOptions): Steps<Circuit['inputs']> {
  const lowering: Lowering = { api, program, elements: [], pending: null, checkpoint: () => throwIfAborted(options.signal, 'circuit') };
  const algebra = lazyAlgebra();
  const inputs = allocateInputs(lowering, layout);
  const saltOf = (name: string, role: string) => inputs.salts.find((salt) => salt.name === name && salt.role === role)?.wire;

  api.layer('boundary');
  api.gadget('context');
  context(api, inputs.contextWire);
  api.gadget('tag');
  tagRow(api, tag);
  layout.inputs.forEach((tensor, k) => {
    checkInput(lowering, layout, k);
    bindTensor(lowering, tensor, elementsOf(lowering, program.inputs[k]!.tensor), saltOf(tensor.name, 'input'), algebra);
  });
  yield* lowerOps(lowering);
  layout.outputs.forEach((tensor, k) => {
    bindTensor(lowering, tensor, elementsOf(lowering, program.outputs[k]!.tensor), saltOf(tensor.name, 'output'), algebra);
  });
  return inputs;
}

function* lowerOps(lowering: Lowering): Steps<void> {
  const { ops } = lowering.program;
  const makers = new Map(ops.map((op) => [op.y, op]));
  const deferred = new Set(ops.filter((op) => op.kind === 'max' && op.beforeRequantize).map((op) => (op as ProgramOp & { kind: 'max' }).x));
  for (const [done, op] of ops.entries()) {
    const progress = { done, total: ops.length, note: op.layer };
    yield progress;
    lowering.api.layer(op.layer);
    if (deferred.has(op.y)) continue;
    lowerOp(lowering, op, makers);
    yield* pendingElements(lowering, progress);
  }
}

function lowerOp(lowering: Lowering, op: ProgramOp, makers: ReadonlyMap<number, ProgramOp>): void {
  switch (op.kind) {
    case 'linear':
      lowerLinear(lowering, op);
      break;
    case 'dotproduct':
      lowerDotProduct(lowering, op);
      break;
    case 'requantize':
      lowerRequantize(lowering, op);
      break;
    case 'table':
      lowerTable(lowering, op);
      break;
    case 'max': {
      const maker = makers.get(op.x);
      if (op.beforeRequantize && maker?.kind === 'requantize') lowerMaxBeforeRequantize(lowering, op, maker);
      else lowerMax(lowering, op);
      break;
    }
    case 'add':
      lowerAdd(lowering, op);
      break;
    case 'multiply':
      lowerMultiply(lowering, op);
      break;
    case 'average':
      lowerAverage(lowering, op);
      break;
    case 'gather':
      lowerGather(lowering, op);
      break;
    case 'constant':
      lowerConstant(lowering, op);
      break;
    case 'compare':
      lowerCompare(lowering, op);
      break;
    case 'logic':
      lowerLogic(lowering, op);
      break;
    case 'select':
      lowerSelect(lowering, op);
      break;
    case 'topk':
      lowerTopK(lowering, op);
      break;
    case 'softmax':
      lowerSoftmax(lowering, op);
      break;
    case 'argmax':
      lowerArgmax(lowering, op);
      break;
    default:
      op satisfies never;
  }
}
