/**
 * What a circuit will cost to prove and to check. Sizes follow from the circuit exactly; times, memory and gas are estimates from measurements, and say so.
 */
import { logDomainSize } from '../groth16/domain.ts';
import { sectionSizes } from '../groth16/zkey.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import { formatDuration } from './duration.ts';
import { formatBytes, formatCount } from './table.ts';

export interface Estimate {
  readonly constraints: number;
  readonly wires: number;
  readonly publicSignals: number;
  /** log2 of the evaluation domain. */
  readonly logDomain: number;
  /** Exact. */
  readonly provingKeyBytes: number;
  /** From `basis`; another machine differs by what its cores differ. */
  readonly proofMs: number;
  readonly setupMs: number;
  readonly proofMemoryBytes: number;
  /** Of a transaction that only verifies: measured verification, calldata at 16 a byte, 21,000. */
  readonly gas: number;
  readonly basis: string;
}

/** Measured by bench/prove.ts on 2 cores of a shared x86-64 server, Node 26, snarkjs 0.7.6. */
const measured = {
  basis: 'measured with snarkjs on 2 shared x86-64 cores; a laptop of today takes a third to a half',
  proofFixedMs: 350,
  /** Per point of the domain, and per wire (the multi-scalar multiplications). */
  proofMsPerRow: 0.012,
  proofMsPerWire: 0.03,
  setupFixedMs: 300,
  setupMsPerWire: 0.35,
  baseMemoryBytes: 150e6,
};

export function estimate(r1cs: R1cs): Estimate {
  const { rowCount, wireCount, publicCount } = r1cs;
  const logDomain = logDomainSize(rowCount, publicCount);
  const domainSize = 2 ** logDomain;
  const shape = { wireCount, publicCount, domainSize, termCount: r1cs.a.wires.length + r1cs.b.wires.length + publicCount + 1 };
  const provingKeyBytes = sectionSizes(shape).reduce((sum, bytes) => sum + bytes + 12, 0);
  return {
    constraints: rowCount,
    wires: wireCount,
    publicSignals: publicCount,
    logDomain,
    provingKeyBytes,
    proofMs: measured.proofFixedMs + measured.proofMsPerRow * domainSize + measured.proofMsPerWire * wireCount,
    setupMs: measured.setupFixedMs + measured.setupMsPerWire * wireCount,
    proofMemoryBytes: measured.baseMemoryBytes + 2 * provingKeyBytes,
    gas: verificationGas(publicCount),
    basis: measured.basis,
  };
}

/** Pairing of four pairs 181,000 (EIP-1108), per signal a multiplication, an addition and its calldata; held by test/evm to what an EVM charges. */
function verificationGas(publicCount: number): number {
  const calldataBytes = 4 + 32 * (8 + publicCount);
  return 21_000 + 16 * calldataBytes + 185_000 + 6_450 * publicCount;
}

export function estimateLines(cost: Estimate): string[] {
  return [
    `  would need   ${formatCount(cost.constraints)} constraints (2^${cost.logDomain}), proving key ${formatBytes(cost.provingKeyBytes)}, ${cost.publicSignals} public signals`,
    `  estimates    set-up ≈ ${formatDuration(cost.setupMs)} · proof ≈ ${formatDuration(cost.proofMs)}, ${formatBytes(cost.proofMemoryBytes)} · on chain ≈ ${formatCount(Math.round(cost.gas / 1000) * 1000)} gas`,
    `               (${cost.basis})`,
  ];
}
