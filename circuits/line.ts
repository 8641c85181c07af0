/**
 * Requantization as a digital line: y = clamp(v, min, max), v = ⌊(m·acc − b)/A⌋ with exceptions or exact ties, over a proven interval of acc.
 *
 * One relation carries it all (L, U: the clamps drawn in to what v can reach):
 *
 *     m·acc − b + A·Σ δ·[acc = at] = R + A·(L + low + B·(w − below)),   R ∈ [0, A), low ∈ [0, B), w ∈ [0, W)
 *
 * a mixed-radix split (radix.ts) with digits R, low, w. B is U − L + 1, so that v ∈ [L, U] ⇔ w = below: whatever B is, no comparison is needed. `inside` = [w = below] comes
 * from w's bits; where v can leave on both sides, w has a sign bit g of its own (last digit 2). Then y = L + inside·(low − (U − L)) + (U − L)·g: one product. A clamp that the
 * interval does not reach has no digit; where it reaches neither, low is a wire, and y.
 *
 * Ties (A ≥ 2): v of the parity not kept steps down where R = 0, on bit 0 of low. That bit is the parity of v − L, since B is made even. If bit 0 = 1 is the parity not kept:
 * z = [R = 0] and low loses z·bit. Else the line rounds half down (b + 1), z = [R = A − 1], and low gains z·(1 − bit). No borrow or carry arises, so w stays valid.
 * B is made even by moving a clamp that the interval does not reach; where both are reached, B = U − L + 2, and low = U − L + 1 is brought back to U − L.
 *
 * Constrains: y is the step function of acc, and nothing else fits. Every term is an integer below 2^53 in absolute value, so the relation holds over the integers; Euclid's
 *   R, low, w are unique; exceptions, z, inside are zero tests; y is defined by a row.
 * Assumes: acc is an integer in [low, high] (bounds proven at compile time from range-checked inputs).
 * Cost: ⌈log2 A⌉ + ⌈log2 B⌉ + bits of w (and sign) + inside's 0–2 + 1, and 2 per exception; ties: 3 (A = 2: 1), and up to 2 where B = U − L + 2. `lineCost` counts.
 * Free by design: bit patterns of digits whose modulus is no power of two; inverses where a zero test is true (zero.ts).
 * Reference: docs/circuits.md §3.
 */
import { type Api, type Cost, ONE, type Wire } from './api.ts';
import { opcodes } from './hints.ts';
import { makeRadix, plusBitCount, plusDigit, type Radix, split } from './radix.ts';
import { makeRange, type Range, range } from './range.ts';
import { asWire, newSum, plus, plusWire, reset, type Sum, toA, toB, toC, toInput } from './sum.ts';
import { isZero, isZeroCost, noneOf, noneOfCost } from './zero.ts';

export interface LineForm {
  readonly m: number;
  readonly A: number;
  readonly b: number;
  readonly exceptions: readonly { readonly at: number; readonly delta: number }[];
  /** The parity of v that an exact tie keeps. */
  readonly tie: { readonly parity: 0 | 1 } | null;
  readonly min: number;
  readonly max: number;
}

/** A line over an interval, ready to be emitted for any number of accumulators. */
export interface Line {
  readonly form: LineForm;
  /** What is subtracted from m·acc: b, or b + 1 where ties round half down first. */
  readonly b: number;
  /** L, and U − L. */
  readonly lowest: number;
  readonly span: number;
  /** w when v is in [L, U]. */
  readonly below: number;
  readonly leavesAbove: boolean;
  readonly tie: 'down' | 'up' | null;
  /** low may be U − L + 1. */
  readonly overhang: boolean;
  /** Digits R, low, w, sign; null where low is a wire. */
  readonly radix: Radix | null;
  /** R and low where low is a wire. */
  readonly remainder: Range;
  readonly value: Range;
  readonly scratch: { readonly relation: Sum; readonly first: Sum; readonly test: Sum; readonly low: Sum; readonly flag: Sum };
}

const R = 0;
const LOW = 1;
const W = 2;
const SIGN = 3;

