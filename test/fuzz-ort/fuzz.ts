/**
 * Random quantized models of one operator: `evaluate()` beside onnxruntime-web, and the circuit's witness beside `evaluate()` on a share of them.
 * Each case has a seed of its own, which makes it again.
 */
import { ZkonnxError } from '../../src/errors.ts';
import { buildGraph } from '../../src/graph/build.ts';
import { rangeOf } from '../../src/graph/quantization.ts';
import type { Unsupported } from '../../src/graph/report.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { run } from '../../src/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { circuitOutcome } from '../support/circuit-outputs.ts';
import { model } from '../support/onnx-builder.ts';
import { type OrtSession, ortSession } from '../support/ort.ts';
import { Draft, elements, type FuzzInput, type Generator } from './draft.ts';
import { Random } from './random.ts';

const fl = Math.fround;

export interface FuzzResult {
  readonly op: string;
  cases: number;
  /** Output elements compared. */
  elements: number;
  mismatches: number;
  /** Models that zkonnx, or onnxruntime-web, refuses, and the first reason. */
  refused: number;
  reason: string | null;
  /** Models that were lowered to a circuit, and output elements compared there. */
  circuits: number;
  circuitElements: number;
  /** In steps of the output's quantization. */
  largestDeviation: number;
  /** What makes the cases that differ again: their seeds. */
  readonly replays: string[];
}

export interface FuzzOptions {
  readonly elements: number;
  readonly seed: number;
  /** One case in so many goes through the circuit. */
  readonly circuitEvery: number;
  /** Inputs given to each model. */
  readonly runs: number;
  /** Whose answers are compared; `run` unless a test of the fuzzer itself says otherwise. */
  readonly answer?: typeof run;
}

/** Floats that are quantized to all kinds of integers: exact values, half steps (where the boundary ties), values out of range. */
function feed(random: Random, { dims, q }: FuzzInput): Tensor {
  const [low, high] = rangeOf(q.dtype);
  const length = elements(dims);
  // Where there is room for every integer, every integer comes first.
  const offset = random.int(0, 255);
  const integerAt = (i: number) => (length >= 256 && i % 512 < 256 ? low + ((i + offset) % 256) : random.integer(q.dtype, q.zeroPoint));
  const data = Float32Array.from({ length }, (_, i) => {
    const exact = fl((integerAt(i) - q.zeroPoint) * q.scale);
    if (i % 512 < 256 || random.chance(0.8)) return exact;
    return random.chance(0.5)
      ? fl((random.int(low - 3, high + 3) + 0.5 - q.zeroPoint) * q.scale)
      : exact + fl((random.unit() - 0.5) * q.scale);
  });
  return { dtype: 'float32', dims, data };
}

/** Seeds of the cases of an op, from the run's seed. */
export function caseSeed(op: string, seed: number, index: number): number {
  let hash = seed ^ 0x9e3779b9;
  for (const char of `${op}:${index}`) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}

/** The model of a case, for looking at it. */
export function caseModel(generate: Generator, seed: number, small: boolean): Uint8Array {
  return model(generate(new Draft(new Random(seed), small)).parts);
}

async function runCase(
  generate: Generator,
  seed: number,
  small: boolean,
  { runs, answer = run }: Pick<FuzzOptions, 'runs' | 'answer'>,
  result: FuzzResult,
): Promise<void> {
  const random = new Random(seed);
  const { parts, inputs, steps } = generate(new Draft(random, small));
  const file = model(parts);
  result.cases++;
  let program: ReturnType<typeof buildProgram>;
  try {
    program = buildProgram(buildGraph(decodeModel(file)));
  } catch (error) {
    if (!(error instanceof ZkonnxError) || error.code.startsWith('ZK7')) throw new Error(`case ${seed} of ${result.op}`, { cause: error });
    result.refused++;
    const details = error.code === 'ZK3001' ? (error.details as Unsupported[])[0] : undefined;
    result.reason ??= details === undefined ? error.message : `${details.op}: ${details.why}`;
    return;
  }
  let session: OrtSession;
  try {
    session = await ortSession(file);
  } catch (error) {
    // Its shape inference disagrees with itself on some pools with ceil_mode.
    result.refused++;
    result.reason ??= `by onnxruntime-web: ${(error as Error).message}`;
    return;
  }
  let wrong = false;
  for (let k = 0; k < runs; k++) {
    const feeds = Object.fromEntries(inputs.map((input) => [input.name, feed(random, input)]));
    const [expected, mine] = [await session.run(feeds), await answer(program, feeds)];
    for (const [name, { data, dims }] of Object.entries(expected)) {
      const ours = mine[name]!;
      if (ours.dims.join() !== dims.join()) throw new Error(`case ${seed} of ${result.op}: shape [${ours.dims}], not [${dims}]`);
      result.elements += data.length;
      for (let i = 0; i < data.length; i++) {
        if (data[i] === ours.data[i]) continue;
        result.mismatches++;
        wrong = true;
        result.largestDeviation = Math.max(result.largestDeviation, Math.abs(Number(data[i]) - Number(ours.data[i])) / steps.get(name)!);
      }
    }
    if (small && k === 0) {
      const { violation, differing } = circuitOutcome(program, feeds);
      result.circuits++;
      result.circuitElements += program.outputs.reduce((sum, { dims }) => sum + elements(dims), 0);
      if (violation !== null || differing.length > 0) {
        result.mismatches += Math.max(1, differing.length);
        wrong = true;
      }
    }
  }
  await session.release();
  if (wrong) result.replays.push(`--case ${seed}${small ? ' --small' : ''}`);
}

/** An empty result. */
export function newResult(op: string): FuzzResult {
  const counts = { cases: 0, elements: 0, mismatches: 0, refused: 0, circuits: 0, circuitElements: 0, largestDeviation: 0 };
  return { op, ...counts, reason: null, replays: [] };
}

/** Cases of one op until `elements` outputs have been compared, or none of 200 cases is supported. */
export async function fuzzOp(op: string, generate: Generator, options: FuzzOptions): Promise<FuzzResult> {
  const result = newResult(op);
  for (let index = 0; result.elements < options.elements; index++) {
    const small = index % options.circuitEvery === 0;
    await runCase(generate, caseSeed(op, options.seed, index), small, small ? { ...options, runs: 1 } : options, result);
    if (result.refused === result.cases && result.cases === 200) break;
  }
  return result;
}

/** No mismatch; or, where the profile's formula is its own, none of more than a step, and few. */
export function isWithin({ elements, mismatches, largestDeviation }: FuzzResult, oneStep: boolean): boolean {
  return mismatches === 0 || (oneStep && largestDeviation < 1.001 && mismatches < elements / 4);
}

/** One case again. */
export async function replay(
  op: string,
  generate: Generator,
  seed: number,
  small: boolean,
  options: Pick<FuzzOptions, 'runs' | 'answer'>,
): Promise<FuzzResult> {
  const result = newResult(op);
  await runCase(generate, seed, small, options, result);
  return result;
}
