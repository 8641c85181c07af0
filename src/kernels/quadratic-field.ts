/** Code of the quadratic extension Fq[u]/(u² + 1) that G2 lives over, from the routines of the prime field. */
import { elementBytes, type FieldCode, type PrimeField, type Slots } from './field-code.ts';
import { type Code, call, copyBytes, get, i32, type Local, type ModuleWriter, seq, set } from './wasm.ts';

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
  const writeFile = module.routine(null, 2, null, () =>
    seq(call(base.writeFile, get(0), get(1)), call(base.writeFile, i32.add(get(0), i32.const(32)), high(1))),
  );
  return {
    writeFile,
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
