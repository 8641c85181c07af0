/**
 * Units of kernel work as plain data: what they read and write are addresses in the shared memory, so that any thread can run any of them. Each takes milliseconds
 * to some hundreds of them; those handed out together write to different places.
 */
import { instantiateKernel, type Kernel, type KernelModule } from './kernel.ts';
import { makeSumWork, recodeScalars, type SumWork, sumPoints, sumWindow, sumWorkBytes } from './multi-sum.ts';
import { runSetupTask, type SetupTask } from './setup-tasks.ts';

export type GroupName = 'g1' | 'g2';

export type KernelTask =
  | SetupTask
  /** Key points to records. */
  | { readonly kind: 'readPoints'; readonly group: GroupName; readonly points: number; readonly records: number; readonly count: number }
  /** out_i = first · ratio^i; the constants are addresses. */
  | { readonly kind: 'powers'; readonly out: number; readonly count: number; readonly first: number; readonly ratio: number }
  | {
      readonly kind: 'rowProducts';
      readonly terms: number;
      readonly count: number;
      readonly witness: number;
      readonly rows: readonly [number, number];
      readonly factors: number;
      /** Half the number of rows. */
      readonly half: number;
    }
  | { readonly kind: 'multiplyRows'; readonly rows: readonly [number, number, number]; readonly count: number; readonly factor: number }
  | {
      readonly kind: 'frequencyLayer' | 'timeLayer';
      readonly block: number;
      readonly half: number;
      readonly table: number;
      readonly first: number;
      readonly count: number;
    }
  /** The layer that joins the lanes of columns. */
  | {
      readonly kind: 'frequencyCross' | 'timeCross';
      readonly rows: number;
      readonly table: number;
      readonly first: number;
      readonly count: number;
    }
  /** The inner layers there, the shift, and the inner layers back, over one block of `count` columns from column `first` of a domain of 2^log. */
  | {
      readonly kind: 'toCoset';
      readonly block: number;
      readonly count: number;
      readonly inverseTable: number;
      readonly table: number;
      readonly first: number;
      readonly log: number;
      readonly powers: number;
    }
  | {
      readonly kind: 'quotientRows' | 'productRows';
      readonly rows: readonly [number, number, number];
      readonly out: number;
      readonly second: number;
      readonly count: number;
    }
  /** Signed digits of canonical scalars; `out` holds `stride` 16-bit digits per window. */
  | {
      readonly kind: 'digits';
      readonly scalars: number;
      readonly count: number;
      readonly bits: number;
      readonly windows: number;
      readonly out: number;
      readonly stride: number;
    }
  | {
      readonly kind: 'sumWindow';
      readonly records: number;
      readonly digits: number;
      readonly count: number;
      readonly bits: number;
      readonly out: number;
    }
  | {
      readonly kind: 'sumPoints';
      readonly group: GroupName;
      readonly records: number;
      readonly scalars: number;
      readonly count: number;
      readonly out: number;
    };

/** What a thread works with. */
export interface TaskRunner {
  readonly kernel: Kernel;
  readonly work: SumWork;
}

const aligned = (sizeBytes: number): number => Math.ceil(sizeBytes / 64) * 64;

/** Bytes of memory that one runner takes, the module's scratch included. */
export function runnerBytes({ scratchBytes }: KernelModule): number {
  return aligned(scratchBytes) + aligned(sumWorkBytes);
}

/** `start` is a multiple of 64. */
export function makeRunner(module: KernelModule, memory: WebAssembly.Memory, start: number): TaskRunner {
  return { kernel: instantiateKernel(module, memory, start), work: makeSumWork(memory, start + aligned(module.scratchBytes)) };
}

export function runTask({ kernel, work }: TaskRunner, task: KernelTask): void {
  switch (task.kind) {
    case 'readPoints': {
      kernel[task.group].bulk.readPoints(task.records, task.points, task.count);
      return;
    }
    case 'powers':
      kernel.transform.powers(task.out, task.count, task.first, task.ratio);
      return;
    case 'rowProducts':
      kernel.transform.rowProducts(task.terms, task.count, task.witness, ...task.rows, task.factors, task.half);
      return;
    case 'multiplyRows':
      kernel.transform.multiplyRows(...task.rows, task.count, task.factor);
      return;
    case 'frequencyLayer':
      kernel.transform.frequencyLayer(task.block, task.half, task.table, task.first, task.count);
      return;
    case 'timeLayer':
      kernel.transform.timeLayer(task.block, task.half, task.table, task.first, task.count);
      return;
    case 'frequencyCross':
      kernel.transform.frequencyCross(task.rows, task.table, task.first, task.count);
      return;
    case 'timeCross':
      kernel.transform.timeCross(task.rows, task.table, task.first, task.count);
      return;
    case 'toCoset': {
      const { frequencyBlock, shiftCoset, timeBlock } = kernel.transform;
      const half = task.count >> 1;
      frequencyBlock(task.block, half, task.inverseTable);
      shiftCoset(task.block, task.first, task.count, task.log, task.powers);
      timeBlock(task.block, half, task.table);
      return;
    }
    case 'quotientRows':
      kernel.transform.quotientRows(...task.rows, task.out, task.second, task.count);
      return;
    case 'productRows':
      kernel.transform.productRows(...task.rows, task.out, task.second, task.count);
      return;
    case 'digits': {
      const { scalars, count, bits, windows, out, stride } = task;
      recodeScalars(kernel, work, scalars, count, { bits, count: windows }, out, 2 * stride);
      return;
    }
    case 'sumWindow':
      sumWindow(kernel, kernel.g1, work, task, task.bits, task.out);
      return;
    case 'sumPoints':
      sumPoints(kernel, kernel[task.group], work, task.records, task.scalars, task.count, task.out);
      return;
    default:
      runSetupTask(kernel, work, task);
  }
}
