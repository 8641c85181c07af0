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
import { bn254 } from '@noble/curves/bn254.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { throwIfAborted, ZkonnxError } from '../errors.ts';
import type { RunOptions } from '../events.ts';
import { baseOrder, invert, power, scalarOrder, writeLittleEndian } from '../field/bn254.ts';
import type { FixedBaseTable } from '../kernels/fixed-base.ts';
import { elementBytes } from '../kernels/kernel.ts';
import { type GroupName, generatorMultiples, makeTable } from '../kernels/multiples.ts';
import { type KernelThreads, startKernelThreads } from '../kernels/threads.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import { g1ToFile, g2ToFile } from './ceremony/point-forms.ts';
import { logDomainSize } from './domain.ts';
import type { Keys } from './keys.ts';
import { makePace } from './pace.ts';
import { allocScalar, evaluateQap } from './qap.ts';
import { encodeRekeyed } from './rekeyed.ts';
import { vkeyHash } from './verification-key.ts';
import { g1Bytes, g2Bytes, headerBytes, layOutZkey, readVerificationKey, type ZkeyShape } from './zkey.ts';
import { writeTerms, zkeyTermCount } from './zkey-terms.ts';

export interface DevSetupInput {
  /** What the key is for; in the hash that a seed's secrets derive from, so that two circuits never share a δ. */
  readonly circuitDigest: string;
  /** Reproducible key, for tests and demos: anyone who knows the seed can forge. Without it the secrets come from the CSPRNG. */
  readonly seed?: string;
}

const r = scalarOrder;
/** Above this the kernels' 4 GB of memory do not hold the Lagrange basis and the columns. */
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

/** Circuits below this many rows are done before threads have started. */
const minThreadedRows = 4096;