function floorLine({ m, A }: LineForm, b: number, acc: number): number {
  const e = m * acc - b;
  if (!Number.isSafeInteger(e)) throw new RangeError(`line ${m}·acc − ${b} leaves the safe integers at ${acc}`);
  const v = Math.floor(e / A);
  const rest = e - v * A;
  return rest < 0 ? v - 1 : rest >= A ? v + 1 : v;
}

const isEven = (v: number): boolean => v % 2 === 0;

/**
 * @param low,high proven interval of acc.
 * @throws RangeError where the form is not of this kind (constant over the interval, ties with A = 1) or leaves the safe integers.
 */
export function makeLine(form: LineForm, low: number, high: number): Line {
  const { A, exceptions, tie, min, max } = form;
  if (tie !== null && (A < 2 || exceptions.length > 0)) throw new RangeError('ties need a divisor of at least 2 and no exceptions');
  // With ties, v lies between half down and half up.
  let vLow = floorLine(form, form.b + (tie === null ? 0 : 1), low);
  let vHigh = floorLine(form, form.b, high);
  for (const { at, delta } of exceptions) {
    const v = floorLine(form, form.b, at) + delta;
    vLow = Math.min(vLow, v);
    vHigh = Math.max(vHigh, v);
  }
  let lowest = Math.max(min, vLow);
  let highest = Math.min(max, vHigh);
  if (lowest >= highest) throw new RangeError(`the line is constant over [${low}, ${high}]`);
  let overhang = false;
  if (tie !== null && isEven(highest - lowest)) {
    if (vHigh <= max) highest++;
    else if (vLow >= min) lowest--;
    else overhang = true;
  }
  const span = highest - lowest;
  const base = span + (overhang ? 2 : 1);
  const below = Math.max(0, Math.ceil((lowest - vLow) / base));
  const above = Math.max(0, Math.floor((vHigh - lowest) / base));
  const half = Math.max(below, above + 1);
  const moduli = [A, base];
  if (below > 0 && above > 0) moduli.push(half, 2);
  else if (below + above > 0) moduli.push(below + above + 1);
  const down = tie !== null && (tie.parity === 0) === isEven(lowest);
  return {
    form,
    b: form.b + (tie !== null && !down ? 1 : 0),
    lowest,
    span,
    below: below > 0 && above > 0 ? half : below,
    leavesAbove: above > 0,
    tie: tie === null ? null : down ? 'down' : 'up',
    overhang: overhang && above + below > 0,
    radix: moduli.length === 2 && tie === null ? null : makeRadix(moduli),
    remainder: makeRange(A),
    value: makeRange(base),
    scratch: { relation: newSum(), first: newSum(), test: newSum(), low: newSum(), flag: newSum() },
  };
}

/** How many flags say that v is outside [L, U]. */
function outsideFlags(radix: Radix): number {
  if (radix.moduli.length <= W) return 0;
  return radix.starts[W + 1]! - radix.starts[W]! + (radix.moduli.length > SIGN ? 1 : 0);
}

export function lineCost({ form, radix, remainder, value, tie, overhang }: Line): Cost {
  const tests = form.exceptions.length * isZeroCost().constraints;
  if (radix === null) {
    if (form.A === 1) return { constraints: tests + 1, wires: tests + 1 };
    const bits = remainder.radix.bitCount + value.radix.bitCount;
    return { constraints: tests + bits, wires: tests + bits - 1 };
  }
  const outside = outsideFlags(radix);
  let rows = tests + radix.bitCount + 1;
  if (outside > 0) rows += noneOfCost(outside).constraints;
  if (tie !== null) rows += noneOfCost(radix.starts[LOW]!).constraints + (outside > 0 ? 1 : 0);
  if (overhang) rows += noneOfCost(radix.starts[W]! - radix.starts[LOW]!).constraints;
  // A row for each wire, and one for the virtual bit.
  return { constraints: rows, wires: rows - 1 };
}

