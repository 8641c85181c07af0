/**
 * The transforms of ntt-code.ts on float64 vectors. Element i of a domain of N shares a vector with element i + N/2: the layer that joins the halves (`…Cross`) works within the vectors, all others are the same
 * for both lanes, on N/2 columns of 80 bytes, with one twiddle for both. Twiddles are single elements of 40 bytes, reduced.
 *
 * Bounds, in multiples of r: frequency layers take values below 1.23 and give such (sums reduced; 0.3785·(2·1.23)·0.501 + 0.7501 = 1.217), limbs of products. Time layers reduce the upper operand and add
 * or subtract the lower one's product: values below 1.55 (0.501 + 0.3785·1.55·0.501 + 0.7501), limbs below 2^51. So factors are within what `vector-limbs.ts` asks: differences and sums of two elements times an element, and in
 * `quotientRows` two such sums.
 */
import { elementBytes, type PrimeField, type Slots } from './field-code.ts';
import { reversedBits } from './ntt-code.ts';
import { packCanonical } from './vector-convert.ts';
import type { VectorField } from './vector-field.ts';
import { balancedLimbs, loadPair, pairBytes, patternOf, singleBytes, storePair, vectorLimbBits, vectorLimbs } from './vector-limbs.ts';
import {
  type Code,
  call,
  copyBytes,
  type FunctionScope,
  fillBytes,
  get,
  i32,
  i64,
  type Local,
  loopWhile,
  type ModuleWriter,
  type Routine,
  seq,
  set,
  when,
} from './wasm.ts';
import { f64x2, i64x2, v128 } from './wasm-simd.ts';

const column = i32.const(pairBytes);
const columns = (index: Code): Code => i32.mul(index, column);
const singles = (index: Code): Code => i32.mul(index, i32.const(singleBytes));
const at = (address: Code, offset: number): Code => i32.add(address, i32.const(offset));

