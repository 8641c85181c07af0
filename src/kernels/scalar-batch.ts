/**
 * Code of affine additions by the batch with one shared inversion, on the scalar fields. A record is x, y, −y for a key's point, x, y for a sum (whose entries are never minus); x = y = 0 is infinity. Equal points,
 * opposite points and infinity are told apart before they could zero the shared product.
 *
 * Reference: Montgomery's trick.
 */

import type { GroupCode } from './curve-code.ts';
import type { FieldCode, Slots } from './field-code.ts';
import { limbMask } from './field-code.ts';
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
  type Routine,
  returnValue,
  seq,
  set,
  when,
} from './wasm.ts';

/** Kinds of a pair g + h; the last three have no slope. */
const kinds = { ordinary: 0, doubling: 1, opposite: 2, onlySecond: 3, onlyFirst: 4 } as const;

/** Exports, with the group's name in front: `ReadPoints`, `AddPairs`, `CopyEntry`, as `BulkRoutines` in kernel.ts has them, and the parts of `AddPairs`: `BatchForward`, `BatchInvert`, `BatchBackward`. */
export function makeScalarBatch(
  module: ModuleWriter,
  slots: Slots,
  name: string,
  field: FieldCode,
  group: GroupCode,
): { readonly addPairs: Routine; readonly copyEntry: Routine } {
  const size = field.sizeBytes;
  const { isInfinite, record, ordinate, writeOne } = group;
  const take = (): Code => slots.take(size);
  const at = (address: Code, offset: number): Code => i32.add(address, i32.const(offset));
  const [product, inverse, dx, dy, square, slope] = Array.from({ length: 6 }, take) as [Code, Code, Code, Code, Code, Code];

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
  const forward = module.routine(`${name}BatchForward`, 3, null, (scope) => {
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
  // Backward: λ = out.y · inverse; inverse ·= dx; x₃ = λ² − x₁ − x₂; y₃ = λ(x₁ − x₃) − y₁.
  const backward = module.routine(`${name}BatchBackward`, 3, null, (scope) => {
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
  const copyEntry = module.routine(`${name}CopyEntry`, 2, null, () =>
    seq(copyBytes(get(0), record(1), i32.const(size)), copyBytes(at(get(0), size), ordinate(1), i32.const(size))),
  );

  const invert = module.routine(`${name}BatchInvert`, 0, null, () => call(field.inverse, inverse, product));
  const addPairs = module.routine(`${name}AddPairs`, 3, null, () =>
    seq(call(forward, get(0), get(1), get(2)), call(invert), call(backward, get(0), get(1), get(2))),
  );
  module.routine(`${name}ReadPoints`, 3, null, () =>
    loopWhile(
      seq(
        call(group.readPoint, get(0), get(1)),
        set(0, at(get(0), 3 * size)),
        set(1, at(get(1), group.fileBytes)),
        set(2, i32.sub(get(2), i32.const(1))),
      ),
      get(2),
    ),
  );
  return { addPairs, copyEntry };
}
