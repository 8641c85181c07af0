/**
 * Code over the scalar field: transforms on power-of-two domains, and what stands between them in a Groth16 quotient.
 *
 * A transform is decimation in frequency (natural order → bit-reversed) with the inverse roots, or in time (bit-reversed → natural) with the roots, so that nothing is ever permuted. Both recurse,
 * depth first, which keeps blocks in the caches. Twiddles of the layer with half-size h stand at table[h … 2h−1], in the order of use: table[h + j] = ω_{2h}^j, reduced.
 *
 * Bounds, in multiples of r: frequency layers take values below 3 and give such (sums are reduced, products are below 3). Time layers take and give any, adding at most 4 each:
 * after 27 layers below 3 + 4·27 = 111, and 111·1 < 169 as multiplication asks. Sums are carried, so limbs stay below 2^29.
 */
import { elementBytes, limbCount, limbsOf, type PrimeField, type Slots } from './field-code.ts';
import { type Code, call, copyBytes, fillBytes, get, i32, i64, type Local, loopWhile, type ModuleWriter, seq, set, when } from './wasm.ts';

const element = i32.const(elementBytes);
const scale = (index: Code): Code => i32.mul(index, element);
/** k ← the 32 bits of a value, reversed. */
export function reversedBits(k: Local, value: Code): Code {
  const swap = (bits: number, mask: number): Code =>
    set(k, i32.or(i32.and(i32.shrU(get(k), i32.const(bits)), i32.const(mask)), i32.shl(i32.and(get(k), i32.const(mask)), i32.const(bits))));
  return seq(
    set(k, value),
    swap(1, 0x55555555),
    swap(2, 0x33333333),
    swap(4, 0x0f0f0f0f),
    swap(8, 0x00ff00ff),
    set(k, i32.or(i32.shrU(get(k), i32.const(16)), i32.shl(get(k), i32.const(16)))),
  );
}

