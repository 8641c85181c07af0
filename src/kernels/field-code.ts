/**
 * Code of a prime field's arithmetic: elements of nine limbs of 29 bits, 36 bytes, in Montgomery form with R = 2^261. Owns the bounds that make it right.
 *
 * p is BN254's q or r, both between 2^261/170 and 2^261/169. An element is
 *   "reduced": value in [0, p + 2^-11 p), limbs below 2^29, the top one as the value has it;
 *   "a product": value in [0, 3p), limbs below 2^29.
 * Multiplication (operand scanning, all unrolled) takes x with limbs below 2^31 and y with limbs below 2^29, or both below 2^30, and values with x·y < 169 p²: a column sums at most
 * 9·2^60 + 9·2^58 + carry < 2^64. Rows 0 … 7 add q·(k·p), where k·p ≡ −1 mod 2^29, so that q is the low limb itself; with p″ = (k·p + 1)/2^29 that is q·p″ one limb up. The last row
 * adds q·p with q = low·μ, which keeps the result below x·y/2^261 + (1 + k/2^29) p < 3p.
 * Reduction subtracts q·p with q = ⌊t₈·⌊2^40/(p₈+1)⌋/2^40⌋, t₈ the top limb: never more than the value holds. What the estimate loses is below 3·10^-6 of the quotient and, for limbs below
 * 2^33, another 4·10^-6: with values below 128 p the rest is below p + 2^-11 p. So reduced elements are equal mod p iff they differ by 0 or ±p.
 *
 * Reference: Montgomery 1985; Koç, Acar, Kaliski 1996 (CIOS).
 */
import { invert } from '../field/bn254.ts';
import {
  type Code,
  call,
  type FunctionScope,
  get,
  i32,
  i64,
  type Local,
  type ModuleWriter,
  type Routine,
  returnValue,
  scratchBase,
  seq,
  set,
  when,
} from './wasm.ts';

export const limbCount = 9;
export const limbBits = 29;
export const elementBytes = 4 * limbCount;
export const limbMask = (1 << limbBits) - 1;
const mask = BigInt(limbMask);
const top = limbCount - 1;
const estimateBits = 40n;

export function limbsOf(value: bigint): readonly bigint[] {
  return Array.from({ length: limbCount }, (_, i) => (i < top ? (value >> BigInt(limbBits * i)) & mask : value >> BigInt(limbBits * i)));
}

/** Montgomery form of a constant. */
export function montgomery(value: bigint, p: bigint): bigint {
  return (value << BigInt(limbBits * limbCount)) % p;
}

/** Reserves working memory at fixed offsets from the instance's scratch base. */
export interface Slots {
  take(sizeBytes: number): Code;
  readonly sizeBytes: number;
}

export function makeSlots(): Slots {
  let size = 0;
  return {
    take(sizeBytes) {
      const offset = size;
      size += Math.ceil(sizeBytes / 8) * 8;
      return i32.add(scratchBase, i32.const(offset));
    },
    get sizeBytes() {
      return size;
    },
  };
}

/** What curve code needs of a field. Routines take addresses, the result's first; results may overwrite operands. */
export interface FieldCode {
  readonly sizeBytes: number;
  /** Product of x, which may be an unreduced difference, and y. */
  readonly mul: Routine;
  readonly sqr: Routine;
  /** x + y, reduced. */
  readonly add: Routine;
  /** x − y, reduced. */
  readonly sub: Routine;
  /** x − y − z, reduced. */
  readonly sub2: Routine;
  /** x − y, fit to be the first factor of one multiplication. */
  readonly difference: Routine;
  /** 1 if the reduced element is 0 mod p. */
  readonly isZero: Routine;
  /** Not of zero. */
  readonly inverse: Routine;
  /** One 32- or 64-byte Montgomery element of R = 2^256 → reduced element and its negative, which is written behind it. */
  readonly readPair: Routine;
  /** One 32- or 64-byte Montgomery element of R = 2^256, canonical ← element; the opposite of `readPair`. */
  readonly writeFile: Routine;
  /** p's lowest limb. */
  readonly lowLimb: number;
}

