/**
 * Code that looks at the scalars of a sum before points are touched: how wide each is, which of them a pass takes, and their digits.
 *
 * A scalar is 32 bytes below r. Those below 2^53, and r less those, count as small integers of either sign; a chosen scalar is a 256-bit integer in two's complement. Digits are signed: with the bias
 * K = Σ 2^(bits·w + bits − 1) digit w of s is bits of s + K less 2^(bits−1), for any |s| < 2^(windows·bits − 1);
 * the last digit may be 2^(bits−1) itself.
 */
import { scalarOrder } from '../field/bn254.ts';
import type { Slots } from './field-code.ts';
import {
  type Code,
  call,
  copyBytes,
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

/** Widths are below this: 0 … 53 bits for small integers of either sign, the true one for others. */
export const widthLimit = 257;
const narrowBits = 53n;
const orderWords = [0n, 64n, 128n, 192n].map((bit) => BigInt.asIntN(64, scalarOrder >> bit));

/** Bytes of the bias: five 64-bit words. */
export const biasBytes = 40;

export function biasWords(bits: number, windows: number): readonly bigint[] {
  let bias = 0n;
  for (let window = 0; window < windows; window++) bias += 1n << BigInt(bits * window + bits - 1);
  return [0n, 64n, 128n, 192n, 256n].map((bit) => BigInt.asUintN(64, bias >> bit));
}

/**
 * Exports `Classify` and `Choose` with each group's name in front, and `recode`, as kernel.ts has them. `isInfinite` is asked of a record.
 */
export function makeScalarChoice(module: ModuleWriter, name: string, recordBytes: number, isInfinite: Routine): void {
  /** The scalar at an address, in four words, to signed `words` and its width. */
  const measure = (scope: { locals(type: 'i64', count: number): readonly Local[]; local(type: 'i32'): Local }) => {
    const words = scope.locals('i64', 4) as readonly [Local, Local, Local, Local];
    const [rest] = scope.locals('i64', 1) as [Local];
    const width = scope.local('i32');
    const widthOf = (value: Local): Code => i32.sub(i32.const(64), i32.wrap(i64.clz(get(value))));
    const code = (address: Code): Code =>
      seq(
        words.map((word, i) => set(word, i64.load(address, 8 * i))),
        // The highest word that is not zero decides.
        set(width, i32.const(0)),
        words.map((word, i) => when(i32.eqz(i64.eqz(get(word))), set(width, i32.add(i32.const(64 * i), widthOf(word))))),
        when(
          i32.gtU(get(width), i32.const(192)),
          // r − s < 2^53: the upper words are r's, since r's lowest word is above 2^53.
          when(
            i64.eqz(
              [1, 2, 3].map((i) => i64.xor(get(words[i]!), i64.const(orderWords[i]!))).reduce((sum, difference) => i64.or(sum, difference)),
            ),
            seq(
              set(rest, i64.sub(i64.const(orderWords[0]!), get(words[0]))),
              when(
                i64.ltU(get(rest), i64.const(1n << narrowBits)),
                seq(
                  set(width, widthOf(rest)),
                  set(words[0], i64.sub(i64.const(0n), get(rest))),
                  [1, 2, 3].map((i) => set(words[i]!, i64.const(-1n))),
                ),
              ),
            ),
          ),
        ),
      );
    return { words, width, code };
  };

  // Adds one to widths[w] (u32) for each scalar whose point is not infinity: scalars, records, count ≥ 1, widths.
  module.routine(`${name}Classify`, 4, null, (scope) => {
    const { width, code } = measure(scope);
    const [slot] = scope.locals('i32', 1) as [Local];
    return loopWhile(
      seq(
        code(get(0)),
        when(
          get(width),
          when(
            i32.eqz(call(isInfinite, get(1))),
            seq(
              set(slot, i32.add(get(3), i32.shl(get(width), i32.const(2)))),
              i32.store(get(slot), i32.add(i32.load(get(slot)), i32.const(1))),
            ),
          ),
        ),
        set(0, i32.add(get(0), i32.const(32))),
        set(1, i32.add(get(1), i32.const(recordBytes))),
      ),
      tee(2, i32.sub(get(2), i32.const(1))),
    );
  });

  // Copies records and signed scalars of those with widths from `least` to `most` until `room` ≥ 1 are taken or all are seen; returns how many. Parameters: scalars, records, count ≥ 1, least, most, out of records, out of
  // scalars, room, address for how many were seen.
  module.routine(`${name}Choose`, 9, 'i32', (scope) => {
    const { words, width, code } = measure(scope);
    const [left, taken] = scope.locals('i32', 2) as [Local, Local];
    return seq(
      set(left, get(2)),
      set(taken, i32.const(0)),
      loopWhile(
        seq(
          code(get(0)),
          when(
            i32.eqz(i32.or(i32.ltU(get(width), get(3)), i32.gtU(get(width), get(4)))),
            when(
              i32.eqz(call(isInfinite, get(1))),
              seq(
                copyBytes(get(5), get(1), i32.const(recordBytes)),
                words.map((word, i) => i64.store(get(6), get(word), 8 * i)),
                set(5, i32.add(get(5), i32.const(recordBytes))),
                set(6, i32.add(get(6), i32.const(32))),
                set(taken, i32.add(get(taken), i32.const(1))),
              ),
            ),
          ),
          set(0, i32.add(get(0), i32.const(32))),
          set(1, i32.add(get(1), i32.const(recordBytes))),
          set(left, i32.sub(get(left), i32.const(1))),
        ),
        select(i32.eq(get(taken), get(7)), i32.const(0), get(left)),
      ),
      i32.store(get(8), i32.sub(get(2), get(left))),
      get(taken),
    );
  });
}

/** Exports `recode`: scalars (two's complement), count ≥ 1, bits ≤ 16, windows, out (i16), bytes from one window's digits to the next, bias. */
export function makeRecode(module: ModuleWriter, slots: Slots): void {
  const biased = slots.take(48);
  module.routine('recode', 7, null, (scope) => {
    const [w, bit, out, mask, half, temporary] = scope.locals('i32', 6) as [Local, Local, Local, Local, Local, Local];
    const [sum, carry, value] = scope.locals('i64', 3) as [Local, Local, Local];
    const flag = (condition: Code): Code => i64.extend(condition);
    return seq(
      set(temporary, biased),
      set(half, i32.shl(i32.const(1), i32.sub(get(2), i32.const(1)))),
      set(mask, i32.sub(i32.shl(get(half), i32.const(1)), i32.const(1))),
      loopWhile(
        seq(
          set(carry, i64.const(0n)),
          [0, 1, 2, 3].map((i) =>
            seq(
              set(value, i64.load(get(0), 8 * i)),
              set(sum, i64.add(i64.add(get(value), i64.load(get(6), 8 * i)), get(carry))),
              // The sum wrapped if it is below the value, or equal to it with a carry and a bias of all ones.
              set(carry, flag(select(i64.eqz(get(carry)), i64.ltU(get(sum), get(value)), i32.eqz(i64.ltU(get(value), get(sum)))))),
              i64.store(get(temporary), get(sum), 8 * i),
            ),
          ),
          i64.store(get(temporary), i64.add(i64.add(i64.load(get(6), 32), get(carry)), i64.shrS(get(value), i64.const(63n))), 32),
          set(w, get(3)),
          set(bit, i32.const(0)),
          set(out, get(4)),
          loopWhile(
            seq(
              i32.store16(
                get(out),
                i32.sub(
                  i32.and(
                    i32.wrap(
                      i64.shrU(
                        i64.load(i32.add(get(temporary), i32.shrU(get(bit), i32.const(3)))),
                        i64.extend(i32.and(get(bit), i32.const(7))),
                      ),
                    ),
                    // The last one takes all that is left: up to 2^(bits−1), inclusive.
                    select(i32.eq(get(w), i32.const(1)), i32.const(-1), get(mask)),
                  ),
                  get(half),
                ),
              ),
              set(bit, i32.add(get(bit), get(2))),
              set(out, i32.add(get(out), get(5))),
            ),
            tee(w, i32.sub(get(w), i32.const(1))),
          ),
          set(0, i32.add(get(0), i32.const(32))),
          set(4, i32.add(get(4), i32.const(2))),
        ),
        tee(1, i32.sub(get(1), i32.const(1))),
      ),
    );
  });
}
