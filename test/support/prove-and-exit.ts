/** Run as a program by test/interop/snarkjs.test.ts: one proof with snarkjs' threads, then nothing. It must end by itself. */
import { snarkjsProver } from '../../src/interop/snarkjs.ts';
import { setUp } from './groth16-fixture.ts';
import { productCircuit } from './small-r1cs.ts';

const circuit = productCircuit();
const keys = await setUp(circuit);
const prover = snarkjsProver();
const { publicSignals } = await prover.prove(keys.zkey, circuit.wtns);
await prover.close();
process.stdout.write(JSON.stringify(publicSignals));