/** Emits code over limbs in locals; `makePrimeField` has the routines over memory. */
export interface LimbCode {
  readonly p: readonly bigint[];
  /** A multiple of p whose limbs are all large: x − y + offset has no negative limb for a carried y below 3p. */
  readonly offset: readonly bigint[];
  loadLimbs(scope: FunctionScope, address: Local): { readonly code: Code; readonly limbs: readonly Local[] };
  /** Nine carried limbs of the product, a "product" in the sense above. `x` may be evaluated once per limb. */
  product(scope: FunctionScope, x: (i: number) => Code, y: readonly Local[]): { readonly code: Code; readonly limbs: readonly Local[] };
  /** The same for x·x: 45 products of limbs instead of 81. Limbs below 2^29. */
  square(scope: FunctionScope, x: readonly Local[]): { readonly code: Code; readonly limbs: readonly Local[] };
  /** Reduces non-negative limbs and stores them. */
  reduceTo(scope: FunctionScope, address: Local, limbs: readonly Local[]): Code;
  /** Stores limbs after carrying, without reduction; limbs may be negative, the value may not. */
  carryTo(scope: FunctionScope, address: Local, limb: (i: number) => Code): Code;
}

export function makeLimbCode(p: bigint): LimbCode {
  const limbs = limbsOf(p);
  const base = 1n << BigInt(limbBits);
  const mu = base - invert(p, base);
  const multiple = limbsOf((mu * p + 1n) >> BigInt(limbBits));
  const estimate = (1n << estimateBits) / (limbs[top]! + 1n);
  const offset = limbsOf(8n * p).map((limb, i) => (i === 0 ? limb + 2n * base : i < top ? limb + 2n * base - 2n : limb - 2n));
  const low = (value: Code): Code => i64.and(value, i64.const(mask));
  const carry = (value: Code): Code => i64.shrU(value, i64.const(BigInt(limbBits)));

  return {
    p: limbs,
    offset,
    loadLimbs(scope, address) {
      const locals = scope.locals('i64', limbCount);
      return { code: seq(locals.map((local, i) => set(local, i64.load32(get(address), 4 * i)))), limbs: locals };
    },
    product(scope, x, y) {
      const sums = scope.locals('i64', limbCount);
      const [factor, q, c] = [scope.local('i64'), scope.local('i64'), scope.local('i64')];
      const code: Code[] = [];
      for (let i = 0; i < limbCount; i++) {
        code.push(set(factor, x(i)));
        for (let j = 0; j < limbCount; j++) {
          const term = i64.mul(get(factor), get(y[j]!));
          code.push(set(sums[j]!, i === 0 ? term : i64.add(get(sums[j]!), term)));
        }
        if (i < top) {
          code.push(set(q, low(get(sums[0]!))), set(c, carry(get(sums[0]!))));
          for (let j = 0; j < limbCount; j++) {
            const term = i64.mul(get(q), i64.const(multiple[j]!));
            const sum = j < top ? i64.add(get(sums[j + 1]!), term) : term;
            code.push(set(sums[j]!, j === 0 ? i64.add(get(c), sum) : sum));
          }
        } else {
          code.push(set(q, low(i64.mul(low(get(sums[0]!)), i64.const(mu)))));
          code.push(set(c, carry(i64.add(get(sums[0]!), i64.mul(get(q), i64.const(limbs[0]!))))));
          for (let j = 1; j < limbCount; j++) {
            const sum = i64.add(get(sums[j]!), i64.mul(get(q), i64.const(limbs[j]!)));
            code.push(set(sums[j - 1]!, j === 1 ? i64.add(get(c), sum) : sum));
          }
        }
      }
      for (let j = 0; j < top; j++) {
        const above = carry(get(sums[j]!));
        code.push(set(sums[j + 1]!, j + 1 < top ? i64.add(get(sums[j + 1]!), above) : above));
        code.push(set(sums[j]!, low(get(sums[j]!))));
      }
      return { code: seq(code), limbs: sums };
    },
    square(scope, x) {
      const t = scope.locals('i64', 2 * limbCount);
      const [q, c] = [scope.local('i64'), scope.local('i64')];
      const code: Code[] = [];
      const sum = (terms: readonly Code[]): Code => terms.reduce((total, term) => i64.add(total, term));
      for (let k = 0; k < 2 * limbCount - 1; k++) {
        const cross: Code[] = [];
        for (let i = Math.max(0, k - top); 2 * i < k; i++) cross.push(i64.mul(get(x[i]!), get(x[k - i]!)));
        const terms = cross.length > 0 ? [i64.shl(sum(cross), i64.const(1n))] : [];
        if (k % 2 === 0) terms.push(i64.mul(get(x[k / 2]!), get(x[k / 2]!)));
        code.push(set(t[k]!, sum(terms)));
      }
      code.push(set(t[2 * limbCount - 1]!, i64.const(0n)));
      for (let i = 0; i < limbCount; i++) {
        const last = i === top;
        code.push(set(q, low(last ? i64.mul(low(get(t[i]!)), i64.const(mu)) : get(t[i]!))));
        const below = last ? i64.add(get(t[i]!), i64.mul(get(q), i64.const(limbs[0]!))) : get(t[i]!);
        code.push(set(c, carry(below)));
        const factors = last ? limbs.slice(1) : multiple;
        for (const [j, limb] of factors.entries()) {
          const target = t[i + 1 + j]!;
          const term = i64.add(get(target), i64.mul(get(q), i64.const(limb)));
          code.push(set(target, j === 0 ? i64.add(get(c), term) : term));
        }
      }
      const out = t.slice(limbCount);
      for (let j = 0; j < top; j++) {
        code.push(set(out[j + 1]!, i64.add(get(out[j + 1]!), carry(get(out[j]!)))), set(out[j]!, low(get(out[j]!))));
      }
      return { code: seq(code), limbs: out };
    },
    reduceTo(scope, address, t) {
      const [q, c] = [scope.local('i64'), scope.local('i64')];
      const code: Code[] = [set(q, i64.shrU(i64.mul(get(t[top]!), i64.const(estimate)), i64.const(estimateBits)))];
      for (let i = 0; i < limbCount; i++) {
        const rest = i64.sub(get(t[i]!), i64.mul(get(q), i64.const(limbs[i]!)));
        code.push(set(c, i === 0 ? rest : i64.add(i64.shrS(get(c), i64.const(BigInt(limbBits))), rest)));
        code.push(i64.store32(get(address), i < top ? low(get(c)) : get(c), 4 * i));
      }
      return seq(code);
    },
    carryTo(scope, address, limb) {
      const c = scope.local('i64');
      const code: Code[] = [];
      for (let i = 0; i < limbCount; i++) {
        code.push(set(c, i === 0 ? limb(i) : i64.add(i64.shrS(get(c), i64.const(BigInt(limbBits))), limb(i))));
        code.push(i64.store32(get(address), i < top ? low(get(c)) : get(c), 4 * i));
      }
      return seq(code);
    },
  };
}

