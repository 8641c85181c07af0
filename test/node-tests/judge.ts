/**
 * One node test through graph, program, `evaluate` and, where it is small, the circuit. In: the test. Out: passed, or unsupported with the reason, or
 * failed with what differs.
 *
 * Integer tests are run as they are, shapes and scales made constants. Movement operators and those that keep an order are run on the ranks of the elements,
 * whatever their type, and compared bit for bit. Float tests get a Q/DQ pair on every input and output: the result is compared with the float operator on the same numbers
 * (onnxruntime-web, itself held to the test's expected output) within one quantization step, and bit for bit with onnxruntime-web on the quantized model.
 */
import { ZkonnxError } from '../../src/errors.ts';
import { buildGraph } from '../../src/graph/build.ts';
import { newDraft } from '../../src/graph/draft.ts';
import { bindInputs } from '../../src/graph/passes/bind-inputs.ts';
import { translate } from '../../src/graph/passes/translate.ts';
import type { Unsupported } from '../../src/graph/report.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import type { Program } from '../../src/program/program.ts';
import { run } from '../../src/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { circuitOutcome } from '../support/circuit-outputs.ts';
import { ortRun } from '../support/ort.ts';
import type { DataSet, NodeTest } from './folder.ts';
import {
  initializer,
  inputInfo,
  type NamedTensor,
  rankTensor,
  rewritten,
  type TestInput,
  testInputs,
  withParametersConstant,
  wrapped,
} from './rewrite.ts';
import { isMovement, keepsOrder } from './roles.ts';

export type Verdict =
  | { readonly outcome: 'passed'; readonly how: 'integers' | 'ranks' | 'constants' | 'quantized' }
  | { readonly outcome: 'unsupported' | 'failed'; readonly why: string };

/** Elements of all tensors up to which the circuit is built too. */
const circuitLimit = 2000;

class NotSupported extends Error {}
class Failed extends Error {}

/** Sets whatever `make` throws as a typed refusal apart from what it should not throw. */
function supported<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ZkonnxError) || error.code.startsWith('ZK7')) throw error;
    const [entry] = error.code === 'ZK3001' ? (error.details as Unsupported[]) : [];
    throw new NotSupported(entry === undefined ? error.message : `${entry.op}: ${entry.why}`);
  }
}

function programOf(model: Uint8Array): Program {
  return supported(() => buildProgram(buildGraph(decodeModel(model))));
}

function describe(t: Tensor): string {
  return `${t.dtype} [${t.dims.join(', ')}]`;
}

function sameNumber(a: number | bigint, b: number | bigint): boolean {
  return Object.is(a, b) || a === b;
}

function expectEqual(what: string, mine: Tensor | undefined, expected: Tensor): void {
  if (mine === undefined) throw new Failed(`${what}: no such output`);
  if (describe(mine) !== describe(expected)) throw new Failed(`${what} is ${describe(mine)}, expected ${describe(expected)}`);
  const at = Array.from(expected.data.keys()).find((i) => !sameNumber(mine.data[i]!, expected.data[i]!));
  if (at !== undefined) throw new Failed(`${what}[${at}] is ${mine.data[at]}, expected ${expected.data[at]}`);
}

function checkCircuit(program: Program, feeds: Readonly<Record<string, Tensor>>): void {
  const elements = program.tensors.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0);
  if (elements > circuitLimit) return;
  const { violation, differing } = supported(() => circuitOutcome(program, feeds));
  if (violation !== null) throw new Failed(`the witness violates ${JSON.stringify(violation)}`);
  if (differing.length > 0) throw new Failed(`the circuit puts out ${JSON.stringify(differing[0])}`);
}

function named(test: NodeTest, outputs: readonly Tensor[]): NamedTensor[] {
  return outputs.map((tensor, i) => ({ name: test.proto.graph!.output![i]!.name!, tensor }));
}

/** Outputs that are known without the data: shapes, sizes, constants. */
function judgeConstants(test: NodeTest, inputs: readonly TestInput[], outputs: readonly NamedTensor[]): void {
  // Types of data that no proof takes matter to no constant.
  const bytes = rewritten(test, {
    inputs: inputs.filter((input) => input.role === 'data').map((input) => inputInfo(input, 'float32')),
    outputs: outputs.map((output) => inputInfo(output)),
    initializers: inputs.filter((input) => input.role !== 'data').map(initializer),
  });
  const draft = supported(() => newDraft(decodeModel(bytes)));
  bindInputs(draft);
  translate(draft);
  const found = outputs.map(({ name }) => draft.meanings.get(name));
  if (!found.every((meaning) => meaning?.kind === 'constant')) throw new NotSupported('its outputs depend on its data');
  found.forEach((meaning, i) => {
    if (meaning?.kind === 'constant') expectEqual(outputs[i]!.name, meaning.tensor, outputs[i]!.tensor);
  });
}

