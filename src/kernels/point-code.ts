/** Code of what set-ups do with points besides adding them: whether they lie on the curve, and their way back to the bytes that files hold. */
import { elementBytes, type FieldCode, montgomery, type PrimeField, type Slots } from './field-code.ts';
import { type Code, call, get, i32, type ModuleWriter, returnValue, seq, set, when } from './wasm.ts';

/** Exports, with the group's name in front: `WritePoint` (32-byte coordinates, Montgomery form of R = 2^256 ← x, y) and `OnCurve` (of y² = x³ + b, b by its components). */
export function makePointKernels(
  module: ModuleWriter,
  slots: Slots,
  name: string,
  field: FieldCode,
  base: PrimeField,
  coefficient: readonly bigint[],
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
}
