/** Truth values as 0 and 1. */
import type { ProgramOp } from '../program.ts';

export type LogicOperator = (ProgramOp & { readonly kind: 'logic' })['operator'];

/** `not` of a alone. */
export function applyLogic(operator: LogicOperator, a: number, b: number): number {
  switch (operator) {
    case 'not':
      return 1 - a;
    case 'and':
      return a * b;
    case 'or':
      return a + b - a * b;
    case 'xor':
      return a + b - 2 * a * b;
  }
}
