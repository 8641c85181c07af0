/**
 * Coordinates of both groups on float64 vectors: Fq itself and its quadratic extension, a pair of two elements c0 before c1. Products of the extension leave reduced components, so that sums of two may be
 * multiplied (limbs 2^51 each).
 */
import { baseOrder } from '../field/bn254.ts';
import type { FieldCode, Slots } from './field-code.ts';
import type { VectorField } from './vector-field.ts';
import { balancedLimbs, pairBytes, patternOf, storePair, type VectorCode, type VectorConstants, vectorLimbs } from './vector-limbs.ts';
import { type Code, call, type FunctionScope, get, i32, i64, type Local, type ModuleWriter, type Routine, seq, set } from './wasm.ts';
import { f64x2, v128 } from './wasm-simd.ts';

export interface VectorCoordinate {
  /** Elements of Fq per coordinate. */
  readonly degree: 1 | 2;
  readonly constants: VectorConstants;
  readonly code: VectorCode;
  readonly reducesDifferences: boolean;
  /** Over pairs of coordinates; x may be a difference that `reducesDifferences` speaks of. */
  readonly mul: Routine;
  readonly sqr: Routine;
  /** Two elements of Fq ↔ 64 bytes. */
  readonly unpack: Routine;
  readonly pack: Routine;
  writeOne(scope: FunctionScope, pair: Local): Code;
  /** Each lane's inverse, from one inversion by the scalar kernel. */
  invertLanes(inverse: Code, product: Code): Code;
}

const at = (address: Code, offset: number): Code => i32.add(address, i32.const(offset));

export function makeVectorCoordinates(
  module: ModuleWriter,
  slots: Slots,
  base: VectorField,
  scalar: { readonly fq: FieldCode; readonly fq2: FieldCode },
): { readonly g1: VectorCoordinate; readonly g2: VectorCoordinate } {
  const { code } = base;
  const one = balancedLimbs((1n << 255n) % baseOrder);
  const writeOne = (pair: Local): Code =>
    seq(
      one.map((limb, i) => {
        const word = i64.const(BigInt.asIntN(64, patternOf(Number(limb))));
        return [...i64.store(get(pair), word, 16 * i), ...i64.store(get(pair), word, 16 * i + 8)];
      }),
    );
  /** inverse ← per lane; the lanes' product is inverted and given to each with the other's factor. */
  function inverter(degree: 1 | 2, mul: Routine, inverse: Routine, readPair: Routine, writeFile: Routine, scalarBytes: number): Routine {
    const swapped = slots.take(degree * pairBytes);
    const all = slots.take(degree * pairBytes);
    const bytes = slots.take(64);
    const element = slots.take(2 * scalarBytes);
    const offsets = Array.from({ length: degree * vectorLimbs }, (_, i) => 16 * i);
    return module.routine(null, 2, null, () =>
      seq(
        offsets.map((offset) => v128.store(swapped, v128.lanes(v128.load(get(1), offset), 1, v128.load(get(1), offset), 0), offset)),
        call(mul, all, get(1), swapped),
        // Both lanes are equal now: the components side by side, as bytes have them.
        Array.from({ length: vectorLimbs }, (_, i) =>
          v128.store(all, v128.lanes(v128.load(all, 16 * i), 0, v128.load(all, degree === 1 ? 16 * i : pairBytes + 16 * i), 0), 16 * i),
        ),
        call(base.pack, bytes, all),
        call(readPair, element, bytes),
        call(inverse, element, element),
        call(writeFile, bytes, element),
        call(base.unpack, all, bytes),
        degree === 1
          ? []
          : seq(
              Array.from({ length: vectorLimbs }, (_, i) =>
                v128.store(all, v128.lanes(v128.load(all, 16 * i), 1, v128.load(all, 16 * i), 1), pairBytes + 16 * i),
              ),
            ),
        Array.from({ length: vectorLimbs }, (_, i) =>
          v128.store(all, v128.lanes(v128.load(all, 16 * i), 0, v128.load(all, 16 * i), 0), 16 * i),
        ),
        call(mul, get(0), all, swapped),
      ),
    );
  }

  const invertOne = inverter(1, base.mul, scalar.fq.inverse, scalar.fq.readPair, scalar.fq.writeFile, scalar.fq.sizeBytes);
  const g1: VectorCoordinate = {
    ...base,
    degree: 1,
    reducesDifferences: false,
    writeOne: (_, pair) => writeOne(pair),
    invertLanes: (inverse, product) => call(invertOne, inverse, product),
  };

  const [t0, t1, t2, s0, s1] = Array.from({ length: 5 }, () => slots.take(pairBytes)) as [Code, Code, Code, Code, Code];
  const terms = (scope: FunctionScope, to: Code, limb: (i: number) => Code, reduced: boolean): Code => {
    const limbs = scope.locals('v128', vectorLimbs);
    return seq(
      limbs.map((local, i) => set(local, limb(i))),
      reduced ? code.reduce(scope, limbs) : [],
      storePair(to, limbs),
    );
  };
  const load = (address: Code, i: number): Code => v128.load(address, 16 * i);
  const sum = (local: Local, i: number): Code => f64x2.add(load(get(local), i), load(get(local), i + vectorLimbs));
  const mul = module.routine(null, 3, null, (scope) =>
    seq(
      terms(scope, s0, (i) => sum(1, i), false),
      terms(scope, s1, (i) => sum(2, i), false),
      call(base.mul, t2, s0, s1),
      call(base.mul, t0, get(1), get(2)),
      call(base.mul, t1, at(get(1), pairBytes), at(get(2), pairBytes)),
      terms(scope, get(0), (i) => f64x2.sub(load(t0, i), load(t1, i)), true),
      terms(scope, at(get(0), pairBytes), (i) => f64x2.sub(f64x2.sub(load(t2, i), load(t0, i)), load(t1, i)), true),
    ),
  );
  const sqr = module.routine(null, 2, null, (scope) =>
    seq(
      // (c0 + c1)(c0 − c1) and 2 c0 c1.
      terms(scope, s0, (i) => sum(1, i), false),
      terms(scope, s1, (i) => f64x2.sub(load(get(1), i), load(get(1), i + vectorLimbs)), false),
      call(base.mul, t0, get(1), at(get(1), pairBytes)),
      call(base.mul, t1, s0, s1),
      terms(scope, get(0), (i) => load(t1, i), true),
      terms(scope, at(get(0), pairBytes), (i) => f64x2.add(load(t0, i), load(t0, i)), true),
    ),
  );
  const invertTwo = inverter(2, mul, scalar.fq2.inverse, scalar.fq2.readPair, scalar.fq2.writeFile, scalar.fq2.sizeBytes);
  const g2: VectorCoordinate = {
    ...base,
    mul,
    sqr,
    degree: 2,
    reducesDifferences: true,
    writeOne: (_, pair) =>
      seq(
        writeOne(pair),
        Array.from({ length: 2 * vectorLimbs }, (_zero, i) => i64.store(get(pair), i64.const(0n), pairBytes + 8 * i)),
      ),
    invertLanes: (inverse, product) => call(invertTwo, inverse, product),
  };
  return { g1, g2 };
}
