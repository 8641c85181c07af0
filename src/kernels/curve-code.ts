/**
 * Code of a short Weierstrass curve y² = x³ + b over a field given as routines: the quadratic extension that G2 lives over, affine additions by the batch with one shared
 * inversion, and sums in XYZZ coordinates (x = X/ZZ, y = Y/ZZZ, ZZ³ = ZZZ²; all zero for infinity).
 *
 * A batch's operands are entries: the address of a record, its lowest bit saying "minus". A record is x, y, −y for a key's point, x, y for a sum (whose entries are never minus);
 * x = y = 0 is infinity. Equal points, opposite points and infinity are told apart before they could zero the shared product.
 *
 * Reference: explicit-formulas database, "Short Weierstrass, XYZZ" (madd-2008-s, add-2008-s, dbl-2008-s-1); Montgomery's trick.
 */
import { elementBytes, type FieldCode, limbMask, type PrimeField, type Slots } from './field-code.ts';
import {
  type Code,
  call,
  copyBytes,
  fillBytes,
  get,
  i32,
  type Local,
  loopWhile,
  type ModuleWriter,
  returnValue,
  seq,
  set,
  when,
} from './wasm.ts';

/** Fq[u]/(u² + 1), c0 before c1. */
export function makeQuadraticField(module: ModuleWriter, slots: Slots, name: string, base: PrimeField): FieldCode {
  const [t0, t1, t2, s0, s1] = Array.from({ length: 5 }, () => slots.take(elementBytes)) as [Code, Code, Code, Code, Code];
  const high = (local: Local): Code => i32.add(get(local), i32.const(elementBytes));
  /** c0 + c1 without carry: limbs below 2^30. */
  const lazySum = module.routine(null, 2, null, () =>
    seq(
      Array.from({ length: 9 }, (_, i) =>
        i32.store(get(0), i32.add(i32.load(get(1), 4 * i), i32.load(get(1), 4 * i + elementBytes)), 4 * i),
      ),
    ),
  );
  const mul = module.routine(`${name}Mul`, 3, null, () =>
    seq(
      // (x0 + x1)(y0 + y1): both factors below 2^30 per limb.
      call(lazySum, s0, get(1)),
      call(lazySum, s1, get(2)),
      call(base.mul, t2, s0, s1),
      call(base.mul, t0, get(1), get(2)),
      call(base.mul, t1, high(1), high(2)),
      call(base.sub2, high(0), t2, t0, t1),
      call(base.sub, get(0), t0, t1),
    ),
  );
  const sqr = module.routine(`${name}Sqr`, 2, null, () =>
    seq(
      call(lazySum, s0, get(1)),
      call(base.sub, s1, get(1), high(1)),
      call(base.mul, t0, get(1), high(1)),
      call(base.mul, get(0), s0, s1),
      call(base.add, high(0), t0, t0),
    ),
  );
  const pairwise = (routine: number, paramCount: number, label: string | null) =>
    module.routine(label, paramCount, null, () =>
      seq(
        call(routine, ...Array.from({ length: paramCount }, (_, i) => get(i))),
        call(routine, ...Array.from({ length: paramCount }, (_, i) => high(i))),
      ),
    );
  const add = pairwise(base.add, 3, `${name}Add`);
  const sub = pairwise(base.sub, 3, `${name}Sub`);
  const sub2 = pairwise(base.sub2, 4, `${name}Sub2`);
  const isZero = module.routine(null, 1, 'i32', () => i32.and(call(base.isZero, get(0)), call(base.isZero, high(0))));
  const inverse = module.routine(`${name}Inverse`, 2, null, () =>
    seq(
      // conj(x) / (x0² + x1²)
      call(base.sqr, t0, get(1)),
      call(base.sqr, t1, high(1)),
      call(base.add, t0, t0, t1),
      call(base.inverse, t0, t0),
      call(base.mul, get(0), get(1), t0),
      call(base.mul, t1, high(1), t0),
      call(base.sub, t2, t1, t1),
      call(base.sub, high(0), t2, t1),
    ),
  );
  const pair = slots.take(2 * elementBytes);
  const readPair = module.routine(`${name}ReadPair`, 2, null, (scope) => {
    const p = scope.local('i32');
    const half = (index: number): Code =>
      seq(
        call(base.readPair, get(p), i32.add(get(1), i32.const(32 * index))),
        copyBytes(i32.add(get(0), i32.const(index * elementBytes)), get(p), i32.const(elementBytes)),
        copyBytes(
          i32.add(get(0), i32.const((2 + index) * elementBytes)),
          i32.add(get(p), i32.const(elementBytes)),
          i32.const(elementBytes),
        ),
      );
    return seq(set(p, pair), half(0), half(1));
  });
  return {
    sizeBytes: 2 * elementBytes,
    mul,
    sqr,
    add,
    sub,
    sub2,
    difference: sub,
    isZero,
    inverse,
    readPair,
    lowLimb: base.lowLimb,
  };
}

