/**
 * What a circuit will cost to prove and to check. Sizes follow from the circuit exactly; times, memory and gas are estimates from measurements, and say so. A program too
 * large to build its circuit in passing gets an estimate of its size as well.
 */
import { logDomainSize } from '../groth16/domain.ts';
import { sectionSizes } from '../groth16/zkey.ts';
import { maxTaps, rowCount } from '../program/linear.ts';
import type { Program, ProgramOp } from '../program/program.ts';
import type { Circuit } from '../r1cs/circuit.ts';
import type { Layout } from '../r1cs/layout.ts';
import { formatDuration } from './duration.ts';
import { formatBytes, formatCount } from './table.ts';

export interface Estimate {
  /** False: constraints, wires and key are estimated from the program, too. */
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

/** CPU time and memory of `zkonnx setup --dev` and `prove` (digits, LeNet-5) on a shared x86-64 server, Node 26, our own prover. */
const measured = {
  setupFixedMs: 1_400,
  setupMsPerWire: 0.139,
  proofFixedMs: 250,
  proofMsPerWire: 0.01,
  proofMsPerDomainPoint: 0.013,
  memoryFixedBytes: 220e6,
  memoryPerKeyByte: 2.3,
};

/** Sizes that everything else follows from. */
interface Size {
  readonly rowCount: number;
  readonly wireCount: number;
  /** Non-zeros of A and B. */
  readonly termCount: number;
}

/** @param cores how many threads will share the work. */
export function estimateCircuit({ r1cs, layout }: Circuit, cores: number): Estimate {
  const { rowCount, wireCount, a, b } = r1cs;
  return estimateSize({ rowCount, wireCount, termCount: a.wires.length + b.wires.length }, layout, cores, true);
}

/** Without a circuit: constraints per element of each op as they came out on the networks of docs/circuits.md, within about 15 %. */
export function estimateProgram(program: Program, layout: Layout, cores: number): Estimate {
  let rowCount = 2;
  for (const tensor of [...layout.inputs, ...layout.outputs]) {
    if (tensor.role === 'input') rowCount += 8 * tensor.elementCount;
    if (tensor.visibility === 'hashed') rowCount += 612 * Math.ceil(Math.ceil(tensor.elementCount / 31) / 14.5);
  }
  let termCount = 2 * rowCount;
  for (const op of program.ops) {
    const rows = roughRows(program, op);
    rowCount += rows;
    termCount += 2 * rows + roughTerms(op);
  }
  return estimateSize({ rowCount, wireCount: rowCount, termCount }, layout, cores, false);
}

function roughRows(program: Program, op: ProgramOp): number {
  const count = program.tensors[op.y]!.count;
  switch (op.kind) {
    case 'linear':
      return count;
    case 'dotproduct':
      return count * op.inner;
    case 'requantize':
    case 'table':
      return 30 * count;
    case 'max':
      return (
        (op.beforeRequantize ? 21 : 9) * (op.windows.indices.length - count) -
        (op.beforeRequantize ? 30 * (program.tensors[op.x]!.count - count) : 0)
      );
    case 'add':
    case 'multiply':
    case 'average':
      return 30 * count;
    case 'compare':
      return 10 * count;
    case 'logic':
    case 'select':
      return count;
    case 'topk':
      return op.windows.indices.length * (13 + count / 2 / (op.windows.starts.length - 1));
    case 'softmax':
      return 105 * count + 40 * (op.windows.starts.length - 1);
    case 'argmax':
      return 13 * op.windows.indices.length;
    case 'gather':
    case 'constant':
      return 0;
  }
}

/** Taps of linear rows: the other ops' rows have two or three terms each. */
function roughTerms(op: ProgramOp): number {
  if (op.kind !== 'linear') return 0;
  const { map } = op;
  switch (map.kind) {
    case 'conv2d':
      return rowCount(map) * maxTaps(map);
    case 'matmul':
      return map.rows * map.inner * map.columns;
    case 'windowsum':
      return map.windows.indices.length;
  }
}

function estimateSize({ rowCount, wireCount, termCount }: Size, layout: Layout, cores: number, exact: boolean): Estimate {
  const publicCount = layout.signalCount;
  const logDomain = logDomainSize(rowCount, publicCount);
  const domainSize = 2 ** logDomain;
  // snarkjs appends a row, hence a term, for each public signal and the constant.
  const shape = { wireCount, publicCount, domainSize, termCount: termCount + publicCount + 1 };
  const sectionHeaderBytes = 12;
  const provingKeyBytes = sectionSizes(shape).reduce((sum, bytes) => sum + bytes + sectionHeaderBytes, 0);
  const { setupFixedMs, setupMsPerWire, proofFixedMs, proofMsPerWire, proofMsPerDomainPoint, memoryFixedBytes, memoryPerKeyByte } =
    measured;
  return {
    exact,
    constraints: rowCount,
    wires: wireCount,
    publicSignals: publicCount,
    logDomain,
    provingKeyBytes,
    setupMs: Math.round(setupFixedMs + (setupMsPerWire * wireCount) / cores),
    proofMs: Math.round(proofFixedMs + (proofMsPerWire * wireCount + proofMsPerDomainPoint * domainSize) / cores),
    proofMemoryBytes: memoryFixedBytes + memoryPerKeyByte * provingKeyBytes,
    gas: verificationGas(layout),
    basis: `CPU time measured on an x86-64 server, divided by ${cores === 1 ? 'one core' : `${cores} cores`}`,
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
  const rounded = (value: number): string => formatCount(cost.exact ? value : Math.round(value / 10_000) * 10_000);
  return [
    `  would need   ${about}${rounded(cost.constraints)} constraints (2^${cost.logDomain}), ${formatCount(cost.publicSignals)} public signals, proving key ${about}${formatBytes(cost.provingKeyBytes)}`,
    `  estimates    dev set-up ≈ ${formatDuration(cost.setupMs)} · proof ≈ ${formatDuration(cost.proofMs)}, ${formatBytes(cost.proofMemoryBytes)} · on chain ≈ ${formatCount(Math.round(cost.gas / 1000) * 1000)} gas`,
    `               (${cost.basis})`,
  ];
}