/** A 32-byte little-endian integer as nine limbs, read from memory. */
export function limbOfWords(address: Code, i: number): Code {
  const bit = limbBits * i;
  const word = bit >>> 5;
  const shift = BigInt(bit & 31);
  const lowPart = i64.shrU(i64.load32(address, 4 * word), i64.const(shift));
  if (i === top) return lowPart;
  const parts = shift > 3n ? i64.or(lowPart, i64.shl(i64.load32(address, 4 * word + 4), i64.const(32n - shift))) : lowPart;
  return i64.and(parts, i64.const(mask));
}

export interface PrimeField extends FieldCode {
  readonly code: LimbCode;
  readonly modulus: bigint;
  /** Stores a constant's limbs. */
  constant(address: Local, value: bigint): Code;
  /** Montgomery element → canonical 32 bytes; the value may be any below 2^261. */
  readonly writeCanonical: Routine;
}

export function makePrimeField(module: ModuleWriter, slots: Slots, name: string, p: bigint): PrimeField {
  const code = makeLimbCode(p);
  const unrolled = (scope: FunctionScope, term: (i: number) => Code): Code => {
    const t = scope.locals('i64', limbCount);
    return seq(
      t.map((local, i) => set(local, term(i))),
      code.reduceTo(scope, 0, t),
    );
  };
  const limb = (local: Local, i: number): Code => i64.load32(get(local), 4 * i);
  const constant = (address: Local, value: bigint): Code =>
    seq(limbsOf(value).map((entry, i) => i64.store32(get(address), i64.const(entry), 4 * i)));
  const storeAll = (address: Local, limbs: readonly Local[]): Code =>
    seq(limbs.map((local, i) => i64.store32(get(address), get(local), 4 * i)));

  const mul = module.routine(`${name}Mul`, 3, null, (scope) => {
    const y = code.loadLimbs(scope, 2);
    const out = code.product(scope, (i) => limb(1, i), y.limbs);
    return seq(y.code, out.code, storeAll(0, out.limbs));
  });
  const sqr = module.routine(`${name}Sqr`, 2, null, (scope) => {
    const x = code.loadLimbs(scope, 1);
    const out = code.square(scope, x.limbs);
    return seq(x.code, out.code, storeAll(0, out.limbs));
  });
  const add = module.routine(`${name}Add`, 3, null, (scope) => unrolled(scope, (i) => i64.add(limb(1, i), limb(2, i))));
  const sub = module.routine(`${name}Sub`, 3, null, (scope) =>
    unrolled(scope, (i) => i64.add(i64.sub(limb(1, i), limb(2, i)), i64.const(code.offset[i]!))),
  );
  const sub2 = module.routine(`${name}Sub2`, 4, null, (scope) =>
    unrolled(scope, (i) => i64.add(i64.sub(i64.sub(limb(1, i), limb(2, i)), limb(3, i)), i64.const(2n * code.offset[i]!))),
  );
  const difference = module.routine(null, 3, null, () =>
    seq(
      Array.from({ length: limbCount }, (_, i) =>
        i32.store(
          get(0),
          i32.add(i32.sub(i32.load(get(1), 4 * i), i32.load(get(2), 4 * i)), i32.const(Number(code.offset[i]!) | 0)),
          4 * i,
        ),
      ),
    ),
  );
  const isZero = module.routine(null, 1, 'i32', (scope) => {
    const bits = scope.local('i32');
    const all = (value: (i: number) => Code): Code =>
      Array.from({ length: limbCount }, (_, i) => value(i)).reduce((sum, entry) => i32.or(sum, entry));
    return seq(
      set(
        bits,
        all((i) => i32.load(get(0), 4 * i)),
      ),
      when(i32.eqz(get(bits)), returnValue(i32.const(1))),
      i32.eqz(all((i) => i32.xor(i32.load(get(0), 4 * i), i32.const(Number(code.p[i]!))))),
    );
  });
  const inverse = makeInverse(module, slots, name, p, mul, sqr);
  const factor = slots.take(elementBytes);
  const zero = slots.take(elementBytes);
  const readPair = module.routine(`${name}ReadPair`, 2, null, (scope) => {
    const [k, z, negative] = [scope.local('i32'), scope.local('i32'), scope.local('i32')];
    const y = scope.locals('i64', limbCount);
    const out = code.product(scope, (i) => limb(k, i), y);
    return seq(
      set(k, factor),
      // x·2^256 → x·2^261.
      constant(k, (1n << 266n) % p),
      y.map((local, i) => set(local, limbOfWords(get(1), i))),
      out.code,
      code.reduceTo(scope, 0, out.limbs),
      set(z, zero),
      constant(z, 0n),
      set(negative, i32.add(get(0), i32.const(elementBytes))),
      call(sub, get(negative), get(z), get(0)),
    );
  });
  const write = makeWriteWords(module, slots, code, mul);
  const writeCanonical = module.routine(`${name}WriteCanonical`, 2, null, (scope) => write(scope, 1n));
  const writeFile = module.routine(null, 2, null, (scope) => write(scope, (1n << 256n) % p));
  return {
    sizeBytes: elementBytes,
    code,
    modulus: p,
    constant,
    mul,
    sqr,
    add,
    sub,
    sub2,
    difference,
    isZero,
    inverse,
    readPair,
    writeFile,
    writeCanonical,
    lowLimb: Number(code.p[0]!),
  };
}

