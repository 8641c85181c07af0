/** snarkjs behind our Prover interface: what it refuses before and after proving, aborts, freed threads; and keys that snarkjs made. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { curves, groth16, powersOfTau, zKey } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Keys } from '../../src/groth16/keys.ts';
import { lintKey, verifyProof } from '../../src/groth16/verify.ts';
import { readVerificationKey, readZkeyHeader } from '../../src/groth16/zkey.ts';
import { snarkjsProver } from '../../src/interop/snarkjs.ts';
import { encodeR1cs } from '../../src/r1cs/format.ts';
import { copyOf } from '../support/altered.ts';
import { endSnarkjsThreads, setUp } from '../support/groth16-fixture.ts';
import { productCircuit, randomCircuit, type SmallCircuit, withWitness } from '../support/small-r1cs.ts';

afterAll(endSnarkjsThreads);

let circuit: SmallCircuit;
let keys: Keys & { readonly zkey: Uint8Array };
const single = snarkjsProver({ singleThread: true });

beforeAll(async () => {
  circuit = randomCircuit(50, 3, 21);
  keys = await setUp(circuit);
});

describe('proves', () => {
  test('from bytes, from a Buffer that is a view into a pool, and from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zkonnx-prove-'));
    try {
      const path = join(folder, 'circuit.zkey');
      await writeFile(path, keys.zkey);
      const pooled = Buffer.concat([Buffer.alloc(3), keys.zkey]).subarray(3);
      for (const zkey of [keys.zkey, pooled, { path }]) {
        const { proof, publicSignals } = await single.prove(zkey, Buffer.from(circuit.wtns));
        expect(publicSignals).toEqual(circuit.signals);
        expect(verifyProof(keys.verificationKey, publicSignals, proof).valid).toBe(true);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('with threads, several at a time, also after close', async () => {
    const [one, two] = [snarkjsProver(), snarkjsProver()];
    const proofs = await Promise.all([one, two, one].map((prover) => prover.prove(keys.zkey, circuit.wtns)));
    await one.close();
    proofs.push(await two.prove(keys.zkey, circuit.wtns));
    await two.close();
    for (const { proof, publicSignals } of proofs) expect(verifyProof(keys.verificationKey, publicSignals, proof).valid).toBe(true);
    expect(new Set(proofs.map(({ proof }) => JSON.stringify(proof))).size).toBe(4);
    expect((globalThis as { curve_bn128?: unknown }).curve_bn128 ?? null).toBeNull();
  });

  test('and lets the process exit', async () => {
    const program = fileURLToPath(new URL('../support/prove-and-exit.ts', import.meta.url));
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const timer = setTimeout(() => child.kill(), 30_000);
    const ending = await new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
    clearTimeout(timer);
    expect([output, ending]).toEqual(['["15"]', 0]);
  });
});

describe('refuses', () => {
  test('a witness of another circuit, a cut one, and one that is none', async () => {
    await expect(single.prove(keys.zkey, productCircuit().wtns)).rejects.toMatchObject({ code: 'ZK5002' });
    await expect(single.prove(keys.zkey, circuit.wtns.subarray(0, 500))).rejects.toMatchObject({ code: 'ZK5004' });
    await expect(single.prove(keys.zkey, keys.zkey)).rejects.toMatchObject({ code: 'ZK5004' });
  });

  test('to hand out a proof from a witness that breaks a constraint, or from a damaged key', async () => {
    const broken = withWitness(circuit.r1cs, circuit.witness.with(20, circuit.witness[20]! + 1n));
    await expect(single.prove(keys.zkey, broken.wtns)).rejects.toMatchObject({ code: 'ZK6002' });
    const damaged = keys.zkey.slice();
    // A point of section 9, the last one before the 80 bytes of section 10.
    damaged[damaged.length - 81 - 64 * 20]! ^= 1;
    await expect(single.prove(damaged, circuit.wtns)).rejects.toMatchObject({ code: 'ZK6002' });
  });

  test('a cut key', async () => {
    await expect(single.prove(keys.zkey.subarray(0, keys.zkey.length - 1), circuit.wtns)).rejects.toMatchObject({ code: 'ZK5004' });
  });
});

describe('stops when asked to', () => {
  test('before it starts', async () => {
    await expect(single.prove(keys.zkey, circuit.wtns, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ZK1006' });
  });

  test.each([true, false])('between stages, singleThread = %s; the next proof is fine', async (singleThread) => {
    const prover = snarkjsProver({ singleThread });
    const controller = new AbortController();
    const notes: (string | undefined)[] = [];
    const aborted = prover.prove(keys.zkey, circuit.wtns, {
      signal: controller.signal,
      onEvent: ({ note }) => {
        notes.push(note);
        if (note === 'Building ABC') controller.abort();
      },
    });
    await expect(aborted).rejects.toMatchObject({ code: 'ZK1006' });
    expect(notes).toContain('Reading Wtns');
    expect(notes).not.toContain('Reading H Points');
    const { proof, publicSignals } = await prover.prove(keys.zkey, circuit.wtns);
    expect(verifyProof(keys.verificationKey, publicSignals, proof).valid).toBe(true);
    await prover.close();
  });
});

/** snarkjs' own way from nothing to a key: powers of tau of 2^4, phase 2 with one contribution. */
describe('a key that snarkjs made', () => {
  const product = productCircuit();
  let uncontributed: Uint8Array;
  let contributed: Uint8Array;

  beforeAll(async () => {
    const memory = (): { type: 'mem'; data?: Uint8Array } => ({ type: 'mem' });
    const [start, power, prepared, zkey0, zkey1] = [memory(), memory(), memory(), memory(), memory()];
    await powersOfTau.newAccumulator(await curves.getCurveFromName('bn128'), 4, start);
    await powersOfTau.contribute(start, power, 'one', 'entropy of a test');
    await powersOfTau.preparePhase2(power, prepared);
    await zKey.newZKey(encodeR1cs(product.r1cs), prepared, zkey0);
    await zKey.contribute(zkey0, zkey1, 'two', 'more entropy of a test');
    uncontributed = zkey0.data!;
    contributed = zkey1.data!;
  });

  test('is read as snarkjs reads it, passes the lint and gives proofs that both verifiers accept', async () => {
    const header = await readZkeyHeader(contributed);
    expect(header).toMatchObject({ wireCount: 4, publicCount: 1, domainSize: 4, contributionCount: 1 });
    expect(await readVerificationKey(contributed)).toEqual(await zKey.exportVerificationKey(contributed));
    const { proof, publicSignals } = await single.prove(contributed, product.wtns);
    expect(publicSignals).toEqual(['15']);
    expect(verifyProof(header.verificationKey, publicSignals, proof).valid).toBe(true);
    expect(await groth16.verify(copyOf(header.verificationKey), copyOf(publicSignals), copyOf(proof))).toBe(true);
    const ours = await readZkeyHeader((await setUp(product)).zkey);
    // Same circuit, same shape: what differs are the points and the contribution.
    for (const field of ['wireCount', 'publicCount', 'domainSize', 'termCount'] as const) expect(header[field]).toBe(ours[field]);
    expect(header.sizeBytes).toBeGreaterThan(ours.sizeBytes);
  });

  test('is refused before its first contribution', async () => {
    expect(lintKey(await zKey.exportVerificationKey(uncontributed))).toMatch(/^key.vk_delta_2: plus or minus the generator of G2/);
    await expect(single.prove(uncontributed, product.wtns)).rejects.toMatchObject({ code: 'ZK5004' });
  });

  test('has its terms and powers where ours has them', async () => {
    const ours = (await setUp(product)).zkey;
    const section = (bytes: Uint8Array, wanted: number): Uint8Array => {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (let at = 12; at < bytes.length; at += 12 + Number(view.getBigUint64(at + 4, true))) {
        if (view.getUint32(at, true) === wanted) return bytes.slice(at + 12, at + 12 + Number(view.getBigUint64(at + 4, true)));
      }
      throw new Error(`no section ${wanted}`);
    };
    for (const type of [1, 4]) expect(section(ours, type)).toEqual(section(contributed, type));
    expect(section(ours, 2).subarray(0, 84)).toEqual(section(contributed, 2).subarray(0, 84));
    for (const type of [3, 5, 6, 7, 8, 9]) expect(section(ours, type).length).toBe(section(contributed, type).length);
  });
});
