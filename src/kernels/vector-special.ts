/**
 * The pairs of a batch that the affine formula cannot add by itself: equal points, opposite ones, infinity. Rare, so nothing here is fast; one lane at a time.
 */
import { baseOrder } from '../field/bn254.ts';
import type { Slots } from './field-code.ts';
import type { VectorCoordinate } from './vector-coordinate.ts';
import { balancedLimbs, pairBytes, patternOf, singleBytes, storePair, vectorLimbBits, vectorLimbs } from './vector-limbs.ts';
import {
  type Code,
  call,
  copyBytes,
  get,
  i32,
  i64,
  type Local,
  loadFloat,
  loopWhile,
  type ModuleWriter,
  type Routine,
  returnValue,
  seq,
  set,
  when,
} from './wasm.ts';
import { f64x2, v128 } from './wasm-simd.ts';

/** Canonical NaN: its lower 51 bits are zero. */
const infinity = 0x7ff8_0000_0000_0000n;
const exponent = 0x7ff0_0000_0000_0000n;
const at = (address: Code, offset: number): Code => i32.add(address, i32.const(offset));

export interface SpecialPairs {
  readonly infinity: bigint;
  /** 1 if the point is infinity. */
  readonly isInfinite: Routine;
  /** Two pairs (16 bytes of entries) and their place for results, which holds the pair dx: replaces dx and dy, and notes results that are to be set. */
  readonly prepare: Routine;
  readonly finish: Routine;
}

