/**
 * The Groth16 prover: key and witness → proof, in the names of the paper. Phases of independent tasks for the kernels' threads, sums joined here.
 *
 *   A·w, B·w on the domain; C = A∘B there          rows of the constraint system, times 1/N
 *   to the odd coset                                inverse transform, shift by ω_2N, transform
 *   h_i = (A·B − C)(ω_2N^{2i+1})                    the quotient's scalars
 *   A = α + Σ w_s A_s + rδ     B = β + Σ w_s B_s + sδ
 *   C = Σ_private w_s K_s + Σ h_i H_i + sA + rB − rsδ
 *
 * With rekeyed points (rekeyed.ts) h_i is A·B alone, and the sum of K is over all wires.
 *
 * Reference: Groth 2016, §3.2; snarkjs 0.7.6 `groth16_prove.js` (odd coset, C = A∘B).
 */
import { throwIfAborted, ZkonnxError } from '../errors.ts';
import type { RunOptions } from '../events.ts';
import { fromLittleEndian, mod, scalarOrder } from '../field/bn254.ts';
import { elementBytes, type GroupRoutines, readCanonical } from '../kernels/kernel.ts';
import { foldWindows } from '../kernels/multi-sum.ts';
import type { GroupName, KernelTask } from '../kernels/tasks.ts';
import { type KernelThreads, startKernelThreads } from '../kernels/threads.ts';
import { readWtnsValues } from '../witness/format.ts';
import type { G1Json, G2Json, Keys, Proof } from './keys.ts';
import type { ProofWithSignals, Prover } from './prover.ts';
import { loadProvingKey, type ProvingKey } from './proving-key.ts';
import { quotientPhases, ranges } from './quotient.ts';
import { type ParsedKey, parseVerificationKey, refusal } from './verification-key.ts';
import { verifyWithParsedKey } from './verify.ts';
import { readZkeyHeader, type ZkeyHeader } from './zkey.ts';

const stage = 'proof';
/** Scalars that one task takes apart. */
const taskElements = 1 << 15;
/** Domains below this are done before threads have started. */
const minThreadedDomain = 2048;

export interface WasmProverOptions {
  /** Worker threads that share one key and split each proof, unless it is a small one; 1 works in the calling thread, in turns with its event loop. */
  readonly threads: number;
}

/** The proof's randomness: r and s of the paper. */
export interface Blinding {
  readonly r: bigint;
  readonly s: bigint;
}

/** Uniform in [0, r): 254 random bits until they are below r. */
function randomScalar(): bigint {
  for (;;) {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    bytes[31]! &= 0x3f;
    const value = fromLittleEndian(bytes);
    if (value < scalarOrder) return value;
  }
}

/** Uniform, from the CSPRNG; a zero, of 2^254 values, would hide nothing of its point and harm nothing else. */
export const freshBlinding = (): Blinding => ({ r: randomScalar(), s: randomScalar() });

/** The phases that end with H's digits. */
function quotientDigits(threads: KernelThreads, key: ProvingKey): KernelTask[][] {
  const n = 2 ** key.domain.log;
  return [
    ...quotientPhases(threads, key.domain, key, key.isRekeyed),
    ranges(n, taskElements).map(({ first, size }) => ({
      kind: 'digits',
      scalars: key.scalars + 32 * first,
      count: size,
      bits: key.windows.bits,
      windows: key.windows.count,
      out: key.digits + 2 * first,
      stride: n,
    })),
  ];
}

interface PointSum {
  readonly group: GroupName;
  /** Addresses of partial sums. */
  readonly parts: readonly number[];
}

/** Tasks for one sum over wires, cut so that several threads share it. */
function wireSum(threads: KernelThreads, group: GroupName, records: number, scalars: number, count: number, tasks: KernelTask[]): PointSum {
  const { bulk, sumBytes } = threads.local.kernel[group];
  const most = Math.max(4096, Math.ceil(count / (group === 'g2' ? 2 * threads.threads : threads.threads)));
  const parts = ranges(count, Math.min(most, 1 << 17)).map(({ first, size }) => {
    const out = threads.alloc(sumBytes);
    const at = records + first * bulk.recordBytes;
    tasks.push({ kind: 'sumPoints', group, records: at, scalars: scalars + 32 * first, count: size, out });
    return out;
  });
  return { group, parts };
}

