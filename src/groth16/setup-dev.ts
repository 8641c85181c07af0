/**
 * A development key: one party draws all secrets and forgets them. In seconds instead of a ceremony, and worth what that party's word is worth: whoever kept the secrets, or
 * knows the seed, can forge any proof for it. The bytes are a snarkjs groth16 `.zkey` that its prover and exporter read.
 *
 *   pk.A_s = A_s(τ)   pk.B_s = B_s(τ)   pk.C_s = (β A_s + α B_s + C_s)(τ)/δ   IC_s = (β A_s + α B_s + C_s)(τ)/γ   pk.H_i = L^{2N}_{2i+1}(τ)/δ   with γ = 1
 *
 * Section 10 says of itself that no ceremony made the key: zero contributions, and a hash of the circuit's digest under a "dev" label where snarkjs has the circuit's hash.
 *
 * Reference: Groth 2016; docs/groth16.md; snarkjs 0.7.6 `zkey_new.js`.
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { ZkonnxError } from '../errors.ts';
import type { RunOptions } from '../events.ts';
import { baseOrder, invert, power, scalarOrder, toLittleEndian, writeLittleEndian } from '../field/bn254.ts';
import { type CurveModule, loadCurve } from '../kernels/curve.ts';
import { fixedBaseMultiples, type GroupName, type MultiplesTask, pointBytes } from '../kernels/multiples.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import { logDomainSize } from './domain.ts';
import type { Keys } from './keys.ts';
import { allocScalar, evaluateQap } from './qap.ts';
import { vkeyHash } from './verification-key.ts';
import { headerBytes, layOutZkey, readVerificationKey, type ZkeyShape } from './zkey.ts';
import { writeTerms, zkeyTermCount } from './zkey-terms.ts';

export interface DevSetupInput {
  /** What the key is for; in the hash that a seed's secrets derive from, so that two circuits never share a δ. */
  readonly circuitDigest: string;
  /** Reproducible key, for tests and demos: anyone who knows the seed can forge. Without it the secrets come from the CSPRNG. */
  readonly seed?: string;
}

const r = scalarOrder;
/** Above this the curve module's 4 GB of memory do not hold the Lagrange basis and the columns. */
const maxDevLogDomain = 23;

interface Secrets {
  readonly tau: bigint;
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly delta: bigint;
}

/** 64 bytes reduced mod r: 2^−258 from uniform. */
function scalarFrom(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) % r;
}

function drawSecrets(input: DevSetupInput, logDomain: number): Secrets {
  const draw = (name: string): bigint => {
    if (input.seed === undefined) return scalarFrom(crypto.getRandomValues(new Uint8Array(64)));
    // JSON separates the parts without ambiguity.
    return scalarFrom(sha512(new TextEncoder().encode(JSON.stringify(['zkonnx/dev-setup/v1', input.seed, input.circuitDigest, name]))));
  };
  const secrets = { tau: draw('tau'), alpha: draw('alpha'), beta: draw('beta'), delta: draw('delta') };
  const unusable =
    Object.values(secrets).includes(0n) ||
    secrets.delta === 1n ||
    secrets.delta === r - 1n ||
    power(secrets.tau, 2n ** BigInt(logDomain + 1), r) === 1n;
  // Probability below 2^−225: an unlucky draw here is a broken random source.
  if (unusable) throw new ZkonnxError('ZK7001', { what: 'the random source gave an unusable set-up secret' });
  return secrets;
}

/**
 * Makes a dev key. Memory: about 400 bytes per row of the domain besides the key itself.
 * @throws ZkonnxError ZK1006 when aborted, ZK1001 for a circuit beyond 2^23 rows.
 */
