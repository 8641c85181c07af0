/** Small circuits for tests of formats and provers: every kind of coefficient and value once. */
import { ONE } from '../../circuits/api.ts';
import { opcodes } from '../../circuits/hints.ts';
import { scalarOrder } from '../../src/field/bn254.ts';
import { CircuitBuilder } from '../../src/r1cs/builder.ts';
import { runPlan } from '../../src/witness/generate.ts';
import { emptyValues, setWire } from '../../src/witness/row.ts';

/** Public y, y2; private x, z: y = x·z − 7 (small), y2 = (x·2^200 − z)·(−1/3) (wide), bits of x, 1/z. */
export function mixedCircuit(xValue = 201n, zValue = -5n) {
  const builder = new CircuitBuilder();
  const [y, x] = [builder.publicWires(2), builder.inputWires(2)];
  const z = x + 1;
  builder.layer('conv, 1.a');
  builder.gadget('product');
  builder.element(3);
  builder.a(x, 1);
  builder.b(z, 1);
  builder.c(ONE, 7);
  builder.defineAs(y);
  builder.a(x, 2n ** 200n);
  builder.a(z, -1);
  builder.b(ONE, -(scalarOrder + 1n) / 3n);
  builder.defineAs(y + 1);
  builder.gadget('bits');
  builder.x(0, x, 1);
  const bit = builder.hint(opcodes.bits, [], 8);
  for (let i = 0; i < 8; i++) {
    builder.a(bit + i, 1);
    builder.b(bit + i, 1);
    builder.b(ONE, -1);
    builder.constrain();
  }
  for (let i = 0; i < 8; i++) builder.a(bit + i, 1 << i);
  builder.a(x, -1);
  builder.b(ONE, 1);
  builder.constrain();
  builder.gadget('inverse');
  builder.x(0, z, 1);
  const inverse = builder.hint(opcodes.inverse, [], 1);
  builder.a(inverse, 1);
  builder.b(z, 1);
  builder.c(ONE, 1);
  builder.constrain();
  const circuit = builder.finish();
  const values = emptyValues(circuit.r1cs.wireCount);
  setWire(values, x, xValue);
  setWire(values, z, zValue);
  runPlan(circuit.r1cs, circuit.plan, values);
  return { ...circuit, witness: values, wires: { y, x, z, bit, inverse } };
}