/** All that depends on the witness, with the given randomness: for tests; `wasmProver` draws its own. */
export async function computeProof(
  threads: KernelThreads,
  key: ProvingKey,
  values: Uint8Array,
  { r, s }: Blinding,
  options: RunOptions,
): Promise<Proof> {
  const { memory, local } = threads;
  const { g1, g2, fq } = local.kernel;
  const { wireCount } = key.header;
  const n = 2 ** key.domain.log;
  const [plan, mark] = [quotientDigits(threads, key), threads.mark()];
  const sums: KernelTask[] = [];
  const windowSums = threads.alloc(key.windows.count * g1.sumBytes);
  for (let window = 0; window < key.windows.count; window++) {
    const digits = key.digits + 2 * n * window;
    sums.push({ kind: 'sumWindow', records: key.h, digits, count: n, bits: key.windows.bits, out: windowSums + window * g1.sumBytes });
  }
  // Nothing of these waits for the quotient: they fill what its phases leave of the threads.
  const wireTasks: KernelTask[] = [];
  const aSum = wireSum(threads, 'g1', key.a, key.witness, wireCount, wireTasks);
  const cSum = wireSum(threads, 'g1', key.c.records, key.witness + 32 * key.c.first, wireCount - key.c.first, wireTasks);
  const b2Sum = wireSum(threads, 'g2', key.b2, key.witness, wireCount, wireTasks);
  const b1Sum = wireSum(threads, 'g1', key.b1, key.witness, wireCount, wireTasks);
  const room = threads.alloc(24 * g2.sumBytes);
  const phases = [...plan, sums];
  const total = phases.reduce((sum, tasks) => sum + tasks.length, wireTasks.length);
  new Uint8Array(memory.buffer).set(values, key.witness);
  new Uint8Array(memory.buffer).fill(0, key.rows[0], key.rows[2]);
  let [done, note]: [number, string] = [0, 'sumPoints'];
  const { signal } = options;
  const tell = (): void => options.onEvent?.({ stage, done, total, note });
  const onDone = (): void => {
    done++;
    tell();
  };
  const wires = threads.run(wireTasks, { signal, onDone, background: true });
  // Awaited below; a failure before that is the phases' as well.
  wires.catch(() => {});
  for (const tasks of phases) {
    note = tasks[0]?.kind ?? note;
    tell();
    await threads.run(tasks, { signal, onDone });
  }
  await wires;

  options.onEvent?.({ stage, done: total, total, note: 'joining and checking' });
  let top = room;
  const fresh = (group: GroupRoutines): number => {
    new Uint8Array(memory.buffer).fill(0, top, top + group.sumBytes);
    top += group.sumBytes;
    return top - group.sumBytes;
  };
  const join = ({ group, parts }: PointSum, constant: number | null): number => {
    const sum = fresh(local.kernel[group]);
    if (constant !== null) local.kernel[group].addMixed(sum, constant);
    for (const part of parts) local.kernel[group].addSum(sum, part);
    return sum;
  };
  const times = (group: GroupRoutines, base: number, scalar: bigint): number => {
    const product = fresh(group);
    for (let bit = 253n; bit >= 0n; bit--) {
      group.double(product);
      if (((scalar >> bit) & 1n) === 1n) group.addSum(product, base);
    }
    return product;
  };
  const delta1 = fresh(g1);
  g1.addMixed(delta1, key.delta1);
  const delta2 = fresh(g2);
  g2.addMixed(delta2, key.delta2);
  const a = join(aSum, key.alpha1);
  g1.addSum(a, times(g1, delta1, r));
  const b1 = join(b1Sum, key.beta1);
  g1.addSum(b1, times(g1, delta1, s));
  const b2 = join(b2Sum, key.beta2);
  g2.addSum(b2, times(g2, delta2, s));
  const c = join(cSum, null);
  const quotient = fresh(g1);
  foldWindows(local.kernel, g1, windowSums, key.windows, quotient);
  g1.addSum(c, quotient);
  g1.addSum(c, times(g1, a, s));
  g1.addSum(c, times(g1, b1, r));
  g1.addSum(c, times(g1, delta1, mod(-r * s, scalarOrder)));

  const coordinates = (group: GroupRoutines, sum: number): string[] => {
    const point = fresh(group);
    group.toAffine(point, sum);
    const count = group.pointBytes / elementBytes;
    const out = fresh(group);
    return Array.from({ length: count }, (_, i) => String(readCanonical(memory, fq, point + i * elementBytes, out)));
  };
  const point1 = (sum: number): G1Json => {
    const [x, y] = coordinates(g1, sum) as [string, string];
    return [x, y, '1'];
  };
  const [x0, x1, y0, y1] = coordinates(g2, b2) as [string, string, string, string];
  const piB: G2Json = [
    [x0, x1],
    [y0, y1],
    ['1', '0'],
  ];
  const proof: Proof = { pi_a: point1(a), pi_b: piB, pi_c: point1(c), protocol: 'groth16', curve: 'bn128' };
  // The witness, what was computed from it, and the unblinded sums.
  for (const [start, sizeBytes] of key.secrets) new Uint8Array(memory.buffer).fill(0, start, start + sizeBytes);
  threads.release(mark);
  return proof;
}

