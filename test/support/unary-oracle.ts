/** A function of one tensor beside onnxruntime-web: all 256 integers of x, every element of y. */
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { run } from '../../src/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type ModelParts, model, type Quantization, qdq, value } from './onnx-builder.ts';
import { ortSession } from './ort.ts';
import { channels, type UnaryCase } from './unary-cases.ts';

const dims = [1, channels, 256];
const lowOf = (dtype: string) => (dtype === 'int8' ? -128 : 0);

/** x → Q/DQ → the case → Q/DQ. */
export function unaryModel({ parts, opset }: UnaryCase, x: Quantization, y: Quantization): ModelParts {
  return {
    parts: [qdq('x', x), ...parts, qdq('y', y)],
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y_dq', 'float32', null)],
    opset,
  };
}

/** Every integer of the type in every channel, as its own float. */
export function everyInteger({ scale, zeroPoint, dtype }: Quantization): Record<string, Tensor> {
  const data = Float32Array.from({ length: 256 * channels }, (_, i) =>
    Math.fround(((i % 256) + lowOf(dtype) - zeroPoint) * Math.fround(scale)),
  );
  return { x: { dtype: 'float32', dims, data } };
}

export interface Difference {
  readonly i: number;
  readonly mine: number;
  readonly ort: number;
}

/** Elements of y where `evaluate` and the runtime differ. */
export async function differences(unary: UnaryCase, x: Quantization, y: Quantization): Promise<Difference[]> {
  const file = model(unaryModel(unary, x, y));
  const feeds = everyInteger(x);
  const mine = (await run(buildProgram(buildGraph(decodeModel(file))), feeds)).y_dq!.data;
  const session = await ortSession(file);
  const ort = (await session.run(feeds)).y_dq!.data;
  await session.release();
  return Array.from({ length: ort.length }, (_, i) => ({ i, mine: Number(mine[i]), ort: Number(ort[i]) })).filter((d) => d.mine !== d.ort);
}

/** Numbers in [0, 1) from a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const edges = [2 ** -10, 2 ** -7, 2 ** -4, 0.25, 1, 1 / 256, 1 / 255, 0.1, 0.05, 0.01, 0.02];

/** Parameters of x and y from a stream of numbers in [0, 1): scales log-uniform, powers of two and round; zero points anywhere and at the ends. */
export function randomPair(next: () => number, { domain }: UnaryCase): { readonly x: Quantization; readonly y: Quantization } {
  const dtype = next() < 0.5 ? ('int8' as const) : ('uint8' as const);
  const scale = (least: number, most: number) =>
    Math.fround(next() < 0.3 ? edges[Math.floor(next() * edges.length)]! : least * (most / least) ** next());
  const zero = () => {
    const kind = next();
    return lowOf(dtype) + (kind < 0.1 ? 0 : kind < 0.2 ? 255 : kind < 0.4 ? 128 : Math.floor(next() * 256));
  };
  return {
    x: { dtype, scale: scale(0.002, 0.3), zeroPoint: domain === 'positive' ? lowOf(dtype) : zero() },
    y: { dtype, scale: scale(0.001, 0.3), zeroPoint: zero() },
  };
}
