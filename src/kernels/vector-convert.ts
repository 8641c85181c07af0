/**
 * Between float64 limbs and 32-byte integers, two at a time: what keys and witnesses have in files, and what the scalar kernels exchange with the vector ones.
 */

import {
  balancedLimbs,
  loadPair,
  lowConstant,
  lowPattern,
  storePair,
  type VectorCode,
  type VectorConstants,
  vectorLimbBits,
  vectorLimbs,
} from './vector-limbs.ts';
import { type Code, type FunctionScope, get, i32, type Local, type ModuleWriter, type Routine, seq, set } from './wasm.ts';
import { f64x2, i64x2, v128 } from './wasm-simd.ts';

type Limbs = readonly Local[];
const top = vectorLimbs - 1;
const base = 1n << BigInt(vectorLimbBits);

/** Words of 64 bits of two integers at `bytes` and `bytes` + 32, as limbs in [0, 2^51). */
function unpackedLimbs(scope: FunctionScope, constants: VectorConstants, bytes: Code): { readonly code: Code; readonly limbs: Limbs } {
  const { code: open, bits, number } = constants.open(scope);
  const words = scope.locals('v128', 4);
  const limbs = scope.locals('v128', vectorLimbs);
  const shift = (value: Code, by: number): Code =>
    by < 0 ? i64x2.shl(value, i32.const(-by)) : by > 0 ? i64x2.shrU(value, i32.const(by)) : value;
  return {
    code: seq(
      open,
      words.map((word, w) => set(word, v128.loadHigh(bytes, v128.loadLow(bytes, 8 * w), 32 + 8 * w))),
      limbs.map((limb, i) => {
        const first = Math.floor((vectorLimbBits * i) / 64);
        const low = shift(get(words[first]!), vectorLimbBits * i - 64 * first);
        const next = vectorLimbBits * i - 64 * (first + 1);
        const whole = first < 3 && next + vectorLimbBits > 0 ? v128.or(low, shift(get(words[first + 1]!), next)) : low;
        const integer = i < top ? v128.and(whole, bits(base - 1n)) : whole;
        return set(limb, f64x2.sub(v128.or(integer, number(2 ** 52)), number(2 ** 52)));
      }),
    ),
    limbs,
  };
}

/** Stores canonical integers of reduced limbs, lane 0 at the first address. */
export function packCanonical(scope: FunctionScope, constants: VectorConstants, p: bigint, limbs: Limbs, first: Code, second: Code): Code {
  const { code: open, bits, number } = constants.open(scope);
  const [carry, sign] = [scope.local('v128'), scope.local('v128')];
  const whole = limbs.map(() => scope.local('v128'));
  const normalise = seq(
    whole
      .slice(0, top)
      .map((limb, i) =>
        seq(
          set(carry, i64x2.shrS(get(limb), i32.const(vectorLimbBits))),
          set(limb, v128.and(get(limb), bits(base - 1n))),
          set(whole[i + 1]!, i64x2.add(get(whole[i + 1]!), get(carry))),
        ),
      ),
  );
  const shift = (value: Code, by: number): Code =>
    by < 0 ? i64x2.shrU(value, i32.const(-by)) : by > 0 ? i64x2.shl(value, i32.const(by)) : value;
  return seq(
    open,
    whole.map((limb, i) => set(limb, i64x2.sub(f64x2.add(get(limbs[i]!), number(lowConstant)), bits(lowPattern)))),
    normalise,
    // Negative values get p once more: −p/2 … p/2 becomes 0 … p.
    set(sign, i64x2.shrS(get(whole[top]!), i32.const(63))),
    whole.map((limb, i) => set(limb, i64x2.add(get(limb), v128.and(get(sign), bits(balancedLimbs(p)[i]!))))),
    normalise,
    Array.from({ length: 4 }, (_, w) => {
      const lowest = Math.floor((64 * w) / vectorLimbBits);
      const parts: Code[] = [];
      for (let i = lowest; i < vectorLimbs && vectorLimbBits * i < 64 * w + 64; i++)
        parts.push(shift(get(whole[i]!), vectorLimbBits * i - 64 * w));
      return seq(
        set(
          carry,
          parts.reduce((sum, part) => v128.or(sum, part)),
        ),
        v128.storeLane(first, get(carry), 0, 8 * w),
        v128.storeLane(second, get(carry), 1, 8 * w),
      );
    }),
  );
}

export function makeConversions(
  module: ModuleWriter,
  constants: VectorConstants,
  name: string,
  code: VectorCode,
): { readonly unpack: Routine; readonly pack: Routine } {
  const p = code.modulus;
  const unpack = module.routine(`${name}PairUnpack`, 2, null, (scope) => {
    const { code: open, pair } = constants.open(scope);
    const factor = scope.local('i32');
    const y = loadPair(scope, get(factor));
    const x = unpackedLimbs(scope, constants, get(1));
    const out = code.product(scope, (i) => get(x.limbs[i]!), y.limbs);
    // x·2^256 · 2^254 / 2^255.
    return seq(
      open,
      set(factor, pair((1n << 254n) % p)),
      y.code,
      x.code,
      out.code,
      code.reduce(scope, out.limbs),
      storePair(get(0), out.limbs),
    );
  });
  const pack = module.routine(`${name}PairPack`, 2, null, (scope) => {
    const { code: open, pair } = constants.open(scope);
    const factor = scope.local('i32');
    const y = loadPair(scope, get(factor));
    const out = code.product(scope, (i) => v128.load(get(1), 16 * i), y.limbs);
    return seq(
      open,
      set(factor, pair((1n << 256n) % p)),
      y.code,
      out.code,
      code.reduce(scope, out.limbs),
      packCanonical(scope, constants, p, out.limbs, get(0), i32.add(get(0), i32.const(32))),
    );
  });
  return { unpack, pack };
}
