/**
 * Code of a prime field's arithmetic on float64 vectors: two elements side by side, five limbs of 51 bits each, in Montgomery form with R = 2^255. Owns the bounds that make it right.
 *
 * Limbs are signed and balanced. An element is
 *   "reduced": |value| ≤ (1/2 + 2^-40) p, limbs 0 … 3 in [−2^50, 2^50];
 *   "a product": |value| < 2 p, limbs 0 … 3 in [−2^50, 2^50], limb 4 what is left, below 2^51.
 * p is BN254's q or r: 2^255/p lies between 2.64 and 2.65.
 *
 * A product of two limbs is split by two fused operations (Emmart): with C = 3·2^102 the float fma(a, b, C) lies in [2^103, 2^104] and is a multiple of 2^51, so that its bit pattern
 * is that of C plus ab/2^51, rounded; fma(a, b, C + 3·2^51 − that) = 3·2^51 + rest, |rest| ≤ 2^50, is exact. Patterns are added as 64-bit integers; what the constants add is known at generation and
 * taken off once per column. Asked of the limbs: |a·b| ≤ 2^102, e.g. a difference or sum of two elements (2^51, uncarried) times an element or another such.
 * A column sums at most 20 terms below 2^51 + carry: below 2^56.
 * Rows 0 … 3 of the reduction add q·(k·p), k·p ≡ −1 mod 2^51 and |k| ≤ 2^50, so that q is the balanced low limb itself; with p″ = (k·p + 1)/2^51 that is q·p″ one limb up. Row 4
 * adds q·p, q = low·k. Hence |result| ≤ |x·y|/2^255 + p·(1/2 + 1/4 + 2^-49) = (0.3785 · |x/p| · |y/p| + 0.7501) p: "a product" as long as |x/p| · |y/p| ≤ 3.3.
 *
 * `reduce` subtracts round(t₄ · 2^204/p) · p: the lower limbs, below 2^53, are less than 8 units of t₄ against p₄ > 2^49. Asked: |t_i| ≤ 2^52, |value| < 4p.
 * Two reduced elements are equal mod p iff they differ by 0 or ±p; equal values may still differ in their limbs where one is ±2^50 exactly.
 *
 * Reference: N. Emmart, F. Zheng, C. Weems, "Faster modular exponentiation using double precision floating point arithmetic on the GPU" (2018).
 */
import { invert } from '../field/bn254.ts';
import type { Slots } from './field-code.ts';
import { type Code, type FunctionScope, get, i32, type Local, scratchBase, seq, set } from './wasm.ts';
import { f64x2, i64x2, v128 } from './wasm-simd.ts';

export const vectorLimbs = 5;
export const vectorLimbBits = 51;
/** One element: five float64. */
export const singleBytes = 8 * vectorLimbs;
/** Two elements side by side: five vectors. */
export const pairBytes = 16 * vectorLimbs;
const width = BigInt(vectorLimbBits);
const base = 1n << width;
const half = base >> 1n;
const top = vectorLimbs - 1;

/** Balanced limbs of any value; the top one takes the rest. */
export function balancedLimbs(value: bigint): readonly bigint[] {
  const limbs: bigint[] = [];
  for (let i = 0; i < top; i++) {
    const low = BigInt.asIntN(vectorLimbBits, value);
    limbs.push(low);
    value = (value - low) >> width;
  }
  return [...limbs, value];
}

export function patternOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

const bias = 1n << 61n;
const highConstant = 3 * 2 ** 102;
const highPattern = patternOf(highConstant);
/** What a low part is stored with: 3·2^51. */
export const lowConstant = 3 * 2 ** 51;
export const lowPattern = patternOf(lowConstant);
/** Added and taken off again, they round to a multiple of one, or of a limb. */
const [roundOne, roundLimb] = [lowConstant, highConstant];

/** 16-byte constants in the instance's working memory; loading them costs less than what V8 makes of `v128.const`. */
export interface VectorConstants {
  /** Opens a routine's access: the code to run first. */
  open(scope: FunctionScope): {
    readonly code: Code;
    readonly bits: (pattern: bigint) => Code;
    readonly number: (value: number | bigint) => Code;
    /** Address of a pair of which both are this value. */
    readonly pair: (value: bigint) => Code;
  };
  /** Offset from the scratch base, and both lanes of each constant. */
  readonly start: number;
  words(): readonly bigint[];
}