export async function devSetup(r1cs: R1cs, input: DevSetupInput, options: RunOptions = {}): Promise<Keys> {
  const logDomain = logDomainSize(r1cs.rowCount, r1cs.publicCount);
  if (logDomain > maxDevLogDomain) {
    throw new ZkonnxError('ZK1001', {
      what: `${r1cs.rowCount} constraints are too many for a dev key`,
      hint: `it reaches 2^${maxDevLogDomain}`,
    });
  }
  const secrets = drawSecrets(input, logDomain);
  const curve = await loadCurve();
  const { a, b, c, lagrange } = await evaluateQap(curve, r1cs, logDomain, secrets.tau, options);
  const { wireCount, publicCount } = r1cs;
  const domainSize = 2 ** logDomain;
  finishScalars(curve, r1cs, { a, b, c, lagrange, domainSize }, secrets);

  const shape: ZkeyShape = { wireCount, publicCount, domainSize, termCount: zkeyTermCount(r1cs) };
  const { bytes, starts } = layOutZkey(shape);
  new DataView(bytes.buffer).setUint32(starts[1]!, 1, true);
  await writeTerms(bytes.subarray(starts[4]!), r1cs, options);
  bytes.set(sha512(new TextEncoder().encode(JSON.stringify(['zkonnx/dev-setup/v1', input.circuitDigest]))), starts[10]!);

  const memory = curve.bytes();
  const task = (group: GroupName, scalars: number, count: number, section: number): MultiplesTask => ({
    group,
    scalars: memory.subarray(scalars, scalars + 32 * count),
    points: bytes.subarray(starts[section]!, starts[section]! + count * pointBytes[group]),
  });
  const tasks: readonly MultiplesTask[] = [
    ...writeHeader(bytes, starts[2]!, shape, secrets),
    task('g1', c, publicCount + 1, 3),
    task('g1', a, wireCount, 5),
    task('g1', b, wireCount, 6),
    task('g2', b, wireCount, 7),
    task('g1', c + 32 * (publicCount + 1), wireCount - publicCount - 1, 8),
    task('g1', lagrange, domainSize, 9),
  ];
  const total = tasks.reduce((sum, { scalars }) => sum + scalars.length / 32, 0);
  const { availableParallelism } = await import('node:os');
  await fixedBaseMultiples(tasks, {
    threads: availableParallelism(),
    stage: 'set-up',
    signal: options.signal,
    onDone: (done) => options.onEvent?.({ stage: 'set-up', done, total, note: 'points of 6 sets' }),
  });
  const verificationKey = await readVerificationKey(bytes);
  return { zkey: bytes, verificationKey, vkeyHash: vkeyHash(verificationKey), setup: { kind: 'dev' }, circuitDigest: input.circuitDigest };
}

/** In place, to canonical form: C becomes (βA + αB + C)/δ for private and /γ = /1 for public wires; the odd Lagrange values move together and are divided by δ. */
function finishScalars(
  curve: CurveModule,
  r1cs: R1cs,
  qap: { readonly a: number; readonly b: number; readonly c: number; readonly lagrange: number; readonly domainSize: number },
  secrets: Secrets,
): void {
  const { add, mul, batchFromMontgomery } = curve.fr;
  const { a, b, c, lagrange, domainSize } = qap;
  const alpha = allocScalar(curve, secrets.alpha);
  const beta = allocScalar(curve, secrets.beta);
  const inverseDelta = allocScalar(curve, invert(secrets.delta, r));
  const product = allocScalar(curve, 0n);
  for (let s = 0; s < r1cs.wireCount; s++) {
    const at = 32 * s;
    mul(beta, a + at, product);
    add(c + at, product, c + at);
    mul(alpha, b + at, product);
    add(c + at, product, c + at);
    if (s > r1cs.publicCount) mul(c + at, inverseDelta, c + at);
  }
  for (let i = 0; i < domainSize; i++) mul(lagrange + 64 * i + 32, inverseDelta, lagrange + 32 * i);
  for (const column of [a, b, c]) batchFromMontgomery(column, r1cs.wireCount, column);
  batchFromMontgomery(lagrange, domainSize, lagrange);
}

/** Section 2 but for its points α₁ β₁ β₂ γ₂ δ₁ δ₂, which are still to be computed. */
function writeHeader(bytes: Uint8Array, start: number, shape: ZkeyShape, { alpha, beta, delta }: Secrets): MultiplesTask[] {
  const view = new DataView(bytes.buffer, start, headerBytes);
  view.setUint32(0, 32, true);
  writeLittleEndian(baseOrder, view, 4);
  view.setUint32(36, 32, true);
  writeLittleEndian(r, view, 40);
  view.setUint32(72, shape.wireCount, true);
  view.setUint32(76, shape.publicCount, true);
  view.setUint32(80, shape.domainSize, true);
  let at = start + 84;
  const point = (group: GroupName, scalar: bigint): MultiplesTask => {
    const points = bytes.subarray(at, at + pointBytes[group]);
    at += pointBytes[group];
    return { group, scalars: toLittleEndian(scalar), points };
  };
  return [point('g1', alpha), point('g1', beta), point('g2', beta), point('g2', 1n), point('g1', delta), point('g2', delta)];
}
