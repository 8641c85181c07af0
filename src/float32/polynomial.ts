/** Horner's scheme in float32, highest coefficient first. */
import type { MultiplyAdd } from './fma.ts';

export function polynomial(coefficients: readonly number[], x: number, madd: MultiplyAdd): number {
  let sum = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) sum = madd(sum, x, coefficients[i]!);
  return sum;
}