const maxConstants = 200;

export function makeVectorConstants(slots: Slots): VectorConstants {
  const start = Math.ceil(slots.sizeBytes / 16) * 16;
  slots.take(16 * maxConstants + 16);
  const table: bigint[] = [];
  return {
    start,
    words: () => table.flatMap((word) => [word, word]),
    open(scope) {
      const k = scope.local('i32');
      const bits = (pattern: bigint): Code => {
        const word = BigInt.asUintN(64, pattern);
        let index = table.indexOf(word);
        if (index < 0) index = table.push(word) - 1;
        if (table.length > maxConstants) throw new Error('too many vector constants');
        return v128.load(get(k), 16 * index);
      };
      const pair = (value: bigint): Code => {
        const words = balancedLimbs(value).map((limb) => patternOf(Number(limb)));
        let index = table.findIndex((_, i) => words.every((word, j) => table[i + j] === word));
        if (index < 0) index = table.push(...words) - words.length;
        if (table.length > maxConstants) throw new Error('too many vector constants');
        return i32.add(get(k), i32.const(16 * index));
      };
      const code = set(k, i32.add(scratchBase, i32.const(start)));
      return { code, bits, number: (value) => bits(patternOf(Number(value))), pair };
    },
  };
}

type Limbs = readonly Local[];

export interface VectorCode {
  readonly modulus: bigint;
  /** Limbs of the product, "a product" in the sense above; `x` may be evaluated once per limb. */
  product(scope: FunctionScope, x: (i: number) => Code, y: Limbs): { readonly code: Code; readonly limbs: Limbs };
  /** x·x for limbs within 2^50. */
  square(scope: FunctionScope, x: Limbs): { readonly code: Code; readonly limbs: Limbs };
  /** Reduces limbs in place. */
  reduce(scope: FunctionScope, limbs: Limbs): Code;
}

