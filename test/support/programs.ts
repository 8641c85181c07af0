/** Small programs from graph nodes, inputs for them, and the statement that their circuits compute what `evaluate` does. */
import { expect } from 'vitest';
import type { Graph, GraphNode, GraphValue, QDType } from '../../src/graph/graph.ts';
import { buildProgram } from '../../src/program/build.ts';
import { evaluate } from '../../src/program/evaluate.ts';
import type { Program } from '../../src/program/program.ts';
import { buildCircuit } from '../../src/r1cs/build.ts';
import { makeLayout } from '../../src/r1cs/layout.ts';
import { encodingLow } from '../../src/r1cs/signals.ts';
import { checkWitness } from '../../src/witness/check.ts';
import { generateWitness } from '../../src/witness/generate.ts';

export interface ValueSpec {
  readonly dims: readonly number[];
  readonly dtype?: QDType;
  readonly scale?: number;
  readonly zeroPoint?: number;
  readonly constant?: readonly number[];
}

export type NodeSpec = GraphNode extends infer N ? (N extends GraphNode ? Omit<N, 'name' | 'op'> : never) : never;

/** Values by position; the first `inputs` of them are the graph's inputs, the last one its output. */
export function programOf(specs: readonly ValueSpec[], nodes: readonly NodeSpec[], inputs = 1): Program {
  const values = specs.map(
    ({ dims, dtype = 'int8', scale = 0.05, zeroPoint = 0, constant }, id): GraphValue => ({
      id,
      name: `v${id}`,
      dtype,
      dims,
      quantization: dtype === 'int64' ? null : { scale: Math.fround(scale), zeroPoint },
      constant: constant === undefined ? null : Int32Array.from(constant),
    }),
  );
  const boundary = ({ id, dims }: GraphValue) => ({ name: `v${id}`, value: id, modelDType: values[id]!.dtype, dims });
  const graph: Graph = {
    profile: 'ort-fused',
    modelName: 'test',
    values,
    nodes: nodes.map((node, i) => ({ ...node, name: `node${i}`, op: node.kind }) as GraphNode),
    inputs: values.slice(0, inputs).map(boundary),
    outputs: [boundary(values.at(-1)!)],
  };
  return buildProgram(graph);
}

const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

/** Lowest, highest, zero point, alternating, and random inputs. */
export function samples(program: Program, count: number): Map<string, Int32Array>[] {
  const next = random(7);
  const of = (pick: (low: number, high: number, zero: number, i: number) => number) =>
    new Map(
      program.inputs.map(({ name, tensor }) => {
        const { low, high, zeroPoint, count: size } = program.tensors[tensor]!;
        return [name, Int32Array.from({ length: size }, (_, i) => pick(low, high, zeroPoint ?? 0, i))];
      }),
    );
  return [
    of((low) => low),
    of((_, high) => high),
    of((_low, _high, zero) => zero),
    of((low, high, _, i) => (i % 2 === 0 ? low : high)),
    ...Array.from({ length: count }, () => of((low, high) => low + Math.floor(next() * (high - low + 1)))),
    ...Array.from({ length: count }, () => of((low, high, zero) => Math.max(low, Math.min(high, zero + Math.floor(next() * 9) - 4)))),
  ];
}

const publicAll = (program: Program) => Object.fromEntries([...program.inputs, ...program.outputs].map(({ name }) => [name, 'public']));

export function circuitOf(program: Program, visibility: Readonly<Record<string, string>> = publicAll(program)) {
  return buildCircuit(program, makeLayout(program, { visibility }), 99n);
}

/** The witness satisfies every row, and its outputs are evaluate's, on all samples. */
export function expectExact(program: Program, count = 12): void {
  const circuit = circuitOf(program);
  for (const inputs of samples(program, count)) {
    const witness = generateWitness(circuit, { context: 3n, tensors: inputs, salts: new Map() });
    expect(checkWitness(circuit, witness)).toBeNull();
    const truth = evaluate(program, inputs);
    for (const [k, tensor] of circuit.layout.outputs.entries()) {
      const expected = Array.from(truth.get(program.outputs[k]!.tensor)!, (y) => y - encodingLow(tensor.dtype));
      const first = 1 + tensor.firstSignal;
      expect(Array.from(witness.small.subarray(first, first + tensor.elementCount))).toEqual(expected);
    }
  }
}

export const weightsOf = (dims: readonly number[], scales: readonly number[], seed = 1) => {
  const next = random(seed);
  return {
    dtype: 'int8' as const,
    dims,
    data: Int32Array.from({ length: dims.reduce((a, b) => a * b) }, () => Math.floor(next() * 255) - 127),
    scales: Float32Array.from(scales),
    zeroPoints: Int32Array.from(scales, () => 0),
  };
};
export const window2d = (kernel: number, stride: number, pad: number) =>
  ({ kernel: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad], dilations: [1, 1] }) as const;
