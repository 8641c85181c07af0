/**
 * Code of what set-ups do with points besides adding them: doublings by the batch with one shared inversion, and points back to the bytes that files hold.
 *
 * 2(x, y) = (λ² − 2x, λ(x − x₃) − y) with λ = 3x²/2y: 5 M and 3 S with Montgomery's trick. A point with y = 0 is infinity (or its double is), told apart before it could zero the shared product.
 */
import { elementBytes, type FieldCode, montgomery, type PrimeField, type Slots } from './field-code.ts';
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

/**
 * Exports, with the group's name in front: `WritePoint` (32-byte coordinates, Montgomery form of R = 2^256 ← x, y), `MakeRecord` (record ← x, y), `OnCurve` (of y² = x³ + b, b by its components) and `DoubleBatch` (list of addresses, out, count): out_i = 2·point_i, which lies elsewhere.
 */
export function makePointKernels(
  module: ModuleWriter,
  slots: Slots,
  name: string,
  field: FieldCode,
  base: PrimeField,
  coefficient: readonly bigint[],
  writeOne: (address: Local) => Code,
): void {
  const size = field.sizeBytes;
  const take = (): Code => slots.take(size);
  const at = (address: Code, offset: number): Code => i32.add(address, i32.const(offset));

  const [factor, scaled] = [slots.take(elementBytes), slots.take(elementBytes)];
  module.routine(`${name}WritePoint`, 2, null, (scope) => {
    const [f, t] = [scope.local('i32'), scope.local('i32')];
    const coordinates = Array.from({ length: (2 * size) / elementBytes }, (_, i) =>
      seq(call(base.mul, get(t), at(get(1), i * elementBytes), get(f)), call(base.writeCanonical, at(get(0), 32 * i), get(t))),
    );
    return seq(set(f, factor), set(t, scaled), base.constant(f, montgomery(1n << 256n, base.modulus)), coordinates);
  });

  const zero = take();
  module.routine(`${name}MakeRecord`, 2, null, () =>
    seq(
      copyBytes(get(0), get(1), i32.const(2 * size)),
      fillBytes(zero, 0, i32.const(size)),
      call(field.sub, at(get(0), 2 * size), zero, at(get(1), size)),
      // Minus infinity must look like infinity: −0 may come out as p.
      when(call(field.isZero, at(get(1), size)), fillBytes(at(get(0), 2 * size), 0, i32.const(size))),
    ),
  );

  // 1 if y² = x³ + b, also for infinity.
  const [left, right, constant] = [take(), take(), take()];
  module.routine(`${name}OnCurve`, 1, 'i32', (scope) => {
    const c = scope.local('i32');
    const words = Array.from({ length: (2 * size) / 4 }, (_, i) => i32.load(get(0), 4 * i));
    return seq(
      when(i32.eqz(words.reduce((sum, word) => i32.or(sum, word))), returnValue(i32.const(1))),
      set(c, constant),
      coefficient.map((value) => seq(base.constant(c, montgomery(value, base.modulus)), set(c, at(get(c), elementBytes)))),
      call(field.sqr, right, get(0)),
      call(field.mul, right, right, get(0)),
      call(field.sqr, left, at(get(0), size)),
      call(field.sub2, left, left, right, constant),
      call(field.isZero, left),
    );
  });

  const [product, inverse, numerator, denominator, slope, square] = Array.from({ length: 6 }, take) as [Code, Code, Code, Code, Code, Code];
  const isInfinite = (p: Local): Code => call(field.isZero, at(get(p), size));
  const doubled = (p: Local): Code => call(field.add, denominator, at(get(p), size), at(get(p), size));
  module.routine(`${name}DoubleBatch`, 3, null, (scope) => {
    const [p, left, out, start] = scope.locals('i32', 4) as [Local, Local, Local, Local];
    return seq(
      set(start, product),
      writeOne(start),
      set(out, get(1)),
      set(left, get(2)),
      // Forward: out.y = 3x² · Π 2y of the points before; product ·= 2y.
      loopWhile(
        seq(
          set(p, i32.load(get(0))),
          when(
            i32.eqz(isInfinite(p)),
            seq(
              doubled(p),
              call(field.sqr, square, get(p)),
              call(field.add, numerator, square, square),
              call(field.add, numerator, numerator, square),
              call(field.mul, at(get(out), size), numerator, product),
              call(field.mul, product, denominator, product),
            ),
          ),
          set(0, at(get(0), 4)),
          set(out, at(get(out), 2 * size)),
          set(left, i32.sub(get(left), i32.const(1))),
        ),
        get(left),
      ),
      call(field.inverse, inverse, product),
      // Backward.
      loopWhile(
        seq(
          set(0, i32.sub(get(0), i32.const(4))),
          set(out, i32.sub(get(out), i32.const(2 * size))),
          set(p, i32.load(get(0))),
          when(
            isInfinite(p),
            fillBytes(get(out), 0, i32.const(2 * size)),
            seq(
              call(field.mul, slope, at(get(out), size), inverse),
              doubled(p),
              call(field.mul, inverse, denominator, inverse),
              call(field.sqr, square, slope),
              call(field.sub2, get(out), square, get(p), get(p)),
              call(field.difference, denominator, get(p), get(out)),
              call(field.mul, square, denominator, slope),
              call(field.sub, at(get(out), size), square, at(get(p), size)),
            ),
          ),
          set(2, i32.sub(get(2), i32.const(1))),
        ),
        get(2),
      ),
    );
  });
}
