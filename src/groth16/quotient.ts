/**
 * The scalars of H: from a witness to h_i = (A·B − C)(ω_2N^{2i+1}), as phases of tasks, with the domain's tables that they read.
 *
 *   A·w, B·w on the domain, over N; C = A∘B there         sparse rows
 *   to the odd coset                                       inverse transform, shift by ω_2N, transform
 *
 * Arrays are columns of one or two lanes, see `TransformRoutines`; layers are those of N/lanes columns, besides the one that joins lanes.
 */
import { invert, power, scalarOrder } from '../field/bn254.ts';
import { elementBytes } from '../kernels/field-code.ts';
import { type Kernel, writeColumn, writeLimbs, writePowers } from '../kernels/kernel.ts';
import type { KernelTask } from '../kernels/tasks.ts';
import type { KernelThreads } from '../kernels/threads.ts';
import { rootOfUnity } from './domain.ts';

const r = scalarOrder;
/** Elements or butterflies that one task computes. */
const taskElements = 1 << 15;
/** Transforms within a task take no more columns than this. */
const logTaskBlock = 15;

export interface Domain {
  readonly log: number;
  /** Twiddles; the table of the roots goes one layer further than the transform and ends with the powers of the 2N-th root. */
  readonly table: number;
  readonly inverseTable: number;
  /** Two factors for the sums of row products, each over N. */
  readonly rowFactors: number;
  /** N as a column. */
  readonly size: number;
}

/** Bytes of N elements. */
export function rowBytes({ transform }: Kernel, n: number): number {
  return (n / transform.lanes) * transform.columnBytes;
}

/** Allocates and fills the tables. */
export async function prepareDomain(threads: KernelThreads, log: number, signal: AbortSignal | undefined): Promise<Domain> {
  const { local, memory } = threads;
  const { transform } = local.kernel;
  const n = 2 ** log;
  const { factorBytes, columnBytes, exponent } = transform;
  const table = threads.alloc((2 * n + 1) * factorBytes);
  const inverseTable = threads.alloc((n + 1) * factorBytes);
  const constants = threads.alloc(2 * 64 + columnBytes);
  const inverseSize = invert(BigInt(n), r);
  const [rowFactors, size] = [constants, constants + 2 * 64];
  // A row product multiplies by a factor over 2^261: coefficients come times 2^512, their products with a wire times 2^251.
  const scale = (bits: number): bigint =>
    (power(2n, BigInt(exponent + 261 - bits + 512), r) * invert(power(2n, 512n, r), r) * inverseSize) % r;
  writeLimbs(memory, rowFactors, scale(512));
  writeLimbs(memory, rowFactors + elementBytes, scale(251));
  writeColumn(local.kernel, size, BigInt(n));
  const root = rootOfUnity(log + 1);
  await threads.run(
    [
      ...powerTasks(threads, { out: table + n * factorBytes, count: n, ratio: root }),
      ...powerTasks(threads, { out: inverseTable + (n / 2) * factorBytes, count: n / 2, ratio: invert((root * root) % r, r) }),
    ],
    { signal },
  );
  for (let half = n / 2; half >= 1; half /= 2) {
    transform.everySecond(table + half * factorBytes, table + 2 * half * factorBytes, half);
    if (half < n / 2) transform.everySecond(inverseTable + half * factorBytes, inverseTable + 2 * half * factorBytes, half);
  }
  return { log, table, inverseTable, rowFactors, size };
}

/** ratio^i for i < count, in runs of their own. */
function powerTasks(
  threads: KernelThreads,
  { out, count, ratio }: { readonly out: number; readonly count: number; readonly ratio: bigint },
): KernelTask[] {
  const { kernel } = threads.local;
  const { columnBytes, factorBytes } = kernel.transform;
  const step = power(ratio, BigInt(taskElements), r);
  let first = 1n;
  return ranges(count, taskElements).map(({ first: index, size }): KernelTask => {
    const constants = threads.alloc(2 * columnBytes);
    writePowers(kernel, constants, constants + columnBytes, { first, ratio });
    first = (first * step) % r;
    return { kind: 'powers', out: out + index * factorBytes, count: size, first: constants, ratio: constants + columnBytes };
  });
}