export function makeScalarKernels(module: ModuleWriter, slots: Slots, field: PrimeField): void {
  const { code: limbs } = field;
  const load = (local: Local, i: number): Code => i64.load32(get(local), 4 * i);
  const fourfold = limbsOf(4n * field.modulus);
  const zero = slots.take(elementBytes);
  const setZero = fillBytes(zero, 0, element);

  const frequency = module.routine(null, 3, null, (scope) => {
    const [a, b, w] = [limbs.loadLimbs(scope, 0), limbs.loadLimbs(scope, 1), limbs.loadLimbs(scope, 2)];
    const sums = scope.locals('i64', limbCount);
    const out = limbs.product(scope, (i) => i64.add(i64.sub(get(a.limbs[i]!), get(b.limbs[i]!)), i64.const(limbs.offset[i]!)), w.limbs);
    return seq(
      a.code,
      b.code,
      w.code,
      sums.map((sum, i) => set(sum, i64.add(get(a.limbs[i]!), get(b.limbs[i]!)))),
      limbs.reduceTo(scope, 0, sums),
      out.code,
      out.limbs.map((limb, i) => i64.store32(get(1), get(limb), 4 * i)),
    );
  });
  const frequencyOne = module.routine(null, 2, null, (scope) => {
    const [a, b] = [limbs.loadLimbs(scope, 0), limbs.loadLimbs(scope, 1)];
    const sums = scope.locals('i64', limbCount);
    return seq(
      a.code,
      b.code,
      sums.map((sum, i) => set(sum, i64.add(get(a.limbs[i]!), get(b.limbs[i]!)))),
      limbs.reduceTo(scope, 0, sums),
      sums.map((sum, i) => set(sum, i64.add(i64.sub(get(a.limbs[i]!), get(b.limbs[i]!)), i64.const(limbs.offset[i]!)))),
      limbs.reduceTo(scope, 1, sums),
    );
  });
  const time = module.routine(null, 3, null, (scope) => {
    const [a, w] = [limbs.loadLimbs(scope, 0), limbs.loadLimbs(scope, 2)];
    const t = limbs.product(scope, (i) => load(1, i), w.limbs);
    return seq(
      w.code,
      t.code,
      a.code,
      limbs.carryTo(scope, 0, (i) => i64.add(get(a.limbs[i]!), get(t.limbs[i]!))),
      limbs.carryTo(scope, 1, (i) => i64.add(i64.sub(get(a.limbs[i]!), get(t.limbs[i]!)), i64.const(fourfold[i]!))),
    );
  });
  /** Twiddle 1: the lower operand may be anything that earlier layers gave, so it is reduced first. */
  const timeOne = module.routine(null, 2, null, (scope) => {
    const [a, b] = [limbs.loadLimbs(scope, 0), limbs.loadLimbs(scope, 1)];
    const t = limbs.loadLimbs(scope, 1);
    return seq(
      b.code,
      limbs.reduceTo(scope, 1, b.limbs),
      t.code,
      a.code,
      limbs.carryTo(scope, 0, (i) => i64.add(get(a.limbs[i]!), get(t.limbs[i]!))),
      limbs.carryTo(scope, 1, (i) => i64.add(i64.sub(get(a.limbs[i]!), get(t.limbs[i]!)), i64.const(fourfold[i]!))),
    );
  });

  for (const [name, butterfly, butterflyOne] of [
    ['frequency', frequency, frequencyOne],
    ['time', time, timeOne],
  ] as const) {
    // Butterflies `first` … `first + count − 1` of one layer over a block: block, half, table, first, count ≥ 1.
    const layer = module.routine(`${name}Layer`, 5, null, (scope) => {
      const [low, high, twiddle] = scope.locals('i32', 3) as [Local, Local, Local];
      const step = (local: Local): Code => set(local, i32.add(get(local), element));
      const next = seq(step(low), step(high), step(twiddle), set(4, i32.sub(get(4), i32.const(1))));
      return seq(
        set(low, i32.add(get(0), scale(get(3)))),
        set(high, i32.add(get(low), scale(get(1)))),
        set(twiddle, i32.add(get(2), scale(i32.add(get(1), get(3))))),
        when(i32.eqz(get(3)), seq(call(butterflyOne, get(low), get(high)), next)),
        when(get(4), loopWhile(seq(call(butterfly, get(low), get(high), get(twiddle)), next), get(4))),
      );
    });
    // All layers over a block: block, half, table.
    module.routine(`${name}Block`, 3, null, ({ self }) => {
      const own = call(layer, get(0), get(1), get(2), i32.const(0), get(1));
      const half = i32.shrU(get(1), i32.const(1));
      const deeper = when(
        i32.ltU(i32.const(1), get(1)),
        seq(call(self, get(0), half, get(2)), call(self, i32.add(get(0), scale(get(1))), half, get(2))),
      );
      return name === 'frequency' ? seq(own, deeper) : seq(deeper, own);
    });
  }

  // out_i = first · ratio^i, reduced: out, count, first, ratio.
  module.routine('powers', 4, null, () =>
    seq(
      setZero,
      call(field.add, get(0), get(2), zero),
      loopWhile(
        seq(
          set(1, i32.sub(get(1), i32.const(1))),
          when(
            get(1),
            seq(
              call(field.mul, i32.add(get(0), element), get(0), get(3)),
              set(0, i32.add(get(0), element)),
              call(field.add, get(0), get(0), zero),
            ),
          ),
        ),
        get(1),
      ),
    ),
  );
  // Every second element: out, source, count.
  module.routine('everySecond', 3, null, () =>
    loopWhile(
      seq(
        copyBytes(get(0), get(1), element),
        set(0, i32.add(get(0), element)),
        set(1, i32.add(get(1), i32.const(2 * elementBytes))),
        set(2, i32.sub(get(2), i32.const(1))),
      ),
      get(2),
    ),
  );
  // The block's positions are first, first + 1, … of a bit-reversed array of 2^log: each times powers[reversed position]. Parameters: block, first, count, log, powers.
  module.routine('shiftCoset', 5, null, (scope) => {
    const k = scope.local('i32');
    return loopWhile(
      seq(
        reversedBits(k, get(1)),
        set(k, i32.shrU(get(k), i32.sub(i32.const(32), get(3)))),
        call(field.mul, get(0), get(0), i32.add(get(4), scale(get(k)))),
        set(0, i32.add(get(0), element)),
        set(1, i32.add(get(1), i32.const(1))),
        set(2, i32.sub(get(2), i32.const(1))),
      ),
      get(2),
    );
  });
  // c = a · b · factor: a, b, c, count, factor.
  module.routine('multiplyRows', 5, null, () =>
    loopWhile(
      seq(
        call(field.mul, get(2), get(0), get(1)),
        call(field.mul, get(2), get(2), get(4)),
        [0, 1, 2].map((local) => set(local, i32.add(get(local), element))),
        set(3, i32.sub(get(3), i32.const(1))),
      ),
      get(3),
    ),
  );
  // out (canonical, 32 bytes each) = a · b − c of anything that a time layer gives: a, b, c, out, (unused), count.
  const [x, y] = [slots.take(elementBytes), slots.take(elementBytes)];
  for (const isDifference of [true, false]) {
    module.routine(isDifference ? 'quotientRows' : 'productRows', 6, null, () =>
      seq(
        setZero,
        loopWhile(
          seq(
            call(field.add, x, get(0), zero),
            call(field.add, y, get(1), zero),
            call(field.mul, x, x, y),
            isDifference ? seq(call(field.add, y, get(2), zero), call(field.sub, x, x, y)) : [],
            call(field.writeCanonical, get(3), x),
            [0, 1, 2].map((local) => set(local, i32.add(get(local), element))),
            set(3, i32.add(get(3), i32.const(32))),
            set(5, i32.sub(get(5), i32.const(1))),
          ),
          get(5),
        ),
      ),
    );
  }
}