/** As it is: inputs are integers, or floats that the model's own QuantizeLinear reads. */
async function judgeIntegers(test: NodeTest, inputs: readonly TestInput[], outputs: readonly NamedTensor[]): Promise<void> {
  const program = programOf(withParametersConstant(test, inputs, outputs));
  const feeds = Object.fromEntries(inputs.filter((i) => i.role === 'data').map(({ name, tensor }) => [name, tensor]));
  const mine = await run(program, feeds);
  for (const { name, tensor } of outputs) expectEqual(name, mine[name], tensor);
  checkCircuit(program, feeds);
}

/** Whether the test moves this input's elements. */
function isMoved({ role, op, position }: TestInput): boolean {
  return role === 'data' || (op === 'Pad' && position === 2);
}

/** On ranks instead of elements: one byte of the rank at a time. */
async function judgeRanks(test: NodeTest, inputs: readonly TestInput[], outputs: readonly NamedTensor[]): Promise<void> {
  const ordered = test.proto.graph!.node!.some((node) => keepsOrder(node.opType ?? ''));
  const moved = inputs.filter(isMoved);
  const values = [...new Set([...moved.flatMap(({ tensor }) => Array.from(tensor.data as ArrayLike<number | bigint>)), 0, 0n])]
    .filter((v) => typeof v === typeof (moved[0]?.tensor.data[0] ?? 0))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (ordered && (values.length > 256 || values.some((v) => Number.isNaN(v))))
    throw new NotSupported('more than 256 different numbers to compare');
  const ranks = new Map(values.map((v, rank) => [v, rank]));
  // Without a fill value, a Pad's is the integer 0.
  const zero = ranks.get(0) ?? ranks.get(0n) ?? 0;
  const shifted = new Map([...ranks].map(([v, rank]) => [v, ordered ? rank : (rank - zero + values.length) % values.length]));
  const back = new Map([...shifted].map(([v, rank]) => [rank, v]));
  const digits = values.length > 256 ? 2 : 1;
  const movedType = moved[0]?.tensor.dtype;
  const sums = new Map<string, { dims: readonly number[]; data: number[] }>();
  for (let digit = 0; digit < digits; digit++) {
    const asRanks = (t: NamedTensor) => ({ name: t.name, tensor: rankTensor(t.tensor, shifted, digit) });
    const constants = inputs.filter((input) => input.role !== 'data').map((input) => (isMoved(input) ? asRanks(input) : input));
    const data = inputs.filter((input) => input.role === 'data').map(asRanks);
    const model = rewritten(test, {
      inputs: data.map((input) => inputInfo(input)),
      outputs: outputs.map((o) => inputInfo(o, o.tensor.dtype === movedType ? 'uint8' : o.tensor.dtype)),
      initializers: constants.map(initializer),
    });
    const program = programOf(model);
    const feeds = Object.fromEntries(data.map(({ name, tensor }) => [name, tensor]));
    const mine = await run(program, feeds);
    if (digit === 0) checkCircuit(program, feeds);
    for (const { name, tensor } of outputs) {
      const found = mine[name]!;
      if (found.dtype !== 'uint8') {
        expectEqual(name, found, tensor);
        continue;
      }
      const before = sums.get(name)?.data;
      const now = Array.from(found.data as Uint8Array, (byte, i) => (before?.[i] ?? 0) + byte * 256 ** digit);
      sums.set(name, { dims: found.dims, data: now });
    }
  }
  for (const { name, tensor } of outputs) {
    const sum = sums.get(name);
    if (sum === undefined) continue;
    if (sum.dims.join() !== tensor.dims.join())
      throw new Failed(`${name} has shape [${sum.dims.join(', ')}], expected ${describe(tensor)}`);
    const at = sum.data.findIndex((rank, i) => !sameNumber(back.get(rank)!, tensor.data[i]!));
    if (at >= 0) throw new Failed(`${name}[${at}] is ${back.get(sum.data[at]!)}, expected ${tensor.data[at]}`);
  }
}

