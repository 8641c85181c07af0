/** What compiling checks of its own circuit: it is recorded, it can be left out, and a circuit that is not right is not handed out. */
import { expect, test } from 'vitest';
import { compile } from '../src/compile.ts';
import { runSteps } from '../src/events.ts';
import type { SparseMatrix } from '../src/r1cs/r1cs.ts';
import { selfCheckSteps } from '../src/self-check.ts';
import { digitsModel } from './support/digits.ts';

test('two inferences and the audit, on every compile', async () => {
  const file = await digitsModel();
  const { check, circuit } = await compile(file);
  expect(check).toMatchObject({ inferences: 2, audit: { undecided: 0, broken: 0 } });
  expect(check!.audit!.unique + check!.audit!.free).toBeGreaterThan(circuit.r1cs.wireCount - 100);
  expect((await compile(file, { audit: false })).check).toEqual({ inferences: 2, audit: null });
});

test('a circuit that does not compute its program is refused', async () => {
  const compiled = await compile(await digitsModel(), { visibility: { logits: 'packed' } });
  const { program } = compiled;
  // Another weight in the oracle than in the circuit.
  const ops = program.ops.map((op) =>
    op.kind === 'linear' && op.map.kind === 'matmul' ? { ...op, map: { ...op.map, bias: op.map.bias.map((b) => b + 5000) } } : op,
  );
  expect(() => runSteps(selfCheckSteps({ ...compiled, program: { ...program, ops } }, { audit: false }))).toThrow(
    /is not what the program computes/,
  );
  // A row whose right side is another.
  const { r1cs } = compiled.circuit;
  const row = r1cs.rowCount - 1;
  const broken = { ...r1cs, c: { ...r1cs.c, coefficients: r1cs.c.coefficients.map((id, i) => (i >= r1cs.c.starts[row]! ? 0 : id)) } };
  expect(() => runSteps(selfCheckSteps({ ...compiled, circuit: { ...compiled.circuit, r1cs: broken } }, { audit: false }))).toThrow();
});

test('an audit that cannot decide is recorded', async () => {
  const compiled = await compile(await digitsModel());
  const { circuit } = compiled;
  // A bit's row made to say 1·1 = 1: the honest witness does not notice.
  const { r1cs } = circuit;
  const isBit = (row: number): boolean =>
    [r1cs.a, r1cs.b, r1cs.c].every(
      (side) => side.starts[row + 1]! - side.starts[row]! === 1 && side.wires[side.starts[row]!] === r1cs.a.wires[r1cs.a.starts[row]!]!,
    );
  const bit = Array.from({ length: r1cs.rowCount }, (_, row) => row).findLast(isBit)!;
  const trivial = (side: SparseMatrix): SparseMatrix => ({
    ...side,
    wires: side.wires.map((wire, i) => (i === side.starts[bit] ? 0 : wire)),
  });
  const weak = { ...r1cs, a: trivial(r1cs.a), b: trivial(r1cs.b), c: trivial(r1cs.c) };
  const check = runSteps(selfCheckSteps({ ...compiled, circuit: { ...circuit, r1cs: weak } }, { audit: true }));
  expect(check.audit!.undecided).toBeGreaterThan(0);
});
