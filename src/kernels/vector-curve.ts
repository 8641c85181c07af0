/**
 * Code of affine additions by the batch, two side by side on float64 vectors, for a group over Fq or its quadratic extension. A point is x, y of five float64 limbs per component, reduced; infinity
 * has NaN as its first limb. Operands are entries: the address of a point, its lowest bit saying "minus".
 *
 * Forward: with running products P of the pairs before in each lane, out ← (dx, dy·P), P ← dx·P. One inversion of both lanes' product by the scalar kernel. Backward: λ = dy·P/(dx·P), x₃ = λ² − x₁ − x₂,
 * y₃ = λ(x₁ − x₃) − y₁. Where dx is 0 mod p, or an operand infinity, dx and dy are replaced so that the chain goes on (3x²/2y for equal points), and results that the
 * formula does not give are set after the batch.
 *
 * Bounds, in multiples of p: points 0.501; dx, dy 1.01 (limbs 2^51, in G2 reduced); running products and their inverses 1.22; λ 1.31; λ² − x₁ − x₂ below 2.5; all within what `vector-limbs.ts` asks.
 */
import { baseOrder } from '../field/bn254.ts';
import type { Slots } from './field-code.ts';
import type { VectorCoordinate } from './vector-coordinate.ts';
import { pairBytes, singleBytes, storePair, vectorLimbBits, vectorLimbs } from './vector-limbs.ts';
import { makeSpecialPairs } from './vector-special.ts';
import {
  type Code,
  call,
  type FunctionScope,
  get,
  i32,
  i64,
  type Local,
  loopWhile,
  type ModuleWriter,
  type Routine,
  seq,
  set,
  when,
} from './wasm.ts';
import { f64x2, i64x2, v128 } from './wasm-simd.ts';

/** Additions that may share one inversion. */
export const maxBatchPairs = 4096;

const at = (address: Code, offset: number): Code => (offset === 0 ? address : i32.add(address, i32.const(offset)));
const address = (entry: Local): Code => i32.and(get(entry), i32.const(-2));

export interface VectorGroup {
  readonly addPairs: Routine;
  readonly copyEntry: Routine;
  readonly writePoint: Routine;
  readonly isInfinite: Routine;
  setInfinity(point: Code): Code;
}

/**
 * Exports, with the group's name in front: `ReadPoints`, `AddPairs`, `CopyEntry`, `WritePoint`, as `BulkRoutines` in kernel.ts has them.
 * @returns what code above it calls.
 */
