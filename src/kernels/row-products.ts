/**
 * Code of a constraint matrix times a witness: Σ coefficient · wire for each row of A and B, from a key's terms (44 bytes: matrix, row, wire, coefficient·2^512). A run of terms of one row is summed before it is added to
 * the row, whatever the order of the terms. Sums of coefficients (wire 1) and sums of products are kept apart: each kind has a factor that brings it to the rows' Montgomery form.
 */
import { elementBytes, limbCount, limbOfWords, type PrimeField, type Slots } from './field-code.ts';
import {
  type Code,
  call,
  fillBytes,
  get,
  i32,
  i64,
  type Local,
  loopWhile,
  type ModuleWriter,
  type Routine,
  select,
  seq,
  set,
  tee,
  when,
} from './wasm.ts';

/** Terms of one run before its sums are added to the row: products are below 3, so 50 of them stay below 169. */
const maxRun = 48;
const termBytes = 44;

/** How a row is kept. */
export interface RowForm {
  /** row += sums · factor for nine 64-bit sums of 29-bit limbs, which are cleared: row, sums, factor. */
  readonly add: Routine;
  /** A row's address from that of the first and its index. */
  address(rows: Code, index: Code): Code;
}

/** Rows as scalar elements, one after the other. */
export function makeScalarRows(module: ModuleWriter, slots: Slots, field: PrimeField): RowForm {
  const wide = slots.take(elementBytes);
  const add = module.routine(null, 3, null, (scope) => {
    const w = scope.local('i32');
    return seq(
      set(w, wide),
      field.code.carryTo(scope, w, (i) => i64.load(get(1), 8 * i)),
      call(field.mul, get(w), get(w), get(2)),
      call(field.add, get(0), get(0), get(w)),
      fillBytes(get(1), 0, i32.const(8 * limbCount)),
    );
  });
  return { add, address: (rows, index) => i32.add(rows, i32.mul(index, i32.const(elementBytes))) };
}

/**
 * Exports a routine (terms, count, witness: 32 bytes each, rows of A, rows of B, factors: for sums of coefficients, for sums of products; half: the number of rows over two). Indices are the caller's to check.
 */
export function makeRowProducts(module: ModuleWriter, slots: Slots, name: string, field: PrimeField, form: RowForm): void {
  const [value, coefficient] = [slots.take(elementBytes), slots.take(elementBytes)];
  const units = slots.take(8 * limbCount);
  const products = slots.take(8 * limbCount);
  const unpack = module.routine(null, 2, null, () =>
    seq(Array.from({ length: limbCount }, (_, i) => i64.store32(get(0), limbOfWords(get(1), i), 4 * i))),
  );
  const wordSum = (address: Local, from: number): Code =>
    Array.from({ length: 8 - from }, (_, i) => i32.load(get(address), 4 * (from + i))).reduce((sum, word) => i32.or(sum, word));
  /** Adds limbs of a to the 64-bit sums. */
  const accumulate = module.routine(null, 2, null, () =>
    seq(Array.from({ length: limbCount }, (_, i) => i64.store(get(0), i64.add(i64.load(get(0), 8 * i), i64.load32(get(1), 4 * i)), 8 * i))),
  );
  module.routine(name, 7, null, (scope) => {
    const [row, wire, next, run, u, p, c, v] = scope.locals('i32', 8) as [Local, Local, Local, Local, Local, Local, Local, Local];
    const [hasUnits, hasProducts] = scope.locals('i32', 2) as [Local, Local];
    const end = seq(
      when(get(hasUnits), seq(call(form.add, get(row), get(u), get(5)), set(hasUnits, i32.const(0)))),
      when(
        get(hasProducts),
        seq(call(form.add, get(row), get(p), i32.add(get(5), i32.const(elementBytes))), set(hasProducts, i32.const(0))),
      ),
      set(run, i32.const(0)),
    );
    return seq(
      set(u, units),
      set(p, products),
      set(c, coefficient),
      set(v, value),
      fillBytes(get(u), 0, i32.const(8 * limbCount)),
      fillBytes(get(p), 0, i32.const(8 * limbCount)),
      loopWhile(
        seq(
          set(next, form.address(select(i32.load(get(0)), get(4), get(3)), i32.load(get(0), 4))),
          when(i32.or(i32.ne(get(next), get(row)), i32.ltU(i32.const(maxRun), get(run))), seq(end, set(row, get(next)))),
          set(wire, i32.add(get(2), i32.shl(i32.load(get(0), 8), i32.const(5)))),
          when(
            wordSum(wire, 0),
            seq(
              set(run, i32.add(get(run), i32.const(1))),
              call(unpack, get(c), i32.add(get(0), i32.const(12))),
              when(
                i32.or(wordSum(wire, 1), i32.xor(i32.load(get(wire)), i32.const(1))),
                seq(
                  call(unpack, get(v), get(wire)),
                  call(field.mul, get(c), get(c), get(v)),
                  call(accumulate, get(p), get(c)),
                  set(hasProducts, i32.const(1)),
                ),
                seq(call(accumulate, get(u), get(c)), set(hasUnits, i32.const(1))),
              ),
            ),
          ),
          set(0, i32.add(get(0), i32.const(termBytes))),
        ),
        tee(1, i32.sub(get(1), i32.const(1))),
      ),
      end,
    );
  });
}