/**
 * Makes a dev key. Memory: about 270 bytes per row of the domain besides the key itself.
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
  throwIfAborted(options.signal, 'set-up');
  const secrets = drawSecrets(input, logDomain);
  const { availableParallelism } = await import('node:os');
  const threads = await startKernelThreads({ threads: r1cs.rowCount < minThreadedRows ? 1 : availableParallelism(), stage: 'set-up' });
  try {
    const { zkey, rekeyed } = await makeKey(threads, r1cs, logDomain, input, secrets, options);
    const verificationKey = await readVerificationKey(zkey);
    const setup = { kind: 'dev' } as const;
    return { zkey, rekeyed, verificationKey, vkeyHash: vkeyHash(verificationKey), setup, circuitDigest: input.circuitDigest };
  } finally {
    await threads.close();
  }
}

async function makeKey(
  threads: KernelThreads,
  r1cs: R1cs,
  logDomain: number,
  { circuitDigest }: DevSetupInput,
  secrets: Secrets,
  options: RunOptions,
): Promise<{ readonly zkey: Uint8Array; readonly rekeyed: Uint8Array }> {
  const { wireCount, publicCount } = r1cs;
  const domainSize = 2 ** logDomain;
  const { a, b, c, lagrange } = await evaluateQap(threads, r1cs, logDomain, secrets.tau, options);
  const rekeyed = threads.alloc(32 * wireCount);
  await finishScalars(threads, r1cs, { a, b, c, lagrange, rekeyed, domainSize }, secrets, options);
  const shape: ZkeyShape = { wireCount, publicCount, domainSize, termCount: zkeyTermCount(r1cs) };
  const { bytes, starts } = layOutZkey(shape);
  new DataView(bytes.buffer).setUint32(starts[1]!, 1, true);
  writeHeader(bytes.subarray(starts[2]!, starts[2]! + headerBytes), shape, secrets);
  await writeTerms(bytes.subarray(starts[4]!), r1cs, options);
  bytes.set(sha512(new TextEncoder().encode(JSON.stringify(['zkonnx/dev-setup/v1', circuitDigest]))), starts[10]!);

  // Scalars' addresses, now canonical and 32 bytes each; G2 first, which is the bulk.
  const section = (type: number): Uint8Array => bytes.subarray(starts[type]!);
  const rekeyedPoints = new Uint8Array(g1Bytes * wireCount);
  const sets: readonly (readonly [group: GroupName, scalars: number, count: number, target: Uint8Array])[] = [
    ['g2', b, wireCount, section(7)],
    ['g1', c, publicCount + 1, section(3)],
    ['g1', a, wireCount, section(5)],
    ['g1', b, wireCount, section(6)],
    ['g1', c + 32 * (publicCount + 1), wireCount - publicCount - 1, section(8)],
    ['g1', lagrange, domainSize, section(9)],
    ['g1', rekeyed, wireCount, rekeyedPoints],
  ];
  const total = sets.reduce((sum, [, , count]) => sum + count, 0);
  const tables = new Map<GroupName, FixedBaseTable>();
  let before = 0;
  for (const [group, scalars, count, target] of sets) {
    const size = group === 'g1' ? g1Bytes : g2Bytes;
    const ofGroup = sets.reduce((sum, [other, , otherCount]) => (other === group ? sum + otherCount : sum), 0);
    const onDone = (done: number): void => options.onEvent?.({ stage: 'set-up', done: before + done, total, note: 'points of 7 sets' });
    onDone(0);
    const table = tables.get(group) ?? (await makeTable(threads, group, ofGroup, options.signal));
    tables.set(group, table);
    await generatorMultiples(threads, group, table, scalars, target.subarray(0, count * size), { signal: options.signal, onDone });
    before += count;
  }
  return { zkey: bytes, rekeyed: await encodeRekeyed(bytes, shape, rekeyedPoints) };
}

/** In place, to canonical form: C becomes (βA + αB + C)/δ for private and /γ = /1 for public wires; the odd Lagrange values move together and are divided by δ. `rekeyed` gets the C″ of rekeyed.ts. */
async function finishScalars(
  threads: KernelThreads,
  r1cs: R1cs,
  qap: {
    readonly a: number;
    readonly b: number;
    readonly c: number;
    readonly lagrange: number;
    readonly rekeyed: number;
    readonly domainSize: number;
  },
  secrets: Secrets,
  options: RunOptions,
): Promise<void> {
  const { a, b, c, lagrange, rekeyed, domainSize } = qap;
  const alpha = allocScalar(threads, secrets.alpha);
  const beta = allocScalar(threads, secrets.beta);
  const inverseDelta = allocScalar(threads, invert(secrets.delta, r));
  const product = allocScalar(threads, 0n);
  const moved = allocScalar(threads, 0n);
  const rho = (power(secrets.tau, BigInt(domainSize), r) + 1n) * invert(2n, r);
  const [privateFactor, publicFactor] = [allocScalar(threads, rho), allocScalar(threads, rho - 1n)];
  const { add, mul, writeCanonical } = threads.local.kernel.fr;
  const tick = makePace('set-up', r1cs.wireCount + domainSize, 'scalars', options);
  for (let s = 0; s < r1cs.wireCount; s++) {
    const at = elementBytes * s;
    const isPrivate = s > r1cs.publicCount;
    mul(moved, c + at, isPrivate ? privateFactor : publicFactor);
    for (const [column, factor] of [
      [a, beta],
      [b, alpha],
    ] as const) {
      mul(product, column + at, factor);
      add(c + at, c + at, product);
      if (isPrivate) add(moved, moved, product);
    }
    if (isPrivate) mul(c + at, c + at, inverseDelta);
    mul(moved, moved, inverseDelta);
    writeCanonical(rekeyed + 32 * s, moved);
    // A scalar is written no further than its own element reached.
    for (const column of [a, b, c]) writeCanonical(column + 32 * s, column + at);
    if ((s & 8191) === 8191) await tick(s);
  }
  for (let i = 0; i < domainSize; i++) {
    mul(product, lagrange + elementBytes * (2 * i + 1), inverseDelta);
    writeCanonical(lagrange + 32 * i, product);
    if ((i & 8191) === 8191) await tick(r1cs.wireCount + i);
  }
}

/** Section 2 whole. */
function writeHeader(bytes: Uint8Array, shape: ZkeyShape, { alpha, beta, delta }: Secrets): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  view.setUint32(0, 32, true);
  writeLittleEndian(baseOrder, view, 4);
  view.setUint32(36, 32, true);
  writeLittleEndian(r, view, 40);
  view.setUint32(72, shape.wireCount, true);
  view.setUint32(76, shape.publicCount, true);
  view.setUint32(80, shape.domainSize, true);
  const [G1, G2] = [bn254.G1.Point.BASE, bn254.G2.Point.BASE];
  let at = 84;
  for (const point of [
    g1ToFile(G1.multiply(alpha)),
    g1ToFile(G1.multiply(beta)),
    g2ToFile(G2.multiply(beta)),
    g2ToFile(G2),
    g1ToFile(G1.multiply(delta)),
    g2ToFile(G2.multiply(delta)),
  ]) {
    bytes.set(point, at);
    at += point.length;
  }
}
