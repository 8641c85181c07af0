/**
 * Code of a short Weierstrass curve y² = x³ + b over a field given as routines: sums in XYZZ coordinates (x = X/ZZ, y = Y/ZZZ, ZZ³ = ZZZ²; all zero for infinity).
 *
 * What is added to a sum is an entry: the address of a record, its lowest bit saying "minus". A record is x, y, −y, or x, y if its entries are never minus; x = y = 0 is infinity.
 *
 * Reference: explicit-formulas database, "Short Weierstrass, XYZZ" (madd-2008-s, add-2008-s, dbl-2008-s-1).
 */
import { elementBytes, type FieldCode, type Slots } from './field-code.ts';
import {
  type Code,
  call,
  copyBytes,
  fillBytes,
  get,
  i32,
  type Local,
  type ModuleWriter,
  type Routine,
  returnValue,
  seq,
  set,
  when,
} from './wasm.ts';

/** What code for batches needs of a group. */
export interface GroupCode {
  /** Bytes of a coordinate. */
  readonly sizeBytes: number;
  /** Bytes of a point in a key. */
  readonly fileBytes: number;
  /** 1 if x and y of the record are zero. */
  readonly isInfinite: Routine;
  readonly readPoint: Routine;
  readonly addMixed: Routine;
  readonly addSum: Routine;
  readonly double: Routine;
  /** Addresses of an entry's record and of its y. */
  record(entry: Local): Code;
  ordinate(entry: Local): Code;
  writeOne(address: Local): Code;
}