/** Kinds of a pair g + h; the last three have no slope. */
const kinds = { ordinary: 0, doubling: 1, opposite: 2, onlySecond: 3, onlyFirst: 4 } as const;

/**
 * Exports, with the group's name in front: `ReadPoint` (record ← 32-byte coordinates), `BatchForward`, `BatchInvert`, `BatchBackward`, `CopyEntry`, `AddMixed`, `AddSum`, `Double`, `SumBuckets`, `ToAffine`.
 */
export function makeGroup(module: ModuleWriter, slots: Slots, name: string, field: FieldCode, writeOne: (address: Local) => Code): void {
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

  const [product, inverse, dx, dy, square, slope] = Array.from({ length: 6 }, take) as [Code, Code, Code, Code, Code, Code];

  module.routine(`${name}ReadPoint`, 2, null, (scope) => {
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

  const classify = module.routine(null, 2, 'i32', () =>
    seq(
      when(call(isInfinite, record(1)), returnValue(i32.const(kinds.onlyFirst))),
      when(call(isInfinite, record(0)), returnValue(i32.const(kinds.onlySecond))),
      call(field.sub, dx, record(1), record(0)),
      when(i32.eqz(call(field.isZero, dx)), returnValue(i32.const(kinds.ordinary))),
      call(field.sub, dy, ordinate(1), ordinate(0)),
      when(call(field.isZero, dy), returnValue(i32.const(kinds.doubling))),
      i32.const(kinds.opposite),
    ),
  );
  /** 0 for nearly all; a look at the lowest limbs decides whether a closer one is needed. */
  const kindOf = (g: Local, h: Local, low: Local): Code => {
    const equals = (value: number): Code => i32.eq(get(low), i32.const(value));
    const bothZero = (entry: Local): Code => i32.eqz(i32.or(i32.load(record(entry)), i32.load(ordinate(entry))));
    return seq(
      set(low, i32.and(i32.sub(i32.load(record(h)), i32.load(record(g))), i32.const(limbMask))),
      // Reduced elements are equal mod p iff they differ by 0 or ±p.
      i32.or(i32.or(i32.or(equals(0), equals(field.lowLimb)), equals(limbMask + 1 - field.lowLimb)), i32.or(bothZero(g), bothZero(h))),
    );
  };
  /** dx and dy of a pair whose kind is not ordinary: λ = 3x²/2y where the points are equal; 1 and 0 where no slope is asked for. */
  const special = module.routine(null, 3, null, (scope) => {
    const p = scope.local('i32');
    return seq(
      when(
        i32.eq(get(2), i32.const(kinds.doubling)),
        seq(
          call(field.add, dx, ordinate(0), ordinate(0)),
          call(field.sqr, square, record(0)),
          call(field.add, dy, square, square),
          call(field.add, dy, dy, square),
        ),
        seq(set(p, dx), writeOne(p), set(p, dy), fillBytes(get(p), 0, i32.const(size))),
      ),
    );
  });

  // Forward: out.y = dy · Π dx of the pairs before; product ·= dx.
  module.routine(`${name}BatchForward`, 3, null, (scope) => {
    const [g, h, low, kind] = scope.locals('i32', 4) as [Local, Local, Local, Local];
    const p = scope.local('i32');
    return seq(
      set(p, product),
      writeOne(p),
      loopWhile(
        seq(
          set(g, i32.load(get(0))),
          set(h, i32.load(get(0), 4)),
          set(kind, i32.const(0)),
          when(kindOf(g, h, low), set(kind, call(classify, get(g), get(h)))),
          when(
            i32.eqz(get(kind)),
            seq(call(field.difference, dx, record(h), record(g)), call(field.difference, dy, ordinate(h), ordinate(g))),
            call(special, get(g), get(h), get(kind)),
          ),
          call(field.mul, at(get(1), size), dy, product),
          call(field.mul, product, dx, product),
          set(0, at(get(0), 8)),
          set(1, at(get(1), 2 * size)),
          set(2, i32.sub(get(2), i32.const(1))),
        ),
        get(2),
      ),
    );
  });
  module.routine(`${name}BatchInvert`, 0, null, () => call(field.inverse, inverse, product));
  // Backward: λ = out.y · inverse; inverse ·= dx; x₃ = λ² − x₁ − x₂; y₃ = λ(x₁ − x₃) − y₁.
  module.routine(`${name}BatchBackward`, 3, null, (scope) => {
    const [g, h, low, kind] = scope.locals('i32', 4) as [Local, Local, Local, Local];
    return seq(
      set(0, i32.add(get(0), i32.shl(get(2), i32.const(3)))),
      set(1, i32.add(get(1), i32.mul(get(2), i32.const(2 * size)))),
      loopWhile(
        seq(
          set(0, i32.sub(get(0), i32.const(8))),
          set(1, i32.sub(get(1), i32.const(2 * size))),
          set(g, i32.load(get(0))),
          set(h, i32.load(get(0), 4)),
          set(kind, i32.const(0)),
          when(kindOf(g, h, low), set(kind, call(classify, get(g), get(h)))),
          when(i32.eqz(get(kind)), call(field.difference, dx, record(h), record(g)), call(special, get(g), get(h), get(kind))),
          call(field.mul, slope, at(get(1), size), inverse),
          call(field.mul, inverse, dx, inverse),
          when(
            i32.ltU(get(kind), i32.const(kinds.opposite)),
            seq(
              call(field.sqr, square, slope),
              call(field.sub2, get(1), square, record(g), record(h)),
              call(field.difference, dx, record(g), get(1)),
              call(field.mul, dy, dx, slope),
              call(field.sub, at(get(1), size), dy, ordinate(g)),
            ),
            seq(
              when(i32.eq(get(kind), i32.const(kinds.opposite)), fillBytes(get(1), 0, i32.const(2 * size))),
              when(i32.eq(get(kind), i32.const(kinds.onlySecond)), set(g, get(h))),
              when(
                i32.ne(get(kind), i32.const(kinds.opposite)),
                seq(copyBytes(get(1), record(g), i32.const(size)), copyBytes(at(get(1), size), ordinate(g), i32.const(size))),
              ),
            ),
          ),
          set(2, i32.sub(get(2), i32.const(1))),
        ),
        get(2),
      ),
    );
  });
  module.routine(`${name}CopyEntry`, 2, null, () =>
    seq(copyBytes(get(0), record(1), i32.const(size)), copyBytes(at(get(0), size), ordinate(1), i32.const(size))),
  );

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
  // out = Σ (b + 1) · bucket_b over `count` buckets, of which those with a flag hold a point. Parameters: buckets, flags, count, out.
  module.routine(`${name}SumBuckets`, 4, null, (scope) => {
    const running = slots.take(4 * size);
    const p = scope.local('i32');
    return seq(
      set(p, running),
      fillBytes(get(p), 0, i32.const(4 * size)),
      fillBytes(get(3), 0, i32.const(4 * size)),
      loopWhile(
        seq(
          set(2, i32.sub(get(2), i32.const(1))),
          when(i32.load8(i32.add(get(1), get(2))), call(addMixed, get(p), i32.add(get(0), i32.mul(get(2), i32.const(2 * size))))),
          call(addSum, get(3), get(p)),
        ),
        get(2),
      ),
    );
  });
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
}