/** Our own prover. Keeps the last key in memory, with its threads, until `close()` or another key. */
export function wasmProver({ threads: threadCount }: WasmProverOptions): Prover {
  interface Loaded {
    readonly zkey: Keys['zkey'];
    readonly threads: KernelThreads;
    readonly verificationKey: ParsedKey;
    readonly key: ProvingKey;
  }
  let loaded: Loaded | null = null;
  /** Proofs wait for each other: they share one memory. */
  let queue: Promise<unknown> = Promise.resolve();

  async function unload(): Promise<void> {
    const last = loaded;
    loaded = null;
    await last?.threads.close();
  }

  async function load(zkey: Keys['zkey'], options: RunOptions): Promise<Loaded> {
    if (loaded !== null && loaded.zkey === zkey) return loaded;
    await unload();
    const { header, verificationKey } = await readLintedHeader(zkey);
    const threads = await startKernelThreads({ threads: header.domainSize < minThreadedDomain ? 1 : threadCount, stage });
    try {
      loaded = { zkey, threads, verificationKey, key: await loadProvingKey(threads, zkey, header, options) };
      return loaded;
    } catch (error) {
      await threads.close();
      throw error;
    }
  }

  async function proveNext(zkey: Keys['zkey'], wtns: Uint8Array, options: RunOptions): Promise<ProofWithSignals> {
    throwIfAborted(options.signal, stage);
    const values = readWtnsValues(wtns);
    const { threads, key, verificationKey } = await load(zkey, options);
    const { wireCount, publicCount } = key.header;
    if (values.length !== 32 * wireCount) {
      throw new ZkonnxError('ZK5002', {
        path: 'the witness',
        what: `it has ${values.length / 32} wires, the key's circuit has ${wireCount}`,
      });
    }
    let proof: Proof;
    try {
      proof = await computeProof(threads, key, values, freshBlinding(), options);
    } catch (error) {
      await unload();
      throw error;
    }
    const publicSignals = Array.from({ length: publicCount }, (_, i) =>
      String(fromLittleEndian(values.subarray(32 * (i + 1), 32 * (i + 2)))),
    );
    const verdict = verifyWithParsedKey(verificationKey, publicSignals, proof);
    if (!verdict.valid) throw new ZkonnxError('ZK6002', {}, { details: verdict.reason });
    return { proof, publicSignals };
  }

  const enqueue = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work, work);
    queue = result.catch(() => undefined);
    return result;
  };
  return {
    prove: (zkey, wtns, options = {}) => enqueue(() => proveNext(zkey, wtns, options)),
    close: () => enqueue(unload),
  };
}

/** The header, and its verification key parsed, which is its lint. */
async function readLintedHeader(zkey: Keys['zkey']): Promise<{ readonly header: ZkeyHeader; readonly verificationKey: ParsedKey }> {
  const header = await readZkeyHeader(zkey);
  try {
    return { header, verificationKey: parseVerificationKey(header.verificationKey) };
  } catch (error) {
    const file = zkey instanceof Uint8Array ? '(in memory)' : zkey.path;
    throw new ZkonnxError('ZK5004', { format: '.zkey', file, what: refusal(error, 'key') });
  }
}