/** Exports, with the group's name in front: `ReadPoint` (record ← 32-byte coordinates), `AddMixed`, `AddSum`, `Double`, `ToAffine`. */
export function makeGroup(
  module: ModuleWriter,
  slots: Slots,
  name: string,
  field: FieldCode,
  writeOne: (address: Local) => Code,
): GroupCode {
  const size = field.sizeBytes;
  const take = (): Code => slots.take(size);
  const at = (address: Code, offset: number): Code => i32.add(address, i32.const(offset));
  const isInfinite = module.routine(null, 1, 'i32', () =>
    // x and y, exactly zero.
    i32.eqz(Array.from({ length: (2 * size) / 4 }, (_, i) => i32.load(get(0), 4 * i)).reduce((sum, word) => i32.or(sum, word))),
  );
  const record = (entry: Local): Code => i32.and(get(entry), i32.const(-4));
  /** y, or −y behind it. */
  const ordinate = (entry: Local): Code =>
    i32.add(i32.add(record(entry), i32.const(size)), i32.mul(i32.and(get(entry), i32.const(1)), i32.const(size)));

  const readPoint = module.routine(`${name}ReadPoint`, 2, null, (scope) => {
    const pair = slots.take(2 * size);
    const p = scope.local('i32');
    return seq(
      set(p, pair),
      call(field.readPair, get(p), get(1)),
      copyBytes(get(0), get(p), i32.const(size)),
      call(field.readPair, at(get(0), size), at(get(1), (size / elementBytes) * 32)),
      // −0 may come out as p: minus infinity must look like infinity.
      when(call(isInfinite, get(0)), fillBytes(at(get(0), 2 * size), 0, i32.const(size))),
    );
  });

  const [u, v, w, pp, ppp, q, r, m] = Array.from({ length: 8 }, take) as [Code, Code, Code, Code, Code, Code, Code, Code];
  const [X, Y, ZZ, ZZZ] = [0, size, 2 * size, 3 * size] as const;
  const noSum = module.routine(null, 1, 'i32', () =>
    i32.eqz(Array.from({ length: size / 4 }, (_, i) => i32.load(get(0), ZZ + 4 * i)).reduce((sum, word) => i32.or(sum, word))),
  );
  const double = module.routine(`${name}Double`, 1, null, () =>
    seq(
      when(call(noSum, get(0)), returnValue()),
      call(field.add, u, at(get(0), Y), at(get(0), Y)),
      call(field.sqr, v, u),
      call(field.mul, w, u, v),
      call(field.mul, q, at(get(0), X), v),
      call(field.sqr, m, at(get(0), X)),
      call(field.add, u, m, m),
      call(field.add, m, u, m),
      call(field.sqr, pp, m),
      call(field.sub2, at(get(0), X), pp, q, q),
      call(field.sub, q, q, at(get(0), X)),
      call(field.mul, q, q, m),
      call(field.mul, r, w, at(get(0), Y)),
      call(field.sub, at(get(0), Y), q, r),
      call(field.mul, at(get(0), ZZ), v, at(get(0), ZZ)),
      call(field.mul, at(get(0), ZZZ), w, at(get(0), ZZZ)),
    ),
  );
  const clear = fillBytes(get(0), 0, i32.const(4 * size));
  /** What both additions share: U1 in q, S1 in w, P in u, R in r. */
  const finishAdd = (scaleZz: Code, scaleZzz: Code): Code =>
    seq(
      when(call(field.isZero, u), seq(when(call(field.isZero, r), seq(call(double, get(0)), returnValue())), clear, returnValue())),
      call(field.sqr, pp, u),
      call(field.mul, ppp, u, pp),
      call(field.mul, q, q, pp),
      call(field.mul, w, w, ppp),
      call(field.sqr, m, r),
      call(field.sub2, m, m, q, q),
      call(field.sub, at(get(0), X), m, ppp),
      call(field.sub, q, q, at(get(0), X)),
      call(field.mul, q, q, r),
      call(field.sub, at(get(0), Y), q, w),
      scaleZz,
      call(field.mul, at(get(0), ZZ), at(get(0), ZZ), pp),
      scaleZzz,
      call(field.mul, at(get(0), ZZZ), at(get(0), ZZZ), ppp),
    );
  // sum += the entry's point.
  const addMixed = module.routine(`${name}AddMixed`, 2, null, (scope) => {
    const one = scope.local('i32');
    return seq(
      when(call(isInfinite, record(1)), returnValue()),
      when(
        call(noSum, get(0)),
        seq(
          copyBytes(get(0), record(1), i32.const(size)),
          copyBytes(at(get(0), Y), ordinate(1), i32.const(size)),
          set(one, at(get(0), ZZ)),
          writeOne(one),
          set(one, at(get(0), ZZZ)),
          writeOne(one),
          returnValue(),
        ),
      ),
      call(field.mul, u, record(1), at(get(0), ZZ)),
      call(field.mul, r, ordinate(1), at(get(0), ZZZ)),
      call(field.sub, u, u, at(get(0), X)),
      call(field.sub, r, r, at(get(0), Y)),
      copyBytes(q, at(get(0), X), i32.const(size)),
      copyBytes(w, at(get(0), Y), i32.const(size)),
      finishAdd([], []),
    );
  });
  // sum += another sum.
  const addSum = module.routine(`${name}AddSum`, 2, null, () =>
    seq(
      when(call(noSum, get(1)), returnValue()),
      when(call(noSum, get(0)), seq(copyBytes(get(0), get(1), i32.const(4 * size)), returnValue())),
      call(field.mul, q, at(get(0), X), at(get(1), ZZ)),
      call(field.mul, u, at(get(1), X), at(get(0), ZZ)),
      call(field.mul, w, at(get(0), Y), at(get(1), ZZZ)),
      call(field.mul, r, at(get(1), Y), at(get(0), ZZZ)),
      call(field.sub, u, u, q),
      call(field.sub, r, r, w),
      finishAdd(
        call(field.mul, at(get(0), ZZ), at(get(0), ZZ), at(get(1), ZZ)),
        call(field.mul, at(get(0), ZZZ), at(get(0), ZZZ), at(get(1), ZZZ)),
      ),
    ),
  );
  // x, y of a sum that is not infinity.
  module.routine(`${name}ToAffine`, 2, null, () =>
    seq(
      // 1/ZZZ = i; 1/ZZ = (ZZ·i)²·… with ZZ³ = ZZZ²: ZZ·i·ZZ·i = ZZ²/ZZZ² = 1/ZZ.
      call(field.inverse, u, at(get(1), ZZZ)),
      call(field.mul, v, at(get(1), ZZ), u),
      call(field.sqr, v, v),
      call(field.mul, w, at(get(1), X), v),
      call(field.mul, q, at(get(1), Y), u),
      copyBytes(get(0), w, i32.const(size)),
      copyBytes(at(get(0), size), q, i32.const(size)),
    ),
  );
  return {
    sizeBytes: size,
    fileBytes: (size / elementBytes) * 64,
    isInfinite,
    readPoint,
    addMixed,
    addSum,
    double,
    record,
    ordinate,
    writeOne,
  };
}