export function makeVectorCode(constants: VectorConstants, p: bigint): VectorCode {
  const k = BigInt.asIntN(vectorLimbBits, -invert(p, base));
  const plain = balancedLimbs(p);
  const multiple = balancedLimbs((k * p + 1n) / base);

  /** Columns of integer sums, each with what is to be taken off at the end. */
  function columns(scope: FunctionScope) {
    const { code: open, bits, number } = constants.open(scope);
    const [high, middle, mask, exponent, balance] = scope.locals('v128', 5) as [Local, Local, Local, Local, Local];
    const code: Code[] = [
      open,
      set(high, bits(highPattern)),
      set(middle, number(highConstant + lowConstant)),
      set(mask, bits(base - 1n)),
      set(exponent, number(2 ** 52)),
      set(balance, number(2 ** 52 + 2 ** 50)),
    ];
    const locals = scope.locals('v128', vectorLimbs + 1);
    let sums = locals.map((local) => ({ local, filled: false, excess: 0n }));
    const h = scope.local('v128');
    const add = (k: number, value: Code, excess: bigint): void => {
      const sum = sums[k]!;
      code.push(set(sum.local, sum.filled ? i64x2.add(get(sum.local), value) : value));
      sum.filled = true;
      sum.excess += excess;
    };
    const multiplyAdd = (a: Code, b: Code, k: number): void => {
      code.push(set(h, f64x2.madd(a, b, get(high))));
      add(k, f64x2.madd(a, b, f64x2.sub(get(middle), get(h))), lowPattern);
      add(k + 1, get(h), highPattern);
    };
    /** Column 0 with its excess taken off, biased to be positive and by half a limb, into `target`. */
    const settle = (target: Local, extra: bigint): void => {
      code.push(set(target, i64x2.add(get(sums[0]!.local), bits(extra - sums[0]!.excess))));
    };
    const balanced = (biased: Local): Code => f64x2.sub(v128.or(v128.and(get(biased), get(mask)), get(exponent)), get(balance));
    /** Drops column 0 and carries its biased value into the next. */
    const shift = (biased: Local): void => {
      const [first, ...rest] = sums;
      sums = [...rest, { local: first!.local, filled: false, excess: 0n }];
      add(0, i64x2.shrU(get(biased), i32.const(vectorLimbBits)), bias >> width);
    };
    const [biased, q] = [scope.local('v128'), scope.local('v128')];
    const reduceRow = (last: boolean): void => {
      settle(biased, bias + half);
      code.push(set(q, balanced(biased)));
      if (!last) {
        shift(biased);
        for (let j = 0; j < vectorLimbs; j++) multiplyAdd(get(q), number(multiple[j]!), j);
        return;
      }
      const factor = number(k);
      code.push(set(h, f64x2.madd(get(q), factor, get(high))), set(q, f64x2.madd(get(q), factor, f64x2.sub(get(high), get(h)))));
      for (let j = 0; j < vectorLimbs; j++) multiplyAdd(get(q), number(plain[j]!), j);
      settle(biased, bias);
      shift(biased);
    };
    const finish = (): { readonly code: Code; readonly limbs: Limbs } => {
      const out: Local[] = [];
      for (let j = 0; j < top; j++) {
        settle(biased, bias + half);
        // Column 0's own local is free once it is settled, but `shift` hands it to the last column.
        const limb = scope.local('v128');
        code.push(set(limb, balanced(biased)));
        out.push(limb);
        shift(biased);
      }
      const limb = scope.local('v128');
      settle(biased, lowPattern);
      code.push(set(limb, f64x2.sub(get(biased), number(lowConstant))));
      return { code: seq(code), limbs: [...out, limb] };
    };
    return { code, multiplyAdd, reduceRow, finish };
  }

  return {
    modulus: p,
    product(scope, x, y) {
      const { code, multiplyAdd, reduceRow, finish } = columns(scope);
      const factor = scope.local('v128');
      for (let i = 0; i < vectorLimbs; i++) {
        code.push(set(factor, x(i)));
        for (let j = 0; j < vectorLimbs; j++) multiplyAdd(get(factor), get(y[j]!), j);
        reduceRow(i === top);
      }
      return finish();
    },
    square(scope, x) {
      const { code, multiplyAdd, reduceRow, finish } = columns(scope);
      const twice = scope.local('v128');
      for (let i = 0; i < vectorLimbs; i++) {
        multiplyAdd(get(x[i]!), get(x[i]!), i);
        if (i < top) code.push(set(twice, f64x2.add(get(x[i]!), get(x[i]!))));
        for (let j = i + 1; j < vectorLimbs; j++) multiplyAdd(get(twice), get(x[j]!), j);
        reduceRow(i === top);
      }
      return finish();
    },
    reduce(scope, limbs) {
      const { code: open, number } = constants.open(scope);
      const [q, round, carry] = scope.locals('v128', 3) as [Local, Local, Local];
      const estimate = 2 ** 204 / Number(p);
      return seq(
        open,
        set(round, number(roundOne)),
        set(q, f64x2.sub(f64x2.madd(get(limbs[top]!), number(estimate), get(round)), get(round))),
        limbs.map((limb, i) => set(limb, f64x2.nmadd(get(q), number(plain[i]!), get(limb)))),
        set(round, number(roundLimb)),
        limbs
          .slice(0, top)
          .map((limb, i) =>
            seq(
              set(carry, f64x2.sub(f64x2.add(get(limb), get(round)), get(round))),
              set(limb, f64x2.sub(get(limb), get(carry))),
              set(limbs[i + 1]!, f64x2.madd(get(carry), number(2 ** -vectorLimbBits), get(limbs[i + 1]!))),
            ),
          ),
      );
    },
  };
}

export const loadPair = (scope: FunctionScope, address: Code, offset = 0): { readonly code: Code; readonly limbs: Limbs } => {
  const limbs = scope.locals('v128', vectorLimbs);
  return { code: seq(limbs.map((limb, i) => set(limb, v128.load(address, offset + 16 * i)))), limbs };
};

export const storePair = (address: Code, limbs: Limbs, offset = 0): Code =>
  seq(limbs.map((limb, i) => v128.store(address, get(limb), offset + 16 * i)));
