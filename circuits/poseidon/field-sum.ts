/** Linear expressions with field-size coefficients: packed words and the state of a hash. `Sum` (sum.ts) is for integers. */
import { type Api, ONE, type Wire } from '../api.ts';

export interface FieldSum {
  length: number;
  /** In [0, r). */
  constant: bigint;
  readonly wires: Wire[];
  readonly coefficients: bigint[];
}

export function newFieldSum(): FieldSum {
  return { length: 0, constant: 0n, wires: [], coefficients: [] };
}

export function resetField(sum: FieldSum, constant: bigint): FieldSum {
  sum.length = 0;
  sum.constant = constant;
  return sum;
}

export function plusTerm(sum: FieldSum, wire: Wire, coefficient: bigint): void {
  sum.wires[sum.length] = wire;
  sum.coefficients[sum.length++] = coefficient;
}

/** Defines a public wire allocated earlier as the sum. Cost: 1 constraint. */
export function defineFieldAs(api: Api, wire: Wire, sum: FieldSum): void {
  for (let i = 0; i < sum.length; i++) api.c(sum.wires[i]!, -sum.coefficients[i]!);
  api.c(ONE, -sum.constant);
  api.defineAs(wire);
}
