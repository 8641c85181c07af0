/** The witness of a real network: accepted whole, refused altered, by our check, by plain BigInt arithmetic and by snarkjs alike. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as snarkjs from 'snarkjs';
import { beforeAll, expect, test } from 'vitest';
import { type CompiledModel, compile } from '../../src/compile.ts';
import { mod, scalarOrder } from '../../src/field/bn254.ts';
import { inferenceAt } from '../../src/inputs.ts';
import { encodeR1cs } from '../../src/r1cs/format.ts';
import type { SparseMatrix } from '../../src/r1cs/r1cs.ts';
import { infer } from '../../src/run.ts';
import { checkWitness } from '../../src/witness/check.ts';
import { encodeWtns } from '../../src/witness/format.ts';
import { generateWitness, type Roots } from '../../src/witness/generate.ts';
import { getWire, rowHolds, setWire } from '../../src/witness/row.ts';
import type { Witness } from '../../src/witness/witness.ts';
import { digitsInputs, digitsModel } from '../support/digits.ts';
import { freeByDesign } from '../support/free-by-design.ts';

let compiled: CompiledModel;
let roots: (index: number) => Roots;
beforeAll(async () => {
  compiled = await compile(await digitsModel());
  const inputs = await digitsInputs();
  const { program } = compiled;
  roots = (index) => {
    const values = infer(program, inferenceAt(program, inputs, index), {});
    return {
      context: scalarOrder - 1n,
      tensors: new Map(program.inputs.map((input) => [input.name, values.get(input.tensor)!])),
      salts: new Map(compiled.circuit.inputs.salts.map(({ name }) => [name, 2n ** 248n - 1n])),
    };
  };
});

/** The definition, without any shortcut. */
function firstBrokenRow({ small, wide }: Witness): number | null {
  const { r1cs } = compiled.circuit;
  const value = (wire: number) => (Number.isNaN(small[wire]) ? wide.get(wire)! : BigInt(small[wire]));
  const dot = ({ starts, wires, coefficients }: SparseMatrix, row: number) => {
    let sum = 0n;
    for (let i = starts[row]; i < starts[row + 1]; i++) sum += r1cs.pool.field[coefficients[i]] * value(wires[i]);
    return sum;
  };
  for (let row = 0; row < r1cs.rowCount; row++)
    if (mod(dot(r1cs.a, row) * dot(r1cs.b, row) - dot(r1cs.c, row), scalarOrder) !== 0n) return row;
  return null;
}

test('twelve digits: every row holds, by our check and by the definition', () => {
  for (let index = 0; index < 12; index++) {
    const witness = generateWitness(compiled.circuit, roots(index));
    expect(checkWitness(compiled.circuit, witness)).toBeNull();
    if (index === 0) expect(firstBrokenRow(witness)).toBeNull();
  }
});

test('the same roots give the same witness; other roots another', () => {
  const one = generateWitness(compiled.circuit, roots(3));
  expect(generateWitness(compiled.circuit, roots(3))).toEqual(one);
  expect(generateWitness(compiled.circuit, roots(4))).not.toEqual(one);
});

test('a single altered wire is seen, and the row that is named is the first that breaks', () => {
  const { circuit } = compiled;
  const witness = generateWitness(circuit, roots(0));
  const free = freeByDesign(circuit);
  const { wireCount } = circuit.r1cs;
  fc.assert(
    // Not the context: it is given, in one row as its square, and −context has the same.
    fc.property(
      fc.integer({ min: 1 + circuit.inputs.contextWire, max: wireCount - 1 }),
      fc.constantFrom(1, -1, 2, 256, -65_536, 2 ** 52),
      (wire, delta) => {
        fc.pre(!Number.isNaN(witness.small[wire]) && !free({ wire, opcode: 0, gadget: '' }));
        const altered = { small: witness.small.with(wire, witness.small[wire] + delta), wide: witness.wide };
        const violation = checkWitness(circuit, altered);
        expect(violation).not.toBeNull();
        expect(violation!.row).toBe(firstBrokenRow(altered));
        expect(violation!.layer.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 25 },
  );
});

test('of all wires, only those free by design can be altered alone', () => {
  const { circuit } = compiled;
  const { r1cs } = circuit;
  const witness = generateWitness(circuit, roots(1));
  const values = { small: witness.small.slice(), wide: new Map(witness.wide) };
  const free = freeByDesign(circuit);
  const rowsOf: number[][] = Array.from({ length: r1cs.wireCount }, () => []);
  for (const { starts, wires } of [r1cs.a, r1cs.b, r1cs.c]) {
    for (let row = 0; row < r1cs.rowCount; row++) for (let i = starts[row]; i < starts[row + 1]; i++) rowsOf[wires[i]].push(row);
  }
  const survivors: number[] = [];
  for (let wire = 1; wire < r1cs.wireCount; wire++) {
    if (wire === circuit.inputs.contextWire) continue;
    const right = getWire(witness, wire);
    for (const wrong of [right + 1n, right - 1n, 1n - right, right + 256n, right + (1n << 52n), right + (1n << 200n)]) {
      if (mod(wrong - right, scalarOrder) === 0n) continue;
      setWire(values, wire, wrong);
      if (rowsOf[wire].every((row) => rowHolds(r1cs, row, values))) survivors.push(wire);
    }
    setWire(values, wire, right);
  }
  expect(survivors.filter((wire) => !free({ wire, opcode: 0, gadget: '' }))).toEqual([]);
});

test('an element that its type cannot hold has no witness', () => {
  const { circuit } = compiled;
  const given = roots(0);
  const [{ name, count }] = circuit.inputs.tensors;
  for (const [element, bad] of [
    [0, 256],
    [count - 1, -1],
    [count >> 1, 0x7fff_ffff],
  ]) {
    const { low } = { low: circuit.layout.inputs[0].dtype === 'int8' ? -128 : 0 };
    const altered = { ...given, tensors: new Map([[name, given.tensors.get(name)!.with(element, bad + low)]]) };
    const violation = checkWitness(circuit, generateWitness(circuit, altered));
    expect(violation).toMatchObject({ layer: `input ${name}`, element });
  }
});

test.each<[string, (given: Roots) => Roots]>([
  ['a tensor is missing', (given) => ({ ...given, tensors: new Map() })],
  [
    'a tensor is too short',
    (given) => ({ ...given, tensors: new Map([...given.tensors].map(([name, values]) => [name, values.subarray(1)])) }),
  ],
  ['a salt is missing', (given) => ({ ...given, salts: new Map() })],
])('ZK7001 where %s', (_, alter) => {
  expect(() => generateWitness(compiled.circuit, alter(roots(0)))).toThrow(expect.objectContaining({ code: 'ZK7001' }));
});

test('snarkjs accepts the witness of the whole network', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-witness-'));
  const { circuit } = compiled;
  const witness = generateWitness(circuit, roots(7));
  const [r1cs, wtns] = [join(folder, 'circuit.r1cs'), join(folder, 'witness.wtns')];
  await writeFile(r1cs, encodeR1cs(circuit.r1cs));
  await writeFile(wtns, encodeWtns(circuit.r1cs, witness));
  expect(await snarkjs.wtns.check(r1cs, wtns)).toBe(true);
  expect(getWire(witness, 1)).toBe(-1n);
  await rm(folder, { recursive: true });
});