/** Exports `vector…` of every routine of `TransformRoutines` in kernel.ts but `rowProducts`; returns what adds to a row. */
export function makeVectorTransforms(module: ModuleWriter, slots: Slots, field: VectorField, scalar: PrimeField): Routine {
  const { code, constants } = field;
  const one = (1n << 255n) % code.modulus;
  const splat = (scope: FunctionScope, address: Local): { readonly code: Code; readonly limbs: readonly Local[] } => {
    const limbs = scope.locals('v128', vectorLimbs);
    return { code: seq(limbs.map((limb, i) => set(limb, v128.loadSplat(get(address), 8 * i)))), limbs };
  };
  const sums = (to: readonly Local[], a: readonly Local[], b: readonly Local[]): Code =>
    seq(to.map((local, i) => set(local, f64x2.add(get(a[i]!), get(b[i]!)))));
  const differences = (to: readonly Local[], a: readonly Local[], b: readonly Local[]): Code =>
    seq(to.map((local, i) => set(local, f64x2.sub(get(a[i]!), get(b[i]!)))));

  // Butterflies: upper, lower, twiddle.
  const frequency = module.routine(null, 3, null, (scope) => {
    const [a, b, w] = [loadPair(scope, get(0)), loadPair(scope, get(1)), splat(scope, 2)];
    const sum = scope.locals('v128', vectorLimbs);
    const out = code.product(scope, (i) => f64x2.sub(get(a.limbs[i]!), get(b.limbs[i]!)), w.limbs);
    return seq(
      a.code,
      b.code,
      w.code,
      sums(sum, a.limbs, b.limbs),
      code.reduce(scope, sum),
      storePair(get(0), sum),
      out.code,
      storePair(get(1), out.limbs),
    );
  });
  const frequencyOne = module.routine(null, 2, null, (scope) => {
    const [a, b] = [loadPair(scope, get(0)), loadPair(scope, get(1))];
    const [sum, rest] = [scope.locals('v128', vectorLimbs), scope.locals('v128', vectorLimbs)];
    return seq(
      a.code,
      b.code,
      sums(sum, a.limbs, b.limbs),
      code.reduce(scope, sum),
      differences(rest, a.limbs, b.limbs),
      code.reduce(scope, rest),
      storePair(get(0), sum),
      storePair(get(1), rest),
    );
  });
  const time = module.routine(null, 3, null, (scope) => {
    const [a, w] = [loadPair(scope, get(0)), splat(scope, 2)];
    const t = code.product(scope, (i) => v128.load(get(1), 16 * i), w.limbs);
    const [upper, lower] = [scope.locals('v128', vectorLimbs), scope.locals('v128', vectorLimbs)];
    return seq(
      w.code,
      t.code,
      a.code,
      code.reduce(scope, a.limbs),
      sums(upper, a.limbs, t.limbs),
      differences(lower, a.limbs, t.limbs),
      storePair(get(0), upper),
      storePair(get(1), lower),
    );
  });
  const timeOne = module.routine(null, 2, null, (scope) => {
    const [a, b] = [loadPair(scope, get(0)), loadPair(scope, get(1))];
    const [upper, lower] = [scope.locals('v128', vectorLimbs), scope.locals('v128', vectorLimbs)];
    return seq(
      a.code,
      b.code,
      code.reduce(scope, a.limbs),
      code.reduce(scope, b.limbs),
      sums(upper, a.limbs, b.limbs),
      differences(lower, a.limbs, b.limbs),
      storePair(get(0), upper),
      storePair(get(1), lower),
    );
  });

  for (const [name, butterfly, butterflyOne] of [
    ['Frequency', frequency, frequencyOne],
    ['Time', time, timeOne],
  ] as const) {
    const layer = module.routine(`vector${name}Layer`, 5, null, (scope) => {
      const [low, high, twiddle] = scope.locals('i32', 3) as [Local, Local, Local];
      const next = seq(
        set(low, i32.add(get(low), column)),
        set(high, i32.add(get(high), column)),
        set(twiddle, at(get(twiddle), singleBytes)),
        set(4, i32.sub(get(4), i32.const(1))),
      );
      return seq(
        set(low, i32.add(get(0), columns(get(3)))),
        set(high, i32.add(get(low), columns(get(1)))),
        set(twiddle, i32.add(get(2), singles(i32.add(get(1), get(3))))),
        when(i32.eqz(get(3)), seq(call(butterflyOne, get(low), get(high)), next)),
        when(get(4), loopWhile(seq(call(butterfly, get(low), get(high), get(twiddle)), next), get(4))),
      );
    });
    module.routine(`vector${name}Block`, 3, null, ({ self }) => {
      const own = call(layer, get(0), get(1), get(2), i32.const(0), get(1));
      const half = i32.shrU(get(1), i32.const(1));
      const deeper = when(
        i32.ltU(i32.const(1), get(1)),
        seq(call(self, get(0), half, get(2)), call(self, i32.add(get(0), columns(get(1))), half, get(2))),
      );
      return when(get(1), name === 'Frequency' ? seq(own, deeper) : seq(deeper, own));
    });
  }

  /** (1, w): the factors of a vector's lanes in the layer that joins them. */
  const laneFactors = (scope: FunctionScope, twiddle: Local): { readonly code: Code; readonly limbs: readonly Local[] } => {
    const { code: open, number } = constants.open(scope);
    const limbs = scope.locals('v128', vectorLimbs);
    const units = balancedLimbs(one);
    return {
      code: seq(
        open,
        limbs.map((limb, i) => set(limb, v128.loadHigh(get(twiddle), number(units[i]!), 8 * i))),
      ),
      limbs,
    };
  };
  const sign = (scope: FunctionScope) => {
    const { code: open, bits } = constants.open(scope);
    const high = scope.local('v128');
    return {
      // The sign bit in lane 1 only.
      code: seq(open, set(high, v128.lanes(bits(0n), 0, bits(1n << 63n), 1))),
      /** (a, b) → (a + b, a − b) */
      butterfly: (x: Local): Code => f64x2.add(v128.lanes(get(x), 1, get(x), 0), v128.xor(get(x), get(high))),
    };
  };
  // Columns `first` … `first + count − 1`: rows, table (of the half-size N/2), first, count ≥ 1.
  const cross = (name: string, body: (scope: FunctionScope, twiddle: Local) => Code): void => {
    module.routine(`vector${name}Cross`, 4, null, (scope) => {
      const twiddle = scope.local('i32');
      return seq(
        set(twiddle, i32.add(get(1), singles(get(2)))),
        set(0, i32.add(get(0), columns(get(2)))),
        loopWhile(
          seq(
            body(scope, twiddle),
            set(0, i32.add(get(0), column)),
            set(twiddle, at(get(twiddle), singleBytes)),
            set(3, i32.sub(get(3), i32.const(1))),
          ),
          get(3),
        ),
      );
    });
  };
  cross('Frequency', (scope, twiddle) => {
    const [x, w, s] = [loadPair(scope, get(0)), laneFactors(scope, twiddle), sign(scope)];
    const out = code.product(scope, (i) => s.butterfly(x.limbs[i]!), w.limbs);
    return seq(x.code, w.code, s.code, out.code, storePair(get(0), out.limbs));
  });
  cross('Time', (scope, twiddle) => {
    const [w, s] = [laneFactors(scope, twiddle), sign(scope)];
    const t = code.product(scope, (i) => v128.load(get(0), 16 * i), w.limbs);
    return seq(
      w.code,
      s.code,
      t.code,
      t.limbs.map((limb) => set(limb, s.butterfly(limb))),
      code.reduce(scope, t.limbs),
      storePair(get(0), t.limbs),
    );
  });

  const storeLanes = (first: Code, second: Code, limbs: readonly Local[]): Code =>
    seq(limbs.map((limb, i) => [...v128.storeLane(first, get(limb), 0, 8 * i), ...v128.storeLane(second, get(limb), 1, 8 * i)]));
  // out_i = first · ratio^i, reduced: out, count, pair (first, first · ratio), pair (ratio², ratio²). Writes an even number.
  module.routine('vectorPowers', 4, null, (scope) => {
    const [x, w] = [loadPair(scope, get(2)), loadPair(scope, get(3))];
    const next = code.product(scope, (i) => get(x.limbs[i]!), w.limbs);
    return seq(
      x.code,
      w.code,
      loopWhile(
        seq(
          storeLanes(get(0), at(get(0), singleBytes), x.limbs),
          next.code,
          code.reduce(scope, next.limbs),
          next.limbs.map((limb, i) => set(x.limbs[i]!, get(limb))),
          set(0, at(get(0), 2 * singleBytes)),
          set(1, i32.shrU(i32.sub(get(1), i32.const(1)), i32.const(1))),
          set(1, i32.shl(get(1), i32.const(1))),
        ),
        get(1),
      ),
    );
  });
  module.routine('vectorEverySecond', 3, null, () =>
    loopWhile(
      seq(
        copyBytes(get(0), get(1), i32.const(singleBytes)),
        set(0, at(get(0), singleBytes)),
        set(1, at(get(1), 2 * singleBytes)),
        set(2, i32.sub(get(2), i32.const(1))),
      ),
      get(2),
    ),
  );
  // Columns `first`, … of an array of 2^log elements in bit-reversed order: lane 0 holds an even power's element, lane 1 the next one's. Parameters: block, first, count, log, powers.
  module.routine('vectorShiftCoset', 5, null, (scope) => {
    const k = scope.local('i32');
    const w = scope.locals('v128', vectorLimbs);
    const out = code.product(scope, (i) => v128.load(get(0), 16 * i), w);
    return loopWhile(
      seq(
        reversedBits(k, get(1)),
        set(k, i32.add(get(4), singles(i32.shrU(get(k), i32.sub(i32.const(32), get(3)))))),
        w.map((limb, i) => set(limb, v128.loadHigh(get(k), v128.loadLow(get(k), 8 * i), singleBytes + 8 * i))),
        out.code,
        storePair(get(0), out.limbs),
        set(0, i32.add(get(0), column)),
        set(1, i32.add(get(1), i32.const(1))),
        set(2, i32.sub(get(2), i32.const(1))),
      ),
      get(2),
    );
  });
  // c = a · b · factor, a pair: a, b, c, columns, factor.
  module.routine('vectorMultiplyRows', 5, null, () =>
    loopWhile(
      seq(
        call(field.mul, get(2), get(0), get(1)),
        call(field.mul, get(2), get(2), get(4)),
        [0, 1, 2].map((local) => set(local, i32.add(get(local), column))),
        set(3, i32.sub(get(3), i32.const(1))),
      ),
      get(3),
    ),
  );
  // Canonical a · b − c, 32 bytes each; lane 1 goes to the second address: a, b, c, out, second out, columns.
  for (const isDifference of [true, false]) {
    module.routine(isDifference ? 'vectorQuotientRows' : 'vectorProductRows', 6, null, (scope) => {
      const y = loadPair(scope, get(1));
      const product = code.product(scope, (i) => v128.load(get(0), 16 * i), y.limbs);
      const rest = scope.locals('v128', vectorLimbs);
      const unit = scope.locals('v128', vectorLimbs);
      const { code: open, number } = constants.open(scope);
      const out = code.product(scope, (i) => get(rest[i]!), unit);
      return seq(
        open,
        unit.map((limb, i) => set(limb, number(i === 0 ? 1 : 0))),
        loopWhile(
          seq(
            y.code,
            product.code,
            rest.map((local, i) => {
              const limb = get(product.limbs[i]!);
              return set(local, isDifference ? f64x2.sub(limb, v128.load(get(2), 16 * i)) : limb);
            }),
            code.reduce(scope, rest),
            out.code,
            code.reduce(scope, out.limbs),
            packCanonical(scope, constants, code.modulus, out.limbs, get(3), get(4)),
            [0, 1, 2].map((local) => set(local, i32.add(get(local), column))),
            [3, 4].map((local) => set(local, at(get(local), 32))),
            set(5, i32.sub(get(5), i32.const(1))),
          ),
          get(5),
        ),
      );
    });
  }

  // lane += sums · factor, where sums are nine 64-bit limbs of 29 bits, which are cleared: lane of a column, sums, factor. A product of the scalar field is below 3.
  const wide = slots.take(elementBytes);
  return module.routine(null, 3, null, (scope) => {
    const w = scope.local('i32');
    const limbs = scope.locals('v128', vectorLimbs);
    const { code: open, number } = constants.open(scope);
    const integer = (k: number): Code => {
      const start = vectorLimbBits * k;
      const parts: Code[] = [];
      for (let j = 0; j < 9; j++) {
        const shift = 29 * j - start;
        if (shift <= -29 || shift >= vectorLimbBits) continue;
        const limb = i64.load32(get(w), 4 * j);
        parts.push(shift < 0 ? i64.shrU(limb, i64.const(BigInt(-shift))) : i64.shl(limb, i64.const(BigInt(shift))));
      }
      const all = parts.reduce((sum, part) => i64.or(sum, part));
      return k < vectorLimbs - 1 ? i64.and(all, i64.const((1n << BigInt(vectorLimbBits)) - 1n)) : all;
    };
    return seq(
      open,
      set(w, wide),
      scalar.code.carryTo(scope, w, (i) => i64.load(get(1), 8 * i)),
      call(scalar.mul, get(w), get(w), get(2)),
      limbs.map((limb, i) =>
        set(limb, f64x2.add(f64x2.sub(v128.or(i64x2.splat(integer(i)), number(2 ** 52)), number(2 ** 52)), v128.loadSplat(get(0), 16 * i))),
      ),
      code.reduce(scope, limbs),
      limbs.map((limb, i) => v128.storeLane(get(0), get(limb), 0, 16 * i)),
      fillBytes(get(1), 0, i32.const(72)),
    );
  });
}

/** Both lanes of a pair in memory. */
export function writePair(memory: WebAssembly.Memory, address: number, values: readonly [bigint, bigint]): void {
  const words = new BigUint64Array(memory.buffer, address, 2 * vectorLimbs);
  for (const [lane, value] of values.entries()) {
    for (const [i, limb] of balancedLimbs(value).entries()) words[2 * i + lane] = patternOf(Number(limb));
  }
}
