/**
 * Radix: in a linear relation all of whose open wires are ranged digits, u = Σ c_j·d_j with d_j ∈ [0, n_j]. If Σ|c_j|·n_j < r, the sum is one integer. In ascending order of |c_j|, wherever the common
 * divisor of the coefficients from j on exceeds what all before j can add up to, division by it separates the two parts: each is unique. A part of one digit is that digit. A part of several is
 * a number whose digits may vary: bits of a digit whose modulus is no power of two, or an OVERLAP. A total of r or more is an ALIAS: v and v + r both have digits.
 */
import { scalarOrder } from '../../field/bn254.ts';
import { openAtoms, relation } from '../form.ts';
import { PAIR, type Shapes } from '../shape.ts';
import { type AuditState, BLOCK, BY_RADIX } from '../state.ts';

/** No more digits than this have a total below r. */
export const mostDigits = 254;

export type Fault = 'overlap' | 'alias';

interface Digit {
  /** −1: the row's own expression. */
  readonly wire: number;
  readonly coefficient: bigint;
  readonly size: bigint;
  readonly reach: bigint;
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** Makes unique what is, and returns the parts of several digits; or the fault. */
export function radix(state: AuditState, shapes: Shapes, row: number): Digit[][] | Fault {
  const form = relation(state, shapes, row, 'open');
  const digits: Digit[] = openAtoms(state, form).map((wire) => {
    const coefficient = form.get(wire)!;
    const size = coefficient < 0n ? -coefficient : coefficient;
    return { wire, coefficient, size, reach: size * BigInt(state.highs[wire]! - state.lows[wire]!) };
  });
  if (shapes.kind[row] === PAIR && shapes.gaps[row] !== 0) {
    const gap = BigInt(shapes.gaps[row]!);
    digits.push({ wire: -1, coefficient: -gap, size: gap, reach: gap });
  }
  if (digits.length > mostDigits + 1) return 'alias';
  digits.sort((x, y) => (x.size < y.size ? -1 : x.size > y.size ? 1 : 0));
  const divisors: bigint[] = [];
  let divisor = 0n;
  for (let j = digits.length - 1; j >= 0; j--) divisors[j] = divisor = gcd(divisor, digits[j]!.size);
  if (digits.reduce((sum, { reach }) => sum + reach, 0n) >= scalarOrder) return 'alias';
  const parts: Digit[][] = [];
  let total = 0n;
  for (const [j, digit] of digits.entries()) {
    if (j === 0 || divisors[j]! > total) parts.push([]);
    parts[parts.length - 1]!.push(digit);
    total += digit.reach;
  }
  for (const part of parts) {
    if (part.length > 1) continue;
    if (part[0]!.wire < 0) state.expressionUnique[row] = 1;
    else state.setUnique(part[0]!.wire, BY_RADIX, row);
  }
  const open = parts.filter((part) => part.length > 1);
  if (open.length === 0) state.settled[row] = 1;
  return open;
}

/** Takes a part for the bits of one digit, if that is what it is. Only bits: a quotient that shares its part with a remainder is no digit's bit. */
export function takeBlock(state: AuditState, row: number, part: readonly Digit[]): boolean {
  const wires = part.filter(({ wire }) => wire >= 0);
  if (wires.some(({ wire }) => state.twoValued[wire] === 0 || state.lows[wire] !== 0 || state.highs[wire] !== 1)) return false;
  if (wires.some(({ wire }) => state.status[wire] === BLOCK)) return false;
  const divisor = part.reduce((d, { size }) => gcd(d, size), 0n);
  const virtual = part.find(({ wire }) => wire < 0);
  const weights = wires.map(({ coefficient }) => coefficient / divisor);
  if (!isDigit(virtual === undefined ? weights : [...weights, virtual.coefficient / divisor])) return false;
  const pivot = virtual === undefined ? weights.findIndex((weight) => weight === 1n || weight === -1n) : -1;
  state.addBlock({
    row,
    members: wires.map(({ wire }) => wire),
    weights,
    virtual: virtual === undefined ? null : virtual.coefficient / divisor,
    pivot: pivot < 0 ? null : wires[pivot]!.wire,
  });
  return true;
}

/** 1, 2, 4, … 2^(n−2) and one weight of at most 2^(n−1), all of one sign: the bits of a digit in [0, A), A ≤ 2^n. */
function isDigit(weights: readonly bigint[]): boolean {
  const sizes = weights.map((weight) => (weights[0]! < 0n ? -weight : weight)).sort((x, y) => (x < y ? -1 : 1));
  let next = 1n;
  let odd = 0;
  for (const size of sizes) {
    if (size === next) next *= 2n;
    else if (size < 1n || size > next || odd++ > 0) return false;
  }
  return true;
}