async function fromRuntime(model: Uint8Array, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor> | null> {
  try {
    return await ortRun(model, feeds);
  } catch {
    return null;
  }
}

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-4 + 2e-3 * Math.abs(b);

/** Between Q/DQ pairs. */
async function judgeQuantized(
  test: NodeTest,
  inputs: readonly TestInput[],
  outputs: readonly NamedTensor[],
  dtype: 'uint8' | 'int8',
): Promise<void> {
  const w = wrapped(test, inputs, outputs, dtype);
  const program = programOf(w.model);
  const asGiven = await fromRuntime(
    rewritten(test, { inputs: [], outputs: outputs.map((o) => inputInfo(o)), initializers: inputs.map(initializer) }),
    {},
  );
  const reference = await fromRuntime(w.reference, {});
  if (asGiven === null || reference === null)
    throw new NotSupported('onnxruntime-web does not run the float test: nothing to compare with');
  const mine = await run(program, w.feeds);
  for (const { name, tensor } of outputs) {
    const { name: mineName, scale, low, high } = w.outputs.get(name)!;
    const found = mine[mineName]!;
    if (describe(found) !== describe(tensor)) throw new Failed(`${name} is ${describe(found)}, expected ${describe(tensor)}`);
    for (let i = 0; i < tensor.data.length; i++) {
      const [expected, given, ours] = [Number(tensor.data[i]), Number(asGiven[name]!.data[i]), Number(found.data[i])];
      if (!near(given, expected)) throw new Failed(`${name}[${i}]: onnxruntime-web has ${given}, the test ${expected}`);
      const wanted = scale === 0 ? Number(reference[name]!.data[i]) : Math.min(Math.max(Number(reference[name]!.data[i]), low), high);
      if (Math.abs(ours - wanted) > scale * 1.001) throw new Failed(`${name}[${i}] is ${ours}, expected ${wanted} within ${scale}`);
    }
  }
  const runtime = await fromRuntime(w.model, w.feeds);
  if (runtime !== null)
    for (const { name } of w.outputs.values())
      expectEqual(`${name}, beside onnxruntime-web on the same model,`, mine[name], runtime[name]!);
  checkCircuit(program, w.feeds);
}

async function judgeSet(test: NodeTest, set: DataSet): Promise<Verdict> {
  const outputs = named(test, set.outputs);
  const ops = (test.proto.graph?.node ?? []).map((node) => node.opType ?? '');
  const [asData, asConstants] = [false, true].map((constants) => testInputs(test, set.inputs, constants)) as [TestInput[], TestInput[]];
  if ([...set.inputs, ...set.outputs].some(({ data }) => data.length === 0))
    return { outcome: 'unsupported', why: 'a tensor without elements' };
  const ways: [how: 'constants' | 'integers' | 'ranks' | 'quantized', judge: () => Promise<void>][] = [];
  ways.push(['constants', async () => judgeConstants(test, asData, outputs)]);
  if (ops.every((op) => isMovement(op) || keepsOrder(op))) ways.push(['ranks', () => judgeRanks(test, asData, outputs)]);
  ways.push(['integers', () => judgeIntegers(test, asData, outputs)]);
  ways.push(['integers', () => judgeIntegers(test, asConstants, outputs)]);
  if ([...set.inputs, ...set.outputs].some(({ dtype }) => dtype === 'float32')) {
    for (const inputs of [asData, asConstants]) {
      ways.push([
        'quantized',
        async () => {
          for (const dtype of ['uint8', 'int8'] as const) await judgeQuantized(test, inputs, outputs, dtype);
        },
      ]);
    }
  }
  const reasons: string[] = [];
  for (const [how, judge] of ways) {
    try {
      await judge();
      return { outcome: 'passed', how };
    } catch (error) {
      if (error instanceof NotSupported) reasons.push(error.message);
      else
        return { outcome: 'failed', why: `${how}: ${error instanceof Failed ? error.message : ((error as Error).stack ?? String(error))}` };
    }
  }
  return { outcome: 'unsupported', why: reasons.at(-1)! };
}

export async function judge(test: NodeTest): Promise<Verdict> {
  if (test.sets.length === 0) return { outcome: 'unsupported', why: 'it has no data' };
  let verdict: Verdict | null = null;
  for (const set of test.sets) {
    verdict = await judgeSet(test, set);
    if (verdict.outcome !== 'passed') return verdict;
  }
  return verdict!;
}
