/**
 * Every op of a program, lowered: on boundary and random inputs the witness satisfies all rows and gives what `evaluate` gives; inputs out of range have no witness; every
 * visibility gives the signals of docs/signals.md.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { poseidonConstants } from '../../circuits/poseidon/grain.ts';
import { commitmentHash } from '../../circuits/poseidon/hash.ts';
import { ZkonnxError } from '../../src/errors.ts';
import type { Graph, GraphNode, GraphValue, QDType } from '../../src/graph/graph.ts';
import { buildProgram } from '../../src/program/build.ts';
import { evaluate } from '../../src/program/evaluate.ts';
import type { Program, ProgramOp } from '../../src/program/program.ts';
import { buildCircuit } from '../../src/r1cs/build.ts';
import { makeLayout } from '../../src/r1cs/layout.ts';
import { encodeElements, encodingLow, hashTag, packWords, publicSignals, type TensorClaim } from '../../src/r1cs/signals.ts';
import { checkWitness } from '../../src/witness/check.ts';
import { generateWitness } from '../../src/witness/generate.ts';

interface ValueSpec {
  readonly dims: readonly number[];
  readonly dtype?: QDType;
  readonly scale?: number;
  readonly zeroPoint?: number;
  readonly constant?: readonly number[];
}

type NodeSpec = GraphNode extends infer N ? (N extends GraphNode ? Omit<N, 'name' | 'op'> : never) : never;

/** Values by position; the first `inputs` of them are the graph's inputs, the last one its output. */
function programOf(specs: readonly ValueSpec[], nodes: readonly NodeSpec[], inputs = 1): Program {
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
function samples(program: Program, count: number): Map<string, Int32Array>[] {
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

function circuitOf(program: Program, visibility: Readonly<Record<string, string>> = publicAll(program)) {
  return buildCircuit(program, makeLayout(program, { visibility }), 99n);
}

/** The witness satisfies every row, and its outputs are evaluate's, on all samples. */
function expectExact(program: Program, count = 12): void {
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

const weightsOf = (dims: readonly number[], scales: readonly number[], seed = 1) => {
  const next = random(seed);
  return {
    dtype: 'int8' as const,
    dims,
    data: Int32Array.from({ length: dims.reduce((a, b) => a * b) }, () => Math.floor(next() * 255) - 127),
    scales: Float32Array.from(scales),
    zeroPoints: Int32Array.from(scales, () => 0),
  };
};
const window2d = (kernel: number, stride: number, pad: number) =>
  ({ kernel: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad], dilations: [1, 1] }) as const;
const kinds = (program: Program): ProgramOp['kind'][] => program.ops.map(({ kind }) => kind);

const conv = (scales: readonly number[], more: Partial<Extract<NodeSpec, { kind: 'conv' }>> = {}): NodeSpec => ({
  kind: 'conv',
  x: 0,
  y: 1,
  weights: weightsOf([3, 2, 3, 3], scales),
  bias: Int32Array.of(100, -7000, 0),
  group: 1,
  window: window2d(3, 1, 1),
  activation: null,
  ...more,
});

describe('each op, lowered, is what evaluate computes', () => {
  const x: ValueSpec = { dims: [1, 2, 5, 5], zeroPoint: 3 };
  const y: ValueSpec = { dims: [1, 3, 5, 5], scale: 0.11, zeroPoint: -9 };

  test('conv, per tensor', () => expectExact(programOf([x, y], [conv([0.004])])));
  test('conv, per channel, exceptions and fall-backs included', () => expectExact(programOf([x, y], [conv([0.0041, 0.00093, 0.017])])));
  test('conv with Relu inside the range', () => expectExact(programOf([x, y], [conv([0.004], { activation: { min: 0, max: null } })])));
  test('conv with Relu6', () => expectExact(programOf([x, y], [conv([0.004], { activation: { min: 0, max: 6 } })])));
  test('conv with power-of-two scales: ties', () =>
    expectExact(
      programOf(
        [
          { ...x, scale: 2 ** -4 },
          { ...y, scale: 2 ** -3 },
        ],
        [conv([2 ** -8])],
      ),
    ));
  test('conv by groups, strides, uint8', () =>
    expectExact(
      programOf(
        [
          { dims: [1, 4, 6, 6], dtype: 'uint8', zeroPoint: 128 },
          { dims: [1, 4, 2, 2], dtype: 'uint8', scale: 0.07, zeroPoint: 0 },
        ],
        [conv([0.01], { weights: weightsOf([4, 2, 3, 3], [0.01], 5), bias: null, group: 2, window: window2d(3, 2, 0) })],
      ),
    ));
  test('matmul', () =>
    expectExact(
      programOf(
        [{ dims: [2, 9] }, { dims: [2, 4], scale: 0.3 }],
        [{ kind: 'matmul', x: 0, y: 1, weights: weightsOf([9, 4], [0.01]), bias: null, alpha: 1, form: 'matmul', activation: null }],
      ),
    ));
  test('weights that are all 0: the accumulator is a constant', () => {
    const weights = { ...weightsOf([9, 4], [0.01]), data: new Int32Array(36) };
    const bias = Int32Array.of(-9000, 0, 77, 4000);
    expectExact(
      programOf(
        [{ dims: [1, 9] }, { dims: [1, 4], scale: 0.3 }],
        [{ kind: 'matmul', x: 0, y: 1, weights, bias, alpha: 1, form: 'gemm', activation: null }],
      ),
    );
  });
  test.each([true, false])('maxpool, on accumulators: %s', (before) => {
    const program = programOf(
      [x, y, { ...y, dims: [1, 3, 2, 2] }],
      [conv([0.004]), { kind: 'maxpool', x: 1, y: 2, window: window2d(2, 2, 0) }],
    );
    const ops = program.ops.map((op) => (op.kind === 'max' ? { ...op, beforeRequantize: before } : op));
    expectExact({ ...program, ops });
  });
  test('maxpool of an input, overlapping and padded', () =>
    expectExact(programOf([{ dims: [1, 2, 5, 5] }, { dims: [1, 2, 3, 3] }], [{ kind: 'maxpool', x: 0, y: 1, window: window2d(3, 2, 1) }])));
  test('requantize', () =>
    expectExact(
      programOf([{ dims: [300] }, { dims: [300], scale: 0.031, zeroPoint: 17 }], [{ kind: 'requantize', x: 0, y: 1, activation: null }]),
    ));
  test.each([
    ['plane', 0.1, 0.07, 0.13],
    ['tables', 0.031, 0.047, 0.06],
  ])('add: %s', (kind, a, b, y) => {
    const program = programOf(
      [
        { dims: [40], scale: a, zeroPoint: 5 },
        { dims: [40], scale: b, zeroPoint: -3 },
        { dims: [40], scale: y, zeroPoint: 1 },
      ],
      [{ kind: 'add', a: 0, b: 1, y: 2, activation: null, roundingZero: 1 }],
      2,
    );
    expect(program.ops[0]).toMatchObject({ kind: 'add', form: { kind } });
    expectExact(program);
  });
  test('add with ties, a Relu, and a constant side broadcast', () =>
    expectExact(
      programOf(
        [
          { dims: [3, 4], scale: 0.25 },
          { dims: [4], scale: 0.5, constant: [1, -128, 127, 9] },
          { dims: [3, 4], scale: 1 },
        ],
        [{ kind: 'add', a: 0, b: 1, y: 2, activation: { min: 0, max: null }, roundingZero: 0 }],
      ),
    ));
  test('global average pool', () =>
    expectExact(
      programOf(
        [{ dims: [1, 3, 4, 4] }, { dims: [1, 3, 1, 1], scale: 0.021 }],
        [{ kind: 'globalaveragepool', x: 0, y: 1, activation: null }],
      ),
    ));
  test.each([
    ['sums', 0.05, 0.043],
    ['equal scales', 0.05, 0.05],
    ['equal scales, powers of two', 0.0625, 0.0625],
  ])('average pool, %s', (_, from, to) =>
    expectExact(
      programOf(
        [
          { dims: [1, 2, 5, 5], scale: from, zeroPoint: 2 },
          { dims: [1, 2, 5, 5], scale: to, zeroPoint: 2 },
        ],
        [{ kind: 'averagepool', x: 0, y: 1, window: window2d(3, 1, 1), countIncludePad: false, activation: null, roundingZero: 2 }],
      ),
    ),
  );
  test('movement and concat', () => {
    const program = programOf(
      [
        { dims: [2, 3] },
        { dims: [2, 3], scale: 0.09 },
        { dims: [3, 2] },
        { dims: [6, 1] },
        { dims: [6, 1], scale: 0.09 },
        { dims: [6, 2], scale: 0.09 },
      ],
      [
        { kind: 'transpose', x: 0, y: 2, perm: [1, 0] },
        { kind: 'reshape', x: 2, y: 3 },
        { kind: 'reshape', x: 1, y: 4 },
        { kind: 'concat', xs: [3, 4], axis: 1, y: 5 },
      ],
      2,
    );
    expect(kinds(program)).toContain('gather');
    expectExact(program);
  });
  test.each([false, true])('argmax, last index %s', (selectLastIndex) =>
    expectExact(
      programOf(
        [{ dims: [4, 10] }, { dims: [4], dtype: 'int64' }],
        [{ kind: 'argmax', x: 0, y: 1, axis: 1, keepDims: false, selectLastIndex, least: false }],
      ),
    ),
  );
});

const denseOf = (dtype: 'int8' | 'uint8') =>
  programOf(
    [
      { dims: [1, 40], dtype },
      { dims: [1, 33], scale: 0.5, dtype },
    ],
    [{ kind: 'matmul', x: 0, y: 1, weights: weightsOf([40, 33], [0.01]), bias: null, alpha: 1, form: 'matmul', activation: null }],
  );

describe('the boundary', () => {
  const programs = { int8: denseOf('int8'), uint8: denseOf('uint8') };
  const dense = (dtype: 'int8' | 'uint8' = 'int8') => programs[dtype];

  test.each(['public', 'packed', 'hashed', 'private'] as const)('inputs and outputs %s', (visibility) => {
    for (const dtype of ['int8', 'uint8'] as const) {
      const program = dense(dtype);
      const circuit = circuitOf(program, { v0: visibility, v1: visibility });
      const inputs = samples(program, 1)[4]!;
      const salts = new Map(circuit.inputs.salts.map(({ name }, i) => [name, (1n << 247n) + BigInt(i)]));
      const witness = generateWitness(circuit, { context: 77n, tensors: inputs, salts });
      expect(checkWitness(circuit, witness)).toBeNull();
      const constants = poseidonConstants();
      const claim = (name: string, values: Int32Array): TensorClaim => {
        if (visibility === 'private') return { kind: 'none' };
        if (visibility !== 'hashed') return { kind: 'values', values };
        const words = packWords(dtype, encodeElements(dtype, values));
        return { kind: 'commitment', commitment: commitmentHash(constants, hashTag(dtype, values.length), salts.get(name)!, words) };
      };
      const expected = publicSignals(circuit.layout, {
        context: 77n,
        outputs: [claim('v1', evaluate(program, inputs).get(program.outputs[0]!.tensor)!)],
        inputs: [claim('v0', inputs.get('v0')!)],
      });
      const wireValue = (wire: number) => witness.wide.get(wire) ?? BigInt(witness.small[wire]!);
      expect(expected.map((_, i) => wireValue(1 + i))).toEqual(expected);
      expect(circuit.r1cs.publicCount).toBe(expected.length);
    }
  });

  test('an element out of range has no witness, at any visibility', () => {
    for (const visibility of ['public', 'packed', 'hashed', 'private'] as const) {
      const program = dense();
      const circuit = circuitOf(program, { v0: visibility, v1: 'public' });
      const { firstWire } = circuit.inputs.tensors[0]!;
      const salts = new Map(circuit.inputs.salts.map(({ name }) => [name, 5n]));
      for (const bad of [256n, 257n, 511n, 1n << 16n, 1n << 31n, -1n]) {
        const inputs = samples(program, 1)[2]!;
        const tensors = new Map([['v0', inputs.get('v0')!]]);
        // Given as integers beyond the type, so that everything after them is computed from them.
        const far = Float64Array.from(tensors.get('v0')!);
        far[7] = Number(bad) - 128;
        const witness = generateWitness(circuit, { context: 0n, tensors: new Map([['v0', far as unknown as Int32Array]]), salts });
        expect(witness.small[firstWire + 7], `${bad}`).toBe(Number(bad));
        expect(checkWitness(circuit, witness)).toMatchObject({ layer: 'input v0', gadget: 'range', element: 7 });
      }
    }
  });

  test('every row has a name, every public signal a row, and building is deterministic', () => {
    const program = dense();
    const [one, two] = [circuitOf(program), circuitOf(program)];
    expect(one.r1cs).toEqual(two.r1cs);
    expect(one.plan).toEqual(two.plan);
    expect(one.labels.layers).toEqual(['circuit', 'boundary', 'input v0', 'node0', 'output v1']);
    expect(Array.from(one.labels.layerOf)).not.toContain(0);
    const { a, b, c, publicCount } = one.r1cs;
    const used = new Set([...a.wires, ...b.wires, ...c.wires]);
    for (let wire = 0; wire < one.r1cs.wireCount; wire++) expect(used.has(wire), `wire ${wire}`).toBe(true);
    expect(publicCount).toBe(one.layout.signalCount);
    expect(circuitOf(program, { v0: 'hashed', v1: 'public' }).r1cs).not.toEqual(one.r1cs);
  });

  test('stops when asked', () => {
    const program = dense();
    const signal = AbortSignal.abort();
    expect(() => buildCircuit(program, makeLayout(program), 1n, { signal })).toThrow(ZkonnxError);
  });

  test('a layout of another program is refused', () => {
    const program = dense();
    const layout = makeLayout(program);
    const other = { ...layout, inputs: [{ ...layout.inputs[0]!, name: 'v9' }] };
    expect(() => buildCircuit(program, other, 1n)).toThrow(/v9/);
  });
});

test('random quantization parameters: dense layers stay exact', () => {
  fc.assert(
    fc.property(
      fc.record({
        sx: fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        sw: fc.double({ min: 0.0005, max: 0.1, noNaN: true }),
        sy: fc.oneof(fc.double({ min: 0.001, max: 2, noNaN: true }), fc.constantFrom(0.25, 0.5, 1, 2)),
        zx: fc.integer({ min: -128, max: 127 }),
        zy: fc.integer({ min: -128, max: 127 }),
        relu: fc.boolean(),
        seed: fc.nat(1000),
      }),
      ({ sx, sw, sy, zx, zy, relu, seed }) => {
        const program = programOf(
          [
            { dims: [1, 12], scale: sx, zeroPoint: zx },
            { dims: [1, 6], scale: sy, zeroPoint: zy },
          ],
          [
            {
              kind: 'matmul',
              x: 0,
              y: 1,
              weights: weightsOf([12, 6], [sw], seed),
              bias: null,
              alpha: 1,
              form: 'matmul',
              activation: relu ? { min: 0, max: null } : null,
            },
          ],
        );
        expectExact(program, 4);
      },
    ),
    { numRuns: 40 },
  );
});
