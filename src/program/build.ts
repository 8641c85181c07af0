/**
 * Graph → Program: one lowering per node kind, then passes over the ops, then the verifier.
 * Reference: docs/circuits.md §1 (bounds), docs/onnx-semantics.md (rules).
 */
import { ZkonnxError } from '../errors.ts';
import { runSteps, type Steps } from '../events.ts';
import { overflowAdvice } from '../graph/advice.ts';
import type { Boundary, Graph, GraphNode, QDType } from '../graph/graph.ts';
import { throwUnsupported, type Unsupported } from '../graph/report.ts';
import { elementCount } from '../tensor/tensor.ts';
import { addOutput, addTensor, type Draft, dtypeRange, type Intervals, newDraft, newIntervals, tensorOf } from './draft.ts';
import { lowerBinary } from './lower/add.ts';
import { lowerArgMax } from './lower/argmax.ts';
import { lowerAveragePool } from './lower/averagepool.ts';
import { lowerCombine } from './lower/combine.ts';
import { lowerCompare, lowerLogic, lowerWhere } from './lower/compare.ts';
import { lowerConv } from './lower/conv.ts';
import { lowerDotProduct } from './lower/dotproduct.ts';
import { lowerGlobalAveragePool } from './lower/globalaveragepool.ts';
import { lowerMatMul } from './lower/matmul.ts';
import { lowerExtremum, lowerMaxPool, lowerReduce } from './lower/maxpool.ts';
import { lowerConcat, lowerGather, lowerReshape, lowerTranspose } from './lower/movement.ts';
import { lowerReduceSum } from './lower/reducesum.ts';
import { lowerRequantize } from './lower/requantize.ts';
import { lowerScaled } from './lower/scaled.ts';
import { lowerShift } from './lower/shift.ts';
import { lowerSoftmax } from './lower/softmax.ts';
import { lowerTable } from './lower/table.ts';
import { lowerTopK } from './lower/topk.ts';
import { maxBeforeRequantize } from './passes/max-before-requantize.ts';
import type { Program, ProgramBoundary } from './program.ts';
import { NoExactForm } from './steps/no-exact-form.ts';
import { verifyProgram } from './verify.ts';

/** One that takes long is done in steps. */
type Lowerings = { readonly [Kind in GraphNode['kind']]: (draft: Draft, node: GraphNode & { readonly kind: Kind }) => Steps<void> | void };

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
  scaled: lowerScaled,
  shift: lowerShift,
  combine: lowerCombine,
  reshape: lowerReshape,
  transpose: lowerTranspose,
  gather: lowerGather,
  concat: lowerConcat,
  argmax: lowerArgMax,
  softmax: lowerSoftmax,
  topk: lowerTopK,
  compare: lowerCompare,
  logic: lowerLogic,
  where: lowerWhere,
  reducesum: lowerReduceSum,
};

/** Passes over the finished ops, in this order. */
const passes: readonly { readonly name: string; readonly run: (program: Program) => Program }[] = [
  { name: 'max-before-requantize', run: maxBeforeRequantize },
];

/** @throws ZkonnxError ZK3002 where an accumulator can leave int32, ZK3003 where a rule has no exact form; ZK3001 with all of them where there are several. */
export function buildProgram(graph: Graph): Program {
  return runSteps(programSteps(graph));
}

/** `buildProgram`, node by node. */
export function* programSteps(graph: Graph): Steps<Program> {
  const draft = newDraft(graph);
  const failures: Failure[] = [];
  for (const input of graph.inputs) addInput(draft, input);
  for (const [done, node] of graph.nodes.entries()) {
    yield { done, total: graph.nodes.length, note: node.name };
    const failure = yield* lower(draft, node);
    if (failure !== null) failures.push(failure);
  }
  if (failures.length === 1) throw failures[0]!.error;
  if (failures.length > 1) {
    throwUnsupported(
      failures.map(({ entry }) => entry),
      graph.nodes.length,
    );
  }
  const boundary = ({ name, value, modelDType, dims }: Boundary): ProgramBoundary => ({
    name,
    tensor: tensorOf(draft, value),
    modelDType,
    dims,
  });
  let program: Program = {
    profile: graph.profile,
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

/** A node that cannot be proven: its line of the report, and the error that says it alone. */
interface Failure {
  readonly entry: Unsupported;
  readonly error: ZkonnxError;
}

/** Lowers a node; what stands in its way is told, and its output taken for any integers, so that those behind it are looked at as well. */
function* lower(draft: Draft, node: GraphNode): Steps<Failure | null> {
  try {
    const work = (lowerings[node.kind] as (draft: Draft, node: GraphNode) => Steps<void> | void)(draft, node);
    if (work) yield* work;
    return null;
  } catch (error) {
    const failure = failureOf(draft, node, error);
    if (!draft.tensorOfValue.has(node.y))
      addOutput(draft, node, allIntegers(draft.graph.values[node.y].dims, draft.graph.values[node.y].dtype));
    return failure;
  }
}

function failureOf(draft: Draft, node: GraphNode, error: unknown): Failure {
  const { dims } = draft.graph.values[node.y];
  const at = { node: node.name, op: node.op, domain: '', opset: 0, shape: dims };
  if (error instanceof NoExactForm) {
    const entry = { ...at, why: `it has no exact integer form that we know: ${error.message}`, whatToDo: error.hint };
    const params = { node: node.name, op: node.op, what: error.message, hint: error.hint };
    return { entry, error: new ZkonnxError('ZK3003', params, { cause: error, details: [entry] }) };
  }
  if (error instanceof ZkonnxError && error.code === 'ZK3002') {
    const entry = { ...at, ...overflowAdvice(Number(error.params.bound)) };
    return { entry, error: new ZkonnxError('ZK3002', error.params, { details: [entry] }) };
  }
  throw error;
}

/** A model input may hold any value of its type: the circuit proves no more. */
function addInput(draft: Draft, { value: id, name }: Boundary): void {
  if (draft.tensorOfValue.has(id)) return;
  const value = draft.graph.values[id];
  if (value.dtype === 'int64') throw new ZkonnxError('ZK7001', { what: `input "${name}" is int64` });
  draft.tensorOfValue.set(id, addTensor(draft, value, allIntegers(value.dims, value.dtype)));
}

/** The intervals of a tensor that may hold any integer of its type. */
function allIntegers(dims: readonly number[], dtype: QDType): Intervals {
  const { min, max } = dtypeRange(dtype);
  const intervals = newIntervals(elementCount(dims));
  intervals.lows.fill(min);
  intervals.highs.fill(max);
  return intervals;
}
