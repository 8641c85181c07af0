/**
 * The key that phase 2 starts from: a circuit's proving key with δ = γ = 1, from powers of tau, section by section what `snarkjs zkey new` writes. It must never be used: anyone can forge for it until someone has contributed.
 *
 *   A_s = Σ A_{i,s}·L_i    B_s = Σ B_{i,s}·L_i    C_s, IC_s = Σ A_{i,s}·βL_i + B_{i,s}·αL_i + C_{i,s}·L_i    H_i = L^{2N}_{2i+1}
 *
 * Sums are exact whatever their order, so the bytes are snarkjs'. Memory besides the key: three records (324 bytes) per row of the domain, 8 bytes per term.
 * Reference: snarkjs 0.7.6 `zkey_new.js`.
 */
import { ZkonnxError } from '../../errors.ts';
import type { RunOptions } from '../../events.ts';
import { baseOrder, scalarOrder, writeLittleEndian } from '../../field/bn254.ts';
import type { KernelTask } from '../../kernels/tasks.ts';
import type { KernelThreads } from '../../kernels/threads.ts';
import type { R1cs } from '../../r1cs/r1cs.ts';
import { logDomainSize } from '../domain.ts';
import { headerBytes, layOutZkey, sectionViews } from '../zkey.ts';
import { writeTerms, zkeyTermCount } from '../zkey-terms.ts';
import { circuitHash } from './circuit-hash.ts';
import { type Columns, columnTasks, joinSegments, type PlacedMatrix, storeColumns, storePool } from './columns.ts';
import { generatorG1, generatorG2 } from './generators.ts';
import { lagrangePoints } from './lagrange.ts';
import { type Ptau, ptauSections, readPoints } from './ptau.ts';
import { runTasks } from './run.ts';
import { encodeTranscript } from './transcript.ts';

/** Above this the kernels' 4 GB do not hold the points of three bases. */
export const maxPtauLogDomain = 22;
/** Points that one task converts. */
const taskPoints = 1 << 14;
const stage = 'set-up';

/**
 * The whole file, ascending sections; section 10 ends with `contributionBytes` of room, which make it whole once they are written.
 * @throws ZkonnxError ZK1001 for a circuit that is larger than the powers of tau or than 2^22 rows, ZK5004 for a damaged file, ZK1006 when aborted.
 */
