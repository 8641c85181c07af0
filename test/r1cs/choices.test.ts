/** Comparisons, logic and Where in whole circuits: witness and evaluate on all samples, known operands, and outputs that cannot be altered. */
import { expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { decodeProgram, encodeProgram } from '../../src/program/format.ts';
import type { Program } from '../../src/program/program.ts';
import { checkWitness } from '../../src/witness/check.ts';
import { generateWitness } from '../../src/witness/generate.ts';
import { circuitOf, expectExact, programOf, samples } from '../support/programs.ts';

const int = { dims: [1, 6], dtype: 'uint8', scale: 0.05, zeroPoint: 3 } as const;
const truth = { ...int, scale: 1, zeroPoint: 0 } as const;

/** v0, v1 inputs; v2 = compare; v3 = Where(v2, v0, v1). */
function program(node: { equal?: boolean; negated?: boolean; shift?: number; bounds?: Int32Array | null }): Program {
  const compare = { kind: 'compare', a: 0, b: 1, y: 2, equal: false, negated: false, shift: 0, bounds: null, ...node } as const;
  return programOf([int, int, truth, int], [compare, { kind: 'where', xs: [2, 0, 1], y: 3 }], 2);
}

test.each([
  ['at least', {}],
  ['above', { shift: 1 }],
  ['not above', { shift: 1, negated: true }],
  ['equal', { equal: true }],
  ['unequal', { equal: true, negated: true }],
  ['bounds of their own', { bounds: Int32Array.from({ length: 256 }, (_, b) => Math.min(256, 2 * b + 3)) }],
  ['bounds that nothing reaches', { bounds: new Int32Array(256).fill(256) }],
  ['bounds that all reach', { bounds: new Int32Array(256) }],
])('%s', (_, node) => expectExact(program(node)));

test('logic of computed and known values', () => {
  const known = { ...truth, constant: [1, 0, 1, 0, 1, 0] };
  for (const operator of ['and', 'or', 'xor'] as const) {
    const compare = { kind: 'compare', a: 0, b: 1, y: 3, equal: false, negated: false, shift: 0, bounds: null } as const;
    const nodes = [
      compare,
      { kind: 'logic', xs: [3, 2], operator, y: 4 },
      { kind: 'logic', xs: [2, 2], operator, y: 5 },
      { kind: 'logic', xs: [4, 5], operator, y: 6 },
      { kind: 'logic', xs: [6], operator: 'not', y: 7 },
      { kind: 'where', xs: [7, 0, 1], y: 8 },
    ] as const;
    expectExact(programOf([int, int, known, truth, truth, truth, truth, truth, int], nodes, 2));
  }
});

test('another choice is no witness', () => {
  const chosen = program({});
  const circuit = circuitOf(chosen);
  const inputs = samples(chosen, 2)[5]!;
  const witness = generateWitness(circuit, { context: 3n, tensors: inputs, salts: new Map() });
  expect(checkWitness(circuit, witness)).toBeNull();
  const { firstSignal, elementCount } = circuit.layout.outputs[0]!;
  for (let o = 1 + firstSignal; o < 1 + firstSignal + elementCount; o++) {
    const honest = witness.small[o]!;
    witness.small[o] = honest + 1;
    expect(checkWitness(circuit, witness)).not.toBeNull();
    witness.small[o] = honest;
  }
});

test('a stored program whose operands are no truth values is refused', () => {
  const { json, bin } = encodeProgram(program({}));
  expect(decodeProgram(json, bin)).toEqual(program({}));
  const damaged = JSON.parse(json) as { ops: { kind: string; xs: number[] }[] };
  damaged.ops.find(({ kind }) => kind === 'select')!.xs[0] = 0;
  expect(() => decodeProgram(JSON.stringify(damaged), bin)).toThrow(ZkonnxError);
});
