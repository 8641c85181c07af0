/**
 * Zero tests.
 *
 * isZero: z = [x = 0] for any x.
 *   Constrains: −x·inverse = z − 1 and x·z = 0: x = 0 forces z = 1 by the first row, x ≠ 0 forces z = 0 by the second. Assumes: nothing; the caller sees to it that
 *   x = 0 mod r means what it wants, i.e. |x| < r. Cost: 2 constraints, 2 wires. `inverse` is free by design where x = 0; it occurs nowhere else.
 *
 * noneOf: z = [no flag is set] for `count` flags given as their sum s ∈ [0, count].
 *   Constrains: count 1: nothing, z = 1 − s. count 2: (s − 1)·(s − 2) = 2z. Otherwise s·i = M·(1 − z) and s·z = 0 with M = lcm(1 … count), so that i = M/s is a small integer:
 *   s = 0 forces z = 1 by the first row, s ≠ 0 forces z = 0 by the second. Assumes: s is an integer in [0, count] (each flag boolean).
 *   Cost: 0, 1 or 2 constraints and as many wires. i is free by design where s = 0; it occurs nowhere else.
 */
import { type Api, type Cost, ONE, type Wire } from './api.ts';
import { opcodes } from './hints.ts';
import { plus, plusWire, reset, type Sum, toA, toB, toInput } from './sum.ts';

export function isZeroCost(): Cost {
  return { constraints: 2, wires: 2 };
}

export function isZero(api: Api, x: Sum): Wire {
  toInput(api, 0, x);
  const inverse = api.hint(opcodes.inverse, [], 1);
  toA(api, x, -1);
  api.b(inverse, 1);
  api.c(ONE, -1);
  const zero = api.define();
  toA(api, x);
  api.b(zero, 1);
  api.constrain();
  return zero;
}

/** More flags than this have no common multiple of their counts among the safe integers. */
const mostFlags = 40;

/** lcm(1 … count), a safe integer for count ≤ 40. */
function commonMultiple(count: number): number {
  let multiple = 1;
  for (let n = 2; n <= count; n++) {
    let [a, b] = [multiple, n];
    while (b !== 0) [a, b] = [b, a % b];
    multiple *= n / a;
  }
  return multiple;
}

export function noneOfCost(count: number): Cost {
  return count > mostFlags ? isZeroCost() : { constraints: Math.min(2, count - 1), wires: Math.min(2, count - 1) };
}

/** Writes z = [s = 0] into `out`. */
export function noneOf(api: Api, s: Sum, count: number, out: Sum): void {
  reset(out);
  if (count === 1) {
    out.constant = 1;
    plus(out, s, -1);
    return;
  }
  if (count > mostFlags) {
    plusWire(out, isZero(api, s), 1);
    return;
  }
  toInput(api, 0, s);
  if (count === 2) {
    const zero = api.hint(opcodes.none, [1], 1);
    toA(api, s);
    api.a(ONE, -1);
    toB(api, s);
    api.b(ONE, -2);
    api.c(zero, 2);
    api.constrain();
    plusWire(out, zero, 1);
    return;
  }
  const multiple = commonMultiple(count);
  const zero = api.hint(opcodes.none, [multiple], 2);
  toA(api, s);
  api.b(zero + 1, 1);
  api.c(ONE, multiple);
  api.c(zero, -multiple);
  api.constrain();
  toA(api, s);
  api.b(zero, 1);
  api.constrain();
  plusWire(out, zero, 1);
}
