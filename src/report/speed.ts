/**
 * How fast this machine makes keys and proofs, by making small ones: a dev key of a few hundred rows and proofs with it, by the very code that makes large ones. So an estimate
 * follows the kernels and the machine, whatever they become. Takes about a second of CPU time; nothing of it is kept.
 *
 * What is measured is the processor's time, which other programs' load hardly changes; the least of several runs counts.
 */
import { ONE } from '../../circuits/api.ts';
import { ZkonnxError } from '../errors.ts';
import type { RunOptions } from '../events.ts';
import { fieldBytes } from '../field/bn254.ts';
import { withSource } from '../groth16/byte-source.ts';
import { wasmProver } from '../groth16/prove.ts';
import { devSetup } from '../groth16/setup-dev.ts';
import { layOutZkey, sectionSizes, zkeySections } from '../groth16/zkey.ts';
import { writeTerms, zkeyTermCount } from '../groth16/zkey-terms.ts';
import { CircuitBuilder } from '../r1cs/builder.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import { encodeWtns } from '../witness/format.ts';

/** CPU milliseconds. */
export interface Speed {
  /** Of a dev key: for each of its `setupUnits`. */
  readonly setupPerUnit: number;
  /** Of a proof, threads and key at hand: for each point of the domain, and whatever its size. */
  readonly proofPerPoint: number;
  readonly proofFixed: number;
}

/** Multiples in G1 that a dev key takes: three for each wire, one in G2 that counts as three, and one for each point of the domain. */
export function setupUnits(wireCount: number, domainSize: number): number {
  return 6 * wireCount + domainSize;
}

/** A satisfied system with the witness of a quantized network: bits, and every seventh wire an integer below 2^31. */
function profile(logRows: number): { readonly r1cs: R1cs; readonly wtns: Uint8Array } {
  const api = new CircuitBuilder();
  const count = 2 ** logRows - 4;
  const outside = api.publicWires(1);
  const first = api.inputWires(count);
  const small = new Float64Array(2 + count).fill(1, 0, 2);
  let state = 1;
  for (let wire = first; wire < first + count; wire++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const isInteger = wire % 7 === 0;
    small[wire] = isInteger ? state >>> 1 : state >>> 31;
    api.a(wire, 1);
    if (isInteger) {
      api.b(ONE, 1);
      api.c(wire, 1);
    } else {
      api.b(wire, 1);
      api.b(ONE, -1);
    }
    api.constrain();
  }
  api.a(outside, 1);
  api.b(ONE, 1);
  api.c(outside, 1);
  api.constrain();
  const { r1cs } = api.finish();
  return { r1cs, wtns: encodeWtns(r1cs, { small, wide: new Map() }) };
}

/** A key of that size for the clock alone: the points of a small one over and over. What it proves verifies with nothing. */
async function repeatedKey(r1cs: R1cs, small: Uint8Array, logRows: number): Promise<Uint8Array> {
  const from = await sectionsOf(small);
  const shape = { wireCount: r1cs.wireCount, publicCount: r1cs.publicCount, domainSize: 2 ** logRows, termCount: zkeyTermCount(r1cs) };
  const { bytes, starts } = layOutZkey(shape);
  const sizes = sectionSizes(shape);
  for (const [type, section] of from) {
    if (type === 4) continue;
    const target = bytes.subarray(starts[type]!, starts[type]! + sizes[type]!);
    for (let at = 0; at < target.length; at += section.length) target.set(section.subarray(0, target.length - at), at);
  }
  const view = new DataView(bytes.buffer, starts[2]! + 2 * (4 + fieldBytes));
  view.setUint32(0, shape.wireCount, true);
  view.setUint32(8, shape.domainSize, true);
  await writeTerms(bytes.subarray(starts[4]!), r1cs, {});
  return bytes;
}

async function sectionsOf(zkey: Uint8Array): Promise<ReadonlyMap<number, Uint8Array>> {
  return withSource(zkey, '.zkey', async (source) => {
    const sections = await zkeySections(source);
    return new Map([...sections].map(([type, { start, size }]) => [type, zkey.subarray(start, start + size)]));
  });
}

/** Milliseconds that the processor was busy for this process, in all its threads. */
export type BusyClock = () => number;

/** Least CPU time of some runs. */
async function leastMs(clock: BusyClock, runs: number, work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const before = clock();
    await work();
    least = Math.min(least, clock() - before);
  }
  return least;
}

/** Rows of what is measured: set-ups of 2^8 and 2^12, proofs of 2^8 and 2^13. */
const [tinyLog, keyLog, proofLog] = [8, 12, 13] as const;

/** @throws ZkonnxError ZK1006 when aborted. */
export async function measureSpeed(clock: BusyClock, { signal }: RunOptions = {}): Promise<Speed> {
  const circuitDigest = '0'.repeat(64);
  const [tiny, small, large] = [profile(tinyLog), profile(keyLog), profile(proofLog)];
  const setUp = async ({ r1cs }: typeof tiny): Promise<Uint8Array> =>
    (await devSetup(r1cs, { circuitDigest, seed: 'speed' }, { signal })).zkey as Uint8Array;
  let [tinyKey, smallKey] = [new Uint8Array(0), new Uint8Array(0)] as [Uint8Array, Uint8Array];
  const tinySetup = await leastMs(clock, 3, async () => {
    tinyKey = await setUp(tiny);
  });
  const smallSetup = await leastMs(clock, 3, async () => {
    smallKey = await setUp(small);
  });
  const key = await repeatedKey(large.r1cs, smallKey, proofLog);
  const prover = wasmProver({ threads: 1 });
  try {
    // The large key's proof is thrown away by the prover itself, once it has been made and checked.
    const smallProof = await leastMs(clock, 3, () => prover.prove(tinyKey, tiny.wtns, { signal }));
    const largeProof = await leastMs(clock, 3, () => prover.prove(key, large.wtns, { signal }).catch(refuseAllBut('ZK6002')));
    const units = (of: typeof tiny, log: number): number => setupUnits(of.r1cs.wireCount, 2 ** log);
    return {
      // Where the smaller one took as long, the clock is too coarse: the larger one's whole time is an upper bound.
      setupPerUnit:
        smallSetup > tinySetup
          ? (smallSetup - tinySetup) / (units(small, keyLog) - units(tiny, tinyLog))
          : smallSetup / units(small, keyLog),
      proofPerPoint: Math.max(0, largeProof - smallProof) / (2 ** proofLog - 2 ** tinyLog),
      proofFixed: smallProof,
    };
  } finally {
    await prover.close();
  }
}

function refuseAllBut(code: string): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ZkonnxError && error.code === code)) throw error;
  };
}
