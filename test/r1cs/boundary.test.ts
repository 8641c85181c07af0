/** Every visibility gives the signals of docs/signals.md; inputs out of range have no witness; the circuit is deterministic and every row of it has a name. */
import { describe, expect, test } from 'vitest';
import { poseidonConstants } from '../../circuits/poseidon/grain.ts';
import { commitmentHash } from '../../circuits/poseidon/hash.ts';
import { ZkonnxError } from '../../src/errors.ts';
import { evaluate } from '../../src/program/evaluate.ts';
import { buildCircuit } from '../../src/r1cs/build.ts';
import { makeLayout } from '../../src/r1cs/layout.ts';
import { encodeElements, hashTag, packWords, publicSignals, type TensorClaim } from '../../src/r1cs/signals.ts';
import { checkWitness } from '../../src/witness/check.ts';
import { generateWitness } from '../../src/witness/generate.ts';
import { circuitOf, programOf, samples, weightsOf } from '../support/programs.ts';

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