/** x^(p−2) in windows of four bits. */
function makeInverse(module: ModuleWriter, slots: Slots, name: string, p: bigint, mul: Routine, sqr: Routine): Routine {
  const powers = Array.from({ length: 16 }, () => slots.take(elementBytes));
  const exponent = p - 2n;
  const digits = Array.from({ length: 64 }, (_, i) => Number((exponent >> BigInt(4 * (63 - i))) & 15n));
  const first = digits.findIndex((digit) => digit !== 0);
  return module.routine(`${name}Inverse`, 2, null, (scope) => {
    const sum = scope.local('i32');
    const result = powers[0]!;
    const code: Code[] = [set(sum, result), call(sqr, powers[2]!, get(1))];
    for (let i = 3; i < 16; i++) code.push(call(mul, powers[i]!, powers[i - 1]!, get(1)));
    const entry = (digit: number): Code => (digit === 1 ? get(1) : powers[digit]!);
    code.push(call(mul, get(sum), entry(digits[first]!), entry(digits[first]!)));
    // The loop below squares four times: the first window enters as its square, hence three squarings before the second one.
    for (let i = first + 1; i < digits.length; i++) {
      for (let k = i === first + 1 ? 1 : 0; k < 4; k++) code.push(call(sqr, get(sum), get(sum)));
      if (digits[i] !== 0) code.push(call(mul, get(sum), get(sum), entry(digits[i]!)));
    }
    code.push(...Array.from({ length: limbCount }, (_, i) => i32.store(get(0), i32.load(get(sum), 4 * i), 4 * i)));
    return seq(code);
  });
}