export function makeSpecialPairs(
  module: ModuleWriter,
  slots: Slots,
  field: VectorCoordinate,
  places: { readonly dy: Code; readonly fixes: Code; readonly fixCount: Code },
): SpecialPairs {
  const { degree, code: fieldCode } = field;
  const { dy, fixes, fixCount } = places;
  const size = degree * singleBytes;
  const pointBytes = 2 * size;
  const record = (entry: Local): Code => i32.and(get(entry), i32.const(-2));
  const isMinus = (entry: Local): Code => i32.and(get(entry), i32.const(1));

  const isInfinite = module.routine(null, 1, 'i32', () => i64.eq(i64.and(i64.load(get(0)), i64.const(exponent)), i64.const(exponent)));
  /** 1 if the lane's uncarried limbs, 16 bytes apart, have a value that is 0, p or −p. */
  const isZero = module.routine(null, 1, 'i32', (scope) => {
    const [sum, rest] = [scope.local('i64'), scope.local('i64')];
    const mask = i64.const((1n << BigInt(vectorLimbBits)) - 1n);
    return seq(
      [0n, baseOrder, -baseOrder].map((value) =>
        seq(
          set(sum, i64.const(0n)),
          set(rest, i64.const(0n)),
          balancedLimbs(value).map((limb, i) =>
            seq(
              set(
                sum,
                i64.add(
                  i64.sub(i64.truncate(loadFloat(get(0), 16 * i)), i64.const(limb)),
                  i64.shrS(get(sum), i64.const(BigInt(vectorLimbBits))),
                ),
              ),
              set(rest, i64.or(get(rest), i < vectorLimbs - 1 ? i64.and(get(sum), mask) : get(sum))),
            ),
          ),
          when(i64.eqz(get(rest)), returnValue(i32.const(1))),
        ),
      ),
      i32.const(0),
    );
  });
  const bothZero = (lane: Local): Code =>
    Array.from({ length: degree }, (_, c) => call(isZero, at(get(lane), c * pairBytes))).reduce((sum, zero) => i32.and(sum, zero));

  // entries, result, dx and dy of the lane
  const prepareLane = module.routine(null, 4, null, (scope) => {
    const [g, h, from, fix] = scope.locals('i32', 4) as [Local, Local, Local, Local];
    const [x, y] = [slots.take(degree * pairBytes), slots.take(degree * pairBytes)];
    const one = balancedLimbs((1n << 255n) % baseOrder);
    const noSlope = seq(
      Array.from({ length: degree * vectorLimbs }, (_, i) => {
        const pattern = i < vectorLimbs ? BigInt.asIntN(64, patternOf(Number(one[i]!))) : 0n;
        return [...i64.store(get(2), i64.const(pattern), 16 * i), ...i64.store(get(3), i64.const(0n), 16 * i)];
      }),
    );
    /** The result will be a copy of `from`, or infinity for 0. */
    const note = (source: Code): Code =>
      seq(
        noSlope,
        set(fix, i32.add(fixes, i32.shl(i32.load(fixCount), i32.const(3)))),
        i32.store(get(fix), get(1)),
        i32.store(get(fix), source, 4),
        i32.store(fixCount, i32.add(i32.load(fixCount), i32.const(1))),
        returnValue(),
      );
    /** Stores 2y of g, or 3x², in the lane. */
    const storeMultiple = (to: Local, source: Code, factor: number): Code =>
      seq(
        Array.from({ length: degree }, (_, c) => {
          const limbs = scope.locals('v128', vectorLimbs);
          return seq(
            limbs.map((limb, i) => {
              const value = v128.load(source, c * pairBytes + 16 * i);
              return set(limb, factor === 3 ? f64x2.add(f64x2.add(value, value), value) : f64x2.add(value, value));
            }),
            fieldCode.reduce(scope, limbs),
            limbs.map((limb, i) => v128.storeLane(get(to), get(limb), 0, c * pairBytes + 16 * i)),
          );
        }),
      );
    const splat = (to: Code, offset: number, minus: boolean): Code =>
      seq(
        Array.from({ length: degree }, (_, c) => {
          const limbs = scope.locals('v128', vectorLimbs);
          const signed = (value: Code): Code => (minus ? v128.xor(value, v128.loadSplat(fixCount, 8)) : value);
          return seq(
            limbs.map((limb, i) => set(limb, signed(v128.loadSplat(record(g), offset + c * singleBytes + 8 * i)))),
            storePair(to, limbs, c * pairBytes),
          );
        }),
      );
    return seq(
      set(g, i32.load(get(0))),
      set(h, i32.load(get(0), 4)),
      when(call(isInfinite, record(h)), note(get(g))),
      when(call(isInfinite, record(g)), note(get(h))),
      when(i32.eqz(bothZero(2)), returnValue()),
      when(i32.eqz(bothZero(3)), note(i32.const(0))),
      set(from, x),
      // The sign of g as a mask of the sign bit, next to the count of notes.
      i64.store(fixCount, i64.shl(i64.extend(isMinus(g)), i64.const(63n)), 8),
      splat(x, 0, false),
      splat(y, size, true),
      storeMultiple(2, y, 2),
      call(field.sqr, x, get(from)),
      storeMultiple(3, x, 3),
    );
  });
  const prepare = module.routine(null, 2, null, () =>
    seq(call(prepareLane, get(0), get(1), get(1), dy), call(prepareLane, at(get(0), 8), at(get(1), pointBytes), at(get(1), 8), at(dy, 8))),
  );
  const finish = module.routine(null, 0, null, (scope) => {
    const [fix, left, source, out, word] = scope.locals('i32', 5) as [Local, Local, Local, Local, Local];
    return seq(
      set(fix, fixes),
      set(left, i32.load(fixCount)),
      when(
        get(left),
        loopWhile(
          seq(
            set(out, i32.load(get(fix))),
            set(source, i32.load(get(fix), 4)),
            when(
              get(source),
              seq(
                copyBytes(get(out), record(source), i32.const(pointBytes)),
                set(word, i32.const(size)),
                when(
                  isMinus(source),
                  loopWhile(
                    seq(
                      i64.store(i32.add(get(out), get(word)), i64.xor(i64.load(i32.add(get(out), get(word))), i64.const(-(1n << 63n)))),
                      set(word, at(get(word), 8)),
                    ),
                    i32.ltU(get(word), i32.const(pointBytes)),
                  ),
                ),
              ),
              seq(i64.store(get(out), i64.const(infinity))),
            ),
            set(fix, at(get(fix), 8)),
            set(left, i32.sub(get(left), i32.const(1))),
          ),
          get(left),
        ),
      ),
    );
  });
  return { infinity, isInfinite, prepare, finish };
}