/** Ranges of at most `most` that cover `count`. */
export function ranges(count: number, most: number): { readonly first: number; readonly size: number }[] {
  return Array.from({ length: Math.ceil(count / most) }, (_, i) => ({ first: i * most, size: Math.min(most, count - i * most) }));
}

/** Addresses of what the phases work on. */
export interface QuotientWork {
  /** Runs of terms that write to different rows: [address, count]. */
  readonly termRuns: readonly (readonly [number, number])[];
  readonly witness: number;
  /** A, B and C, zero but for C. */
  readonly rows: readonly [number, number, number];
  /** Canonical results, 32 bytes each. */
  readonly scalars: number;
}

/**
 * The phases, one after the other; the tasks within one are independent.
 * @param productOnly h_i = A·B, and there is no C.
 */
export function quotientPhases(threads: KernelThreads, domain: Domain, work: QuotientWork, productOnly: boolean): KernelTask[][] {
  const { transform } = threads.local.kernel;
  const { lanes, columnBytes, factorBytes } = transform;
  const { log, table, inverseTable } = domain;
  const { rows, scalars } = work;
  const transformed = productOnly ? rows.slice(0, 2) : rows;
  const n = 2 ** log;
  const columns = n / lanes;
  const logColumns = log - (lanes - 1);
  const fair = threads.threads === 1 ? 0 : Math.ceil(Math.log2(threads.threads));
  const outerLayers = Math.max(0, Math.min(logColumns - 1, Math.max(logColumns - logTaskBlock, fair)));
  const chunks = ranges(columns, taskElements);

  const layer = (kind: 'frequencyLayer' | 'timeLayer', level: number): KernelTask[] => {
    const half = columns >> (level + 1);
    const used = kind === 'timeLayer' ? table : inverseTable;
    return transformed.flatMap((row) =>
      ranges(columns, 2 * half).flatMap(({ first: start }) =>
        ranges(half, taskElements).map(
          ({ first, size }): KernelTask => ({ kind, block: row + start * columnBytes, half, table: used, first, count: size }),
        ),
      ),
    );
  };
  const cross = (kind: 'frequencyCross' | 'timeCross'): KernelTask[][] => {
    if (lanes === 1) return [];
    const twiddles = (kind === 'timeCross' ? table : inverseTable) + (n / 2) * factorBytes;
    return [
      transformed.flatMap((row) => chunks.map(({ first, size }): KernelTask => ({ kind, rows: row, table: twiddles, first, count: size }))),
    ];
  };
  const blockSize = columns >> outerLayers;
  const inner = transformed.flatMap((row) =>
    ranges(columns, blockSize).map(
      ({ first }): KernelTask => ({
        kind: 'toCoset',
        block: row + first * columnBytes,
        count: blockSize,
        inverseTable,
        table,
        first,
        log,
        powers: table + n * factorBytes,
      }),
    ),
  );
  const levels = Array.from({ length: outerLayers }, (_, level) => level);
  const rowsAt = (first: number): readonly [number, number, number] => {
    const [a, b, c] = rows;
    const offset = first * columnBytes;
    return [a + offset, b + offset, c + offset];
  };
  return [
    work.termRuns.map(([terms, count]) => ({
      kind: 'rowProducts',
      terms,
      count,
      witness: work.witness,
      rows: [rows[0], rows[1]],
      factors: domain.rowFactors,
      half: n / 2,
    })),
    ...(productOnly
      ? []
      : [chunks.map(({ first, size }): KernelTask => ({ kind: 'multiplyRows', rows: rowsAt(first), count: size, factor: domain.size }))]),
    ...cross('frequencyCross'),
    ...levels.map((level) => layer('frequencyLayer', level)),
    inner,
    ...levels.reverse().map((level) => layer('timeLayer', level)),
    ...cross('timeCross'),
    chunks.map(({ first, size }) => ({
      kind: productOnly ? 'productRows' : 'quotientRows',
      rows: rowsAt(first),
      out: scalars + 32 * first,
      second: scalars + 32 * (first + n / 2),
      count: size,
    })),
  ];
}