export function makeVectorGroup(module: ModuleWriter, slots: Slots, name: string, field: VectorCoordinate): VectorGroup {
  const { degree, constants, code: fieldCode } = field;
  const size = degree * singleBytes;
  const pair = degree * pairBytes;
  const pointBytes = 2 * size;
  /** Offset of a component's limb in a point, and in a pair of coordinates. */
  const [single, double] = [(i: number): number => 8 * i, (i: number): number => 16 * i];

  const gather = (first: Local, second: Local, offset: number): Code =>
    v128.loadHigh(address(second), v128.loadLow(address(first), offset), offset);
  const signs = (first: Local, second: Local): Code =>
    i64x2.shl(i64x2.replaceHigh(i64x2.splat(i64.extend(get(first))), i64.extend(get(second))), i32.const(63));
  const [dy, slope, square, product, inverse] = Array.from({ length: 5 }, () => slots.take(pair)) as [Code, Code, Code, Code, Code];
  const fixes = slots.take(8 * (maxBatchPairs + 2));
  const fixCount = slots.take(16);
  const special = makeSpecialPairs(module, slots, field, { dy, fixes, fixCount });

  /** Reduces where the field's products ask for it, and stores a pair's coordinate. */
  const storeDifference = (scope: FunctionScope, to: Code, limb: (i: number) => Code): Code =>
    seq(
      Array.from({ length: degree }, (_, c) => {
        const limbs = scope.locals('v128', vectorLimbs);
        return seq(
          limbs.map((local, i) => set(local, limb(c * vectorLimbs + i))),
          field.reducesDifferences ? fieldCode.reduce(scope, limbs) : [],
          storePair(to, limbs, c * pairBytes),
        );
      }),
    );
  const loadEntries = (entries: readonly Local[]): Code => seq(entries.map((entry, i) => set(entry, i32.load(get(0), 4 * i))));

  const forward = module.routine(null, 3, null, (scope) => {
    const [g0, h0, g1, h1] = scope.locals('i32', 4) as [Local, Local, Local, Local];
    const { code: open, bits, number } = constants.open(scope);
    const [low, gSign, hSign] = scope.locals('v128', 3) as [Local, Local, Local];
    const lowest = baseOrder & ((1n << BigInt(vectorLimbBits)) - 1n);
    const mask = (1n << BigInt(vectorLimbBits)) - 1n;
    const isLow = (value: bigint): Code => i64x2.eq(get(low), bits(value & mask));
    const p = scope.local('i32');
    return seq(
      open,
      set(p, product),
      i64.store32(fixCount, i64.const(0n)),
      field.writeOne(scope, p),
      loopWhile(
        seq(
          loadEntries([g0, h0, g1, h1]),
          // dx is 0 mod p only if its lowest limb is 0 or ±p's, mod 2^51; a NaN has zeros there.
          set(low, v128.and(f64x2.add(f64x2.sub(gather(h0, h1, 0), gather(g0, g1, 0)), number(3 * 2 ** 51)), bits(mask))),
          storeDifference(scope, get(1), (i) => f64x2.sub(gather(h0, h1, single(i)), gather(g0, g1, single(i)))),
          set(gSign, signs(g0, g1)),
          set(hSign, signs(h0, h1)),
          storeDifference(scope, dy, (i) =>
            f64x2.sub(v128.xor(gather(h0, h1, size + single(i)), get(hSign)), v128.xor(gather(g0, g1, size + single(i)), get(gSign))),
          ),
          when(v128.anyTrue(v128.or(v128.or(isLow(0n), isLow(lowest)), isLow(-lowest))), call(special.prepare, get(0), get(1))),
          call(field.mul, at(get(1), pair), dy, get(p)),
          call(field.mul, get(p), get(1), get(p)),
          set(0, at(get(0), 16)),
          set(1, at(get(1), 2 * pointBytes)),
          set(2, i32.sub(get(2), i32.const(1))),
        ),
        get(2),
      ),
    );
  });

  const backward = module.routine(null, 3, null, (scope) => {
    const [g0, h0, g1, h1] = scope.locals('i32', 4) as [Local, Local, Local, Local];
    const gSign = scope.local('v128');
    const store = (offset: number, limbs: readonly Local[], c: number): Code =>
      seq(
        limbs.map((limb, i) => [
          ...v128.storeLane(get(1), get(limb), 0, offset + single(c * vectorLimbs + i)),
          ...v128.storeLane(get(1), get(limb), 1, pointBytes + offset + single(c * vectorLimbs + i)),
        ]),
      );
    const coordinate = (offset: number, term: (i: number) => Code, after: (limbs: readonly Local[], c: number) => Code): Code =>
      seq(
        Array.from({ length: degree }, (_, c) => {
          const limbs = scope.locals('v128', vectorLimbs);
          return seq(
            limbs.map((local, i) => set(local, term(c * vectorLimbs + i))),
            fieldCode.reduce(scope, limbs),
            store(offset, limbs, c),
            after(limbs, c),
          );
        }),
      );
    return seq(
      set(0, i32.add(get(0), i32.mul(get(2), i32.const(16)))),
      set(1, i32.add(get(1), i32.mul(get(2), i32.const(2 * pointBytes)))),
      loopWhile(
        seq(
          set(0, i32.sub(get(0), i32.const(16))),
          set(1, i32.sub(get(1), i32.const(2 * pointBytes))),
          loadEntries([g0, h0, g1, h1]),
          call(field.mul, slope, at(get(1), pair), inverse),
          call(field.mul, inverse, get(1), inverse),
          call(field.sqr, square, slope),
          coordinate(
            0,
            (i) => f64x2.sub(f64x2.sub(v128.load(square, double(i)), gather(g0, g1, single(i))), gather(h0, h1, single(i))),
            (limbs, c) => {
              const rest = scope.locals('v128', vectorLimbs);
              return seq(
                rest.map((local, i) => set(local, f64x2.sub(gather(g0, g1, single(c * vectorLimbs + i)), get(limbs[i]!)))),
                field.reducesDifferences ? fieldCode.reduce(scope, rest) : [],
                storePair(dy, rest, c * pairBytes),
              );
            },
          ),
          call(field.mul, dy, dy, slope),
          set(gSign, signs(g0, g1)),
          coordinate(
            size,
            (i) => f64x2.sub(v128.load(dy, double(i)), v128.xor(gather(g0, g1, size + single(i)), get(gSign))),
            () => [],
          ),
          set(2, i32.sub(get(2), i32.const(1))),
        ),
        get(2),
      ),
    );
  });

  // Two points with unequal x, for the lane that an odd count leaves: not on the curve, which the formula does not ask.
  const fillers = slots.take(2 * pointBytes);
  // pairs, out, count ≥ 1: there is room for one more pair and one more point.
  const addPairs = module.routine(`${name}AddPairs`, 3, null, (scope) => {
    const [f, steps, end] = scope.locals('i32', 3) as [Local, Local, Local];
    return seq(
      when(
        i32.and(get(2), i32.const(1)),
        seq(
          set(f, fillers),
          i64.store(get(f), i64.const(0x3ff0_0000_0000_0000n)),
          set(end, i32.add(get(0), i32.shl(get(2), i32.const(3)))),
          i32.store(get(end), get(f)),
          i32.store(get(end), at(get(f), pointBytes), 4),
        ),
      ),
      set(steps, i32.shrU(i32.add(get(2), i32.const(1)), i32.const(1))),
      call(forward, get(0), get(1), get(steps)),
      field.invertLanes(inverse, product),
      call(backward, get(0), get(1), get(steps)),
      call(special.finish),
    );
  });

  const copyEntry = module.routine(`${name}CopyEntry`, 2, null, (scope) => {
    const [sign, half, from] = [scope.local('v128'), scope.local('v128'), scope.local('i32')];
    // y begins in the middle of a vector, or at its start.
    const middle = size - (size % 16);
    return seq(
      set(from, address(1)),
      set(sign, signs(1, 1)),
      set(half, size % 16 === 0 ? get(sign) : i64x2.replaceHigh(i64x2.splat(i64.const(0n)), i64x2.extract(get(sign), 1))),
      Array.from({ length: pointBytes / 16 }, (_, i) => {
        const word = v128.load(get(from), 16 * i);
        return v128.store(get(0), 16 * i < middle ? word : v128.xor(word, get(16 * i === middle ? half : sign)), 16 * i);
      }),
    );
  });

  const scatter = (to: Code, from: Code): Code =>
    seq(
      Array.from({ length: vectorLimbs }, (_, i) => [
        ...v128.storeLane(to, v128.load(from, 16 * i), 0, 8 * i),
        ...v128.storeLane(to, v128.load(from, 16 * i), 1, singleBytes + 8 * i),
      ]),
    );
  const fileBytes = 64 * degree;
  module.routine(`${name}ReadPoints`, 3, null, () => {
    const words = Array.from({ length: fileBytes / 16 }, (_, i) => v128.load(get(1), 16 * i));
    return seq(
      loopWhile(
        seq(
          Array.from({ length: degree }, (_, c) =>
            seq(call(field.unpack, dy, at(get(1), 64 * c)), scatter(at(get(0), 2 * singleBytes * c), dy)),
          ),
          when(i32.eqz(v128.anyTrue(words.reduce((sum, word) => v128.or(sum, word)))), i64.store(get(0), i64.const(special.infinity))),
          set(0, at(get(0), pointBytes)),
          set(1, at(get(1), fileBytes)),
          set(2, i32.sub(get(2), i32.const(1))),
        ),
        get(2),
      ),
    );
  });
  const writePoint = module.routine(`${name}WritePoint`, 2, null, (scope) => {
    const limbs = scope.locals('v128', vectorLimbs);
    return seq(
      Array.from({ length: degree }, (_, c) =>
        seq(
          limbs.map((limb, i) =>
            set(
              limb,
              v128.loadHigh(get(1), v128.loadLow(get(1), 8 * (2 * c * vectorLimbs + i)), 8 * (2 * c * vectorLimbs + vectorLimbs + i)),
            ),
          ),
          storePair(dy, limbs),
          call(field.pack, at(get(0), 64 * c), dy),
        ),
      ),
      when(call(special.isInfinite, get(1)), seq(Array.from({ length: fileBytes / 8 }, (_, i) => i64.store(get(0), i64.const(0n), 8 * i)))),
    );
  });
  return {
    addPairs,
    copyEntry,
    writePoint,
    isInfinite: special.isInfinite,
    setInfinity: (point) => i64.store(point, i64.const(special.infinity)),
  };
}
