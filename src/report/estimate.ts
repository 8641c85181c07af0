/**
 * What a circuit will cost to prove and to check. Sizes follow from the circuit exactly; times follow from what small keys and proofs took here (speed.ts), memory and gas from
 * measurements, and say so.
 */
import { logDomainSize } from '../groth16/domain.ts';
import { sectionSizes } from '../groth16/zkey.ts';
import type { Circuit } from '../r1cs/circuit.ts';
import type { CircuitSize } from '../r1cs/counter.ts';
import type { Layout } from '../r1cs/layout.ts';
import { formatDuration } from './duration.ts';
import { type Speed, setupUnits } from './speed.ts';
import { formatBytes, formatCount } from './table.ts';

export interface Estimate {
  /** False: the circuit was counted and not built; the key's size is then known within a few per cent. */
  readonly exact: boolean;
  readonly constraints: number;
  readonly wires: number;
  readonly publicSignals: number;
  /** log2 of the evaluation domain. */
  readonly logDomain: number;
  readonly provingKeyBytes: number;
  readonly setupMs: number;
  readonly proofMs: number;
  readonly proofMemoryBytes: number;
  /** Of a transaction that only verifies. */
  readonly gas: number;
  /** What times and memory rest on. */
  readonly basis: string;
}

/**
 * What commands take, in terms of what `measureSpeed` measures, as `npm run bench:estimate` finds it: a first proof or key starts threads and compiles kernels, and a point of a large one costs more than one of a small one that
 * stays in the caches and has fewer windows.
 */
const ratios = {
  /** Of `proofFixed`: starting. */
  setupStart: 11,
  proofStart: 8.5,
  /** Of `setupPerUnit`, and how much of that is one thread's. */
  setupUnit: 1.25,
  setupSerialShare: 0.1,
  /** Of `proofPerPoint`. */
  proofPoint: 1.08,
};

/** Of the process that proves. */
const memory = { fixedBytes: 230e6, perKeyByte: 2.45 };

/** Who would do the work. */
export interface Machine {
  /** Threads that share it. */
  readonly cores: number;
  readonly speed: Speed;
}

export function estimateCircuit({ r1cs, layout }: Circuit, machine: Machine): Estimate {
  const { rowCount, wireCount, a, b } = r1cs;
  return estimateSize({ rowCount, wireCount, termCount: a.wires.length + b.wires.length }, layout, machine, true);
}

/** Of a circuit that was counted, not built: all is exact but the key's terms, of which there may be a few per cent less. */
export function estimateSize(size: CircuitSize, layout: Layout, { cores, speed }: Machine, exact = false): Estimate {
  const { rowCount, wireCount, termCount } = size;
  const publicCount = layout.signalCount;
  const logDomain = logDomainSize(rowCount, publicCount);
  const domainSize = 2 ** logDomain;
  // snarkjs appends a row, hence a term, for each public signal and the constant.
  const shape = { wireCount, publicCount, domainSize, termCount: termCount + publicCount + 1 };
  const sectionHeaderBytes = 12;
  const provingKeyBytes = sectionSizes(shape).reduce((sum, bytes) => sum + bytes + sectionHeaderBytes, 0);
  const setupMs = ratios.setupUnit * speed.setupPerUnit * setupUnits(wireCount, domainSize);
  const proofMs = ratios.proofPoint * speed.proofPerPoint * domainSize;
  const serial = ratios.setupSerialShare;
  return {
    exact,
    constraints: rowCount,
    wires: wireCount,
    publicSignals: publicCount,
    logDomain,
    provingKeyBytes,
    setupMs: Math.round(ratios.setupStart * speed.proofFixed + (serial + (1 - serial) / cores) * setupMs),
    proofMs: Math.round(ratios.proofStart * speed.proofFixed + proofMs / cores),
    proofMemoryBytes: memory.fixedBytes + memory.perKeyByte * provingKeyBytes,
    gas: verificationGas(layout),
    basis: `from a small key and its proofs made here just now, ${cores === 1 ? 'one core' : `${cores} cores`} idle`,
  };
}

/**
 * A transaction that only verifies: 21,000, its calldata (16 gas a byte, 4 a zero byte), the pairing of four pairs (181,000) and what surrounds it, and for each signal a
 * multiplication and an addition (6,150; EIP-1108, EIP-2028); none for a context of zero. Held by a test to what an EVM charges.
 */
function verificationGas({ inputs, outputs }: Layout): number {
  const fullWord = 32 * 16;
  const signals = [...inputs, ...outputs].reduce((sum, { visibility, signalCount, dtype }) => {
    const valueBytes = visibility !== 'public' ? 32 : dtype === 'uint8' || dtype === 'int8' ? 1 : 2;
    return sum + signalCount * (signalGas + 16 * valueBytes + 4 * (32 - valueBytes));
  }, signalGas + fullWord);
  const selectorGas = 4 * 16;
  return 21_000 + selectorGas + 8 * fullWord + pairingGas + signals;
}

const pairingGas = 184_700;
const signalGas = 6_670;

export function estimateLines(cost: Estimate): string[] {
  const about = cost.exact ? '' : 'about ';
  return [
    `  would need   ${formatCount(cost.constraints)} constraints (2^${cost.logDomain}), ${formatCount(cost.publicSignals)} public signals, proving key ${about}${formatBytes(cost.provingKeyBytes)}`,
    `  estimates    dev set-up ≈ ${formatDuration(cost.setupMs)} · proof ≈ ${formatDuration(cost.proofMs)}, ${formatBytes(cost.proofMemoryBytes)} · on chain ≈ ${formatCount(Math.round(cost.gas / 1000) * 1000)} gas`,
    `               (${cost.basis})`,
  ];
}
