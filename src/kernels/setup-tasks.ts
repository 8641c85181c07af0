/** What set-ups and ceremonies hand to the kernels' threads, as plain data like the other tasks. */
import { type ColumnTerms, columnSums } from './column-sums.ts';
import { type FixedBaseTable, fillMultiples, multiplyFixedBase } from './fixed-base.ts';
import { type GroupLayerTask, groupLayer } from './group-transform.ts';
import type { Kernel } from './kernel.ts';
import type { SumWork } from './multi-sum.ts';
import { digitShapes, type MultiplyTask, multiplyPoints } from './multiply-points.ts';
import { checkPoints, uncompressDifferences, uncompressPoints } from './point-bytes.ts';

type Group = { readonly group: 'g1' | 'g2' };

export type SetupTask =
  | ({
      readonly kind: 'columnSums';
      readonly terms: ColumnTerms;
      readonly records: number;
      readonly first: number;
      readonly count: number;
      readonly out: number;
    } & Group)
  /** Records of d·point, d = 1 … count. */
  | ({ readonly kind: 'multiplesTable'; readonly point: number; readonly count: number; readonly records: number } & Group)
  | ({
      readonly kind: 'fixedBase';
      readonly table: FixedBaseTable;
      readonly scalars: number;
      readonly count: number;
      readonly out: number;
    } & Group)
  | ({ readonly kind: 'multiplyPoints' } & Group & MultiplyTask)
  | ({ readonly kind: 'groupLayer' } & Group & GroupLayerTask)
  /** Counts at `out`, u32 each: points that are not canonical or not on the curve, and those at infinity. */
  | ({ readonly kind: 'checkPoints'; readonly points: number; readonly count: number; readonly out: number } & Group)
  | ({ readonly kind: 'uncompressPoints'; readonly points: number; readonly count: number; readonly out: number } & Group)
  | ({
      readonly kind: 'uncompressDifferences';
      readonly high: number;
      readonly low: number;
      readonly count: number;
      readonly out: number;
    } & Group);

export function runSetupTask(kernel: Kernel, work: SumWork, task: SetupTask): void {
  const group = kernel[task.group];
  switch (task.kind) {
    case 'columnSums':
      columnSums(kernel, group, work, task.terms, task);
      return;
    case 'multiplesTable':
      fillMultiples(kernel, group, work, task.point, task.count, task.records);
      return;
    case 'fixedBase':
      multiplyFixedBase(kernel, group, work, task.table, task);
      return;
    case 'multiplyPoints':
      multiplyPoints(kernel, group, digitShapes[task.group], work, task);
      return;
    case 'groupLayer':
      groupLayer(kernel, group, digitShapes[task.group], work, task);
      return;
    case 'checkPoints':
      checkPoints(kernel, group, work, task.points, task.count, task.out);
      return;
    case 'uncompressPoints':
      uncompressPoints(kernel, group, work, task.points, task.count, task.out);
      return;
    case 'uncompressDifferences':
      uncompressDifferences(kernel, group, work, task);
      return;
  }
}