export async function initialKey(
  threads: KernelThreads,
  r1cs: R1cs,
  ptau: Ptau,
  options: RunOptions,
  contributionBytes = 0,
): Promise<{ readonly bytes: Uint8Array; readonly sections: Map<number, Uint8Array> }> {
  const { wireCount, publicCount, rowCount } = r1cs;
  const logDomain = logDomainSize(rowCount, publicCount);
  if (logDomain > Math.min(ptau.power, maxPtauLogDomain)) {
    throw new ZkonnxError('ZK1001', {
      what: `the circuit needs 2^${logDomain} powers of tau, ${ptau.source.name} has 2^${ptau.power}`,
      hint:
        logDomain > maxPtauLogDomain
          ? `set-ups from powers of tau reach 2^${maxPtauLogDomain} rows`
          : `take a file of at least that power, such as powersOfTau28_hez_final_${String(logDomain).padStart(2, '0')}.ptau`,
    });
  }
  const domainSize = 2 ** logDomain;
  const layout = layOutZkey({ wireCount, publicCount, domainSize, termCount: zkeyTermCount(r1cs) }, contributionBytes);
  const sections = sectionViews(layout);
  const section = (type: number): Uint8Array => sections.get(type)!;
  section(1)[0] = 1;
  await writeHeader(section(2), { wireCount, publicCount, domainSize }, ptau);
  await writeTerms(section(4), r1cs, options);

  const mark = threads.mark();
  const { g1, g2 } = threads.local.kernel;
  const pool = storePool(threads, r1cs.pool);
  const a: PlacedMatrix = { matrix: r1cs.a, base: 0, appended: true };
  const b: PlacedMatrix = { matrix: r1cs.b, base: 0 };
  const sum = async (
    group: 'g1' | 'g2',
    columns: Columns,
    records: number,
    note: string,
    parts: readonly (readonly [number, Uint8Array])[],
  ) => {
    const { fileBytes } = threads.local.kernel[group];
    const out = threads.alloc(columns.wires.length * fileBytes);
    await runTasks(threads, columnTasks(group, columns, records, out, fileBytes), stage, note, options);
    for (const [firstWire, target] of parts) joinSegments(threads, group, columns, out, firstWire, target);
  };
  const withColumns = async (matrices: readonly PlacedMatrix[], use: (columns: Columns) => Promise<void>): Promise<void> => {
    const before = threads.mark();
    await use(storeColumns(threads, pool, r1cs, matrices));
    threads.release(before);
  };

  const stride = domainSize * g1.bulk.recordBytes;
  const bases = threads.alloc(3 * stride);
  for (const [i, source] of ([ptauSections.tauG1, ptauSections.alphaTauG1, ptauSections.betaTauG1] as const).entries()) {
    await loadRecords(threads, 'g1', await lagrangePoints(threads, ptau, source, logDomain, options), bases + i * stride, options);
  }
  await withColumns([a], (columns) => sum('g1', columns, bases, 'points of A', [[0, section(5)]]));
  await withColumns([b], (columns) => sum('g1', columns, bases, 'points of B', [[0, section(6)]]));
  const [alpha, beta] = [domainSize, 2 * domainSize];
  const all: PlacedMatrix[] = [
    { ...a, base: beta },
    { ...b, base: alpha },
    { matrix: r1cs.c, base: 0 },
  ];
  await withColumns(all, (columns) =>
    sum('g1', columns, bases, 'points of C', [
      [0, section(3)],
      [publicCount + 1, section(8)],
    ]),
  );
  threads.release(bases);

  const bases2 = threads.alloc(domainSize * g2.bulk.recordBytes);
  await loadRecords(threads, 'g2', await lagrangePoints(threads, ptau, ptauSections.tauG2, logDomain, options), bases2, options);
  await withColumns([b], (columns) => sum('g2', columns, bases2, 'points of B in G2', [[0, section(7)]]));
  threads.release(mark);

  const double = await lagrangePoints(threads, ptau, ptauSections.tauG1, logDomain + 1, options);
  for (let i = 0; i < domainSize; i++) section(9).set(double.subarray(64 * (2 * i + 1), 64 * (2 * i + 2)), 64 * i);
  section(10).set(encodeTranscript({ circuitHash: await circuitHash(threads, sections, ptau, options), contributions: [] }));
  return { bytes: layout.bytes, sections };
}

/** Points as files have them → records at `records`. */
async function loadRecords(
  threads: KernelThreads,
  group: 'g1' | 'g2',
  points: Uint8Array,
  records: number,
  options: RunOptions,
): Promise<void> {
  const { fileBytes, bulk } = threads.local.kernel[group];
  const before = threads.mark();
  const room = threads.alloc(points.length);
  new Uint8Array(threads.memory.buffer, room, points.length).set(points);
  const count = points.length / fileBytes;
  const tasks: KernelTask[] = [];
  for (let first = 0; first < count; first += taskPoints) {
    tasks.push({
      kind: 'readPoints',
      group,
      points: room + first * fileBytes,
      records: records + first * bulk.recordBytes,
      count: Math.min(taskPoints, count - first),
    });
  }
  await runTasks(threads, tasks, stage, 'points of the powers of tau', options);
  threads.release(before);
}

async function writeHeader(
  target: Uint8Array,
  { wireCount, publicCount, domainSize }: { readonly wireCount: number; readonly publicCount: number; readonly domainSize: number },
  ptau: Ptau,
): Promise<void> {
  const view = new DataView(target.buffer, target.byteOffset, headerBytes);
  view.setUint32(0, 32, true);
  writeLittleEndian(baseOrder, view, 4);
  view.setUint32(36, 32, true);
  writeLittleEndian(scalarOrder, view, 40);
  for (const [i, value] of [wireCount, publicCount, domainSize].entries()) view.setUint32(72 + 4 * i, value, true);
  await readPoints(ptau, ptauSections.alphaTauG1, 0, target.subarray(84, 148));
  await readPoints(ptau, ptauSections.betaTauG1, 0, target.subarray(148, 212));
  await readPoints(ptau, ptauSections.betaG2, 0, target.subarray(212, 340));
  target.set(generatorG2, 340);
  target.set(generatorG1, 468);
  target.set(generatorG2, 532);
}
