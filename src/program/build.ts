/**
 * Graph → Program: one lowering per node kind, then passes over the ops, then the verifier.
 * Reference: docs/circuits.md §1 (bounds), docs/onnx-semantics.md (rules).
 */
import { ZkonnxError } from '../errors.ts';
import { runSteps, type Steps } from '../events.ts';
import type { Boundary, Graph, GraphNode } from '../graph/graph.ts';
import { addTensor, type Draft, dtypeRange, newDraft, newIntervals, tensorOf } from './draft.ts';
import { lowerBinary } from './lower/add.ts';
import { lowerArgMax } from './lower/argmax.ts';
import { lowerAveragePool } from './lower/averagepool.ts';
import { lowerConv } from './lower/conv.ts';
import { lowerDotProduct } from './lower/dotproduct.ts';
import { lowerGlobalAveragePool } from './lower/globalaveragepool.ts';
import { lowerMatMul } from './lower/matmul.ts';
import { lowerExtremum, lowerMaxPool, lowerReduce } from './lower/maxpool.ts';
import { lowerConcat, lowerGather, lowerReshape, lowerTranspose } from './lower/movement.ts';
import { lowerRequantize } from './lower/requantize.ts';
import { lowerTable } from './lower/table.ts';
import { maxBeforeRequantize } from './passes/max-before-requantize.ts';
import type { Program, ProgramBoundary } from './program.ts';
import { NoExactForm } from './steps/no-exact-form.ts';
import { verifyProgram } from './verify.ts';

type Lowerings = { readonly [Kind in GraphNode['kind']]: (draft: Draft, node: GraphNode & { readonly kind: Kind }) => void };

/** One row per node kind. */
const lowerings: Lowerings = {
  conv: lowerConv,
  matmul: lowerMatMul,
  dotproduct: lowerDotProduct,
  add: lowerBinary,
  subtract: lowerBinary,
  multiply: lowerBinary,
  maxpool: lowerMaxPool,
  extremum: lowerExtremum,
  reduce: lowerReduce,
  averagepool: lowerAveragePool,
  globalaveragepool: lowerGlobalAveragePool,
  requantize: lowerRequantize,
  table: lowerTable,
  reshape: lowerReshape,
  transpose: lowerTranspose,
  gather: lowerGather,
  concat: lowerConcat,
  argmax: lowerArgMax,
};

/** Passes over the finished ops, in this order. */
const passes: readonly { readonly name: string; readonly run: (program: Program) => Program }[] = [
  { name: 'max-before-requantize', run: maxBeforeRequantize },
];

/** @throws ZkonnxError ZK3002 where an accumulator can leave int32, ZK3003 where a rule has no exact form. */
export function buildProgram(graph: Graph): Program {
  return runSteps(programSteps(graph));
}

/** `buildProgram`, node by node. */
export function* programSteps(graph: Graph): Steps<Program> {
  const draft = newDraft(graph);
  for (const input of graph.inputs) addInput(draft, input);
  for (const [done, node] of graph.nodes.entries()) {
    yield { done, total: graph.nodes.length, note: node.name };
    lower(draft, node);
  }
  const boundary = ({ name, value, modelDType, dims }: Boundary): ProgramBoundary => ({
    name,
    tensor: tensorOf(draft, value),
    modelDType,
    dims,
  });
  let program: Program = {
    profile: 'ort-fused',
    modelName: graph.modelName,
    tensors: draft.tensors,
    ops: draft.ops,
    inputs: graph.inputs.map(boundary),
    outputs: graph.outputs.map(boundary),
  };
  for (const pass of passes) program = pass.run(program);
  verifyProgram(program);
  return program;
}

function lower(draft: Draft, node: GraphNode): void {
  try {
    (lowerings[node.kind] as (draft: Draft, node: GraphNode) => void)(draft, node);
  } catch (error) {
    if (!(error instanceof NoExactForm)) throw error;
    throw new ZkonnxError('ZK3003', { node: node.name, op: node.op, what: error.message, hint: error.hint }, { cause: error });
  }
}

/** A model input may hold any value of its type: the circuit proves no more. */
function addInput(draft: Draft, { value: id, name }: Boundary): void {
  if (draft.tensorOfValue.has(id)) return;
  const value = draft.graph.values[id];
  const { min, max } = dtypeRange(value.dtype);
  if (value.dtype === 'int64') throw new ZkonnxError('ZK7001', { what: `input "${name}" is int64` });
  const intervals = newIntervals(value.dims.reduce((a, b) => a * b, 1));
  intervals.lows.fill(min);
  intervals.highs.fill(max);
  draft.tensorOfValue.set(id, addTensor(draft, value, intervals));
}