/** Emits y − offset for one accumulator; returns its wire. Choose offset ≤ the least y: small wires that are not negative are the cheap ones to prove. */
export function emitLine(api: Api, line: Line, acc: Sum, offset: number): Wire {
  const { form, radix, scratch } = line;
  const relation = reset(scratch.relation);
  plus(relation, acc, form.m);
  relation.constant -= line.b + form.A * line.lowest;
  for (const { at, delta } of form.exceptions) {
    const test = reset(scratch.test);
    plus(test, acc);
    test.constant -= at;
    plusWire(relation, isZero(api, test), form.A * delta);
  }
  if (radix === null) return emitUnclamped(api, line, relation, offset);

  relation.constant += form.A * radix.moduli[LOW]! * line.below;
  const base = split(api, radix, relation, scratch.first);
  const low = reset(scratch.low);
  plusDigit(low, radix, base, scratch.first, LOW, 1);
  if (radix.moduli.length <= W) {
    low.constant += line.lowest - offset;
    return emitTie(api, line, radix, base, low);
  }
  const change = line.tie === null ? null : emitTie(api, line, radix, base, null);
  if (change !== null) plusWire(low, change, line.tie === 'up' ? 1 : -1);
  if (line.overhang) plus(low, emitOverhang(api, line, radix, base, change), -1);
  return emitClamped(api, line, radix, base, offset);
}

/** v reaches no clamp: the relation is R + A·low with both ranged, and low is a wire. */
function emitUnclamped(api: Api, { form, lowest, remainder, value, scratch }: Line, relation: Sum, offset: number): Wire {
  relation.constant += form.A * (lowest - offset);
  if (form.A === 1) return asWire(api, relation);
  toInput(api, 0, relation);
  const y = api.hint(opcodes.quotient, [form.A], 1);
  plusWire(relation, y, -form.A);
  range(api, remainder, relation);
  const low = reset(scratch.low, offset - lowest);
  plusWire(low, y, 1);
  range(api, value, low);
  return y;
}

/** z·bit ('down') or z·(1 − bit) ('up') as a wire; with a value, value ∓ that. */
function emitTie(api: Api, { tie, scratch }: Line, radix: Radix, base: Wire, value: Sum | null): Wire {
  const bits = radix.starts[LOW]!;
  const bit = base + bits - 1;
  const up = tie === 'up';
  const count = reset(scratch.test, up ? bits : 0);
  plusBitCount(count, radix, base, scratch.first, R, up ? -1 : 1);
  const z = scratch.flag;
  noneOf(api, count, bits, z);
  toA(api, z, value !== null && !up ? -1 : 1);
  api.b(bit, up ? -1 : 1);
  if (up) api.b(ONE, 1);
  if (value !== null) toC(api, value, -1);
  return api.define();
}

/** [low = span + 1]: all bits 1, bit 0 after the tie's correction. The modulus is even, so its last two digits have one bit pattern each. */
function emitOverhang(api: Api, { tie, scratch }: Line, radix: Radix, base: Wire, change: Wire | null): Sum {
  const bits = radix.starts[W]! - radix.starts[LOW]!;
  const zeros = reset(scratch.test, bits);
  plusBitCount(zeros, radix, base, scratch.first, LOW, -1);
  if (change !== null) plusWire(zeros, change, tie === 'up' ? -1 : 1);
  noneOf(api, zeros, bits, scratch.flag);
  return scratch.flag;
}

/** y = L + inside·(low − span) + span·g; where v stays below U, L + inside·low. */
function emitClamped(api: Api, line: Line, radix: Radix, base: Wire, offset: number): Wire {
  const { first, test, low, flag } = line.scratch;
  const signed = radix.moduli.length > SIGN;
  const sign = base + radix.bitCount - 2;
  const onlyBelow = !line.leavesAbove;
  // w counts up from 0 inside, or, where v only leaves below, down from its largest value.
  const outside = outsideFlags(radix);
  const flags = reset(test, signed ? 1 : onlyBelow ? outside : 0);
  plusBitCount(flags, radix, base, first, W, onlyBelow ? -1 : 1);
  if (signed) plusWire(flags, sign, -1);
  noneOf(api, flags, outside, flag);
  const saturated = onlyBelow ? 0 : line.span;
  toA(api, low);
  api.a(ONE, -saturated);
  toB(api, flag);
  api.c(ONE, offset - line.lowest);
  api.c(signed ? sign : ONE, -saturated);
  return api.define();
}