/** Code for a routine (words, element): canonical 32 bytes of the element times `factor` / 2^261. */
function makeWriteWords(module: ModuleWriter, slots: Slots, code: LimbCode, mul: Routine): (scope: FunctionScope, factor: bigint) => Code {
  const [unit, value] = [slots.take(elementBytes), slots.take(elementBytes)];
  const subtractOnce = module.routine(null, 1, null, (scope) => {
    // x − p if that is not negative.
    const limbs = scope.locals('i64', limbCount);
    const c = scope.local('i64');
    return seq(
      limbs.map((local, i) => {
        const rest = i64.sub(i64.load32(get(0), 4 * i), i64.const(code.p[i]!));
        return seq(
          set(c, i === 0 ? rest : i64.add(i64.shrS(get(c), i64.const(BigInt(limbBits))), rest)),
          set(local, i < top ? i64.and(get(c), i64.const(mask)) : get(c)),
        );
      }),
      when(i64.geS(get(c), i64.const(0n)), seq(limbs.map((local, i) => i64.store32(get(0), get(local), 4 * i)))),
    );
  });
  return (scope, factor) => {
    const [one, x] = [scope.local('i32'), scope.local('i32')];
    const words = Array.from({ length: 8 }, (_, w) => {
      const first = Math.floor((32 * w) / limbBits);
      const parts: Code[] = [];
      for (let i = first; i < limbCount && limbBits * i < 32 * w + 32; i++) {
        const shift = limbBits * i - 32 * w;
        const limb = i64.load32(get(x), 4 * i);
        parts.push(shift < 0 ? i64.shrU(limb, i64.const(BigInt(-shift))) : i64.shl(limb, i64.const(BigInt(shift))));
      }
      return i64.store32(
        get(0),
        parts.reduce((sum, part) => i64.or(sum, part)),
        4 * w,
      );
    });
    return seq(
      set(one, unit),
      set(x, value),
      limbsOf(factor).map((entry, i) => i64.store32(get(one), i64.const(entry), 4 * i)),
      // A product: below 3p, so two subtractions are enough.
      call(mul, get(x), get(1), get(one)),
      call(subtractOnce, get(x)),
      call(subtractOnce, get(x)),
      words,
    );
  };
}
