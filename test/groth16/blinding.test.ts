/** Figure F21: r and s of each proof are drawn afresh: no value comes twice, and two proofs of one witness have no point in common. */
import { expect, test } from 'vitest';
import { scalarOrder } from '../../src/field/bn254.ts';
import { freshBlinding, wasmProver } from '../../src/groth16/prove.ts';
import { setUp } from '../support/groth16-fixture.ts';
import { productCircuit } from '../support/small-r1cs.ts';

test('20,000 scalars: all different, all below r, in all of its range', () => {
  const draws = Array.from({ length: 10_000 }, freshBlinding).flatMap(({ r, s }) => [r, s]);
  expect(new Set(draws).size).toBe(20_000);
  expect(draws.every((value) => value >= 0n && value < scalarOrder)).toBe(true);
  // Of 20,000 uniform ones about 2,500 are in each eighth.
  for (let eighth = 0n; eighth < 8n; eighth++) {
    const count = draws.filter((value) => (8n * value) / scalarOrder === eighth).length;
    expect(count).toBeGreaterThan(2_000);
    expect(count).toBeLessThan(3_000);
  }
});

test('40 proofs of one witness, from two provers at once', async () => {
  const circuit = productCircuit();
  const { zkey } = await setUp(circuit);
  const provers = [wasmProver({ threads: 1 }), wasmProver({ threads: 1 })];
  try {
    const proofs = await Promise.all(
      provers.map(async (prover) => {
        const made = [];
        for (let i = 0; i < 20; i++) made.push((await prover.prove(zkey, circuit.wtns)).proof);
        return made;
      }),
    );
    for (const point of ['pi_a', 'pi_b', 'pi_c'] as const)
      expect(new Set(proofs.flat().map((proof) => JSON.stringify(proof[point]))).size, point).toBe(40);
  } finally {
    await Promise.all(provers.map((prover) => prover.close()));
  }
});
