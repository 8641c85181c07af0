/** Inner products: values, costs, and that no other sum has a witness. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginInnerProduct, endInnerProduct, innerProductCost, makeInnerProduct, plusProduct } from '../../circuits/inner-product.ts';
import { newSum, plusWire, reset, type Sum } from '../../circuits/sum.ts';
import { isolate, weaknesses } from '../support/gadget.ts';

/** Σ (x_i + 3)·(x_(n+i) − 2) over n pairs, then Σ known·(the other side); counted from `low`. */
const isolateProduct = (n: number, known: readonly number[], low: number) =>
  isolate(2 * n + known.length, (api, first) => {
    const chain = makeInnerProduct(-300);
    const [a, b] = [newSum(), newSum()];
    const wire = (sum: Sum, i: number, constant: number) => {
      plusWire(reset(sum, constant), first + i, 1);
      return sum;
    };
    // Twice: what the first leaves in the chain must not reach the second.
    const once = () => {
      beginInnerProduct(chain);
      for (let i = 0; i < n; i++) {
        plusProduct(api, chain, wire(a, i, 3), wire(b, n + i, -2));
        const k = known[i];
        if (k !== undefined)
          plusProduct(
            api,
            chain,
            ...(i % 2 === 0 ? ([reset(a, k), wire(b, 2 * n + i, 1)] as const) : ([wire(a, 2 * n + i, 1), reset(b, k)] as const)),
          );
      }
      return endInnerProduct(api, chain, low)!;
    };
    once();
    return [once()];
  });

const value = fc.integer({ min: -20, max: 20 });

test('is the sum of products, at one row each', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 6 }),
      fc.array(value, { maxLength: 3 }),
      value,
      (pairs, ks, low) => {
        const known = ks.slice(0, pairs.length);
        const gadget = isolateProduct(pairs.length, known, low);
        const cost = innerProductCost(pairs.length, known.length > 0);
        expect(gadget.counts()).toEqual({ constraints: 2 * cost.constraints, wires: 2 * cost.wires });
        const inputs = [...pairs.map(([a]) => a), ...pairs.map(([, b]) => b), ...known.map((k) => k - 7)];
        const sum = pairs.reduce((s, [a, b]) => s + (a + 3) * (b - 2), 0) + known.reduce((s, k) => s + k * (k - 7 + 1), 0);
        expect(gadget.solve(inputs)).toMatchObject({ violation: null, outputs: [BigInt(sum - low)] });
        expect(gadget.solutions(inputs)).toMatchObject({ count: 1, freeWires: [], decided: true });
        expect(weaknesses(gadget, inputs, { expected: [sum - low] })).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

test('of known sides alone it is linear, or known', () => {
  const gadget = isolate(1, (api, first) => {
    const chain = makeInnerProduct(0);
    const [a, b] = [newSum(), newSum()];
    beginInnerProduct(chain);
    plusProduct(api, chain, reset(a, 4), reset(b, 5));
    expect(endInnerProduct(api, chain, 7)).toBeNull();
    expect(chain.rest.constant).toBe(20);
    plusProduct(api, chain, plusTo(a, first), reset(b, -3));
    return [endInnerProduct(api, chain, 7)!];
  });
  function plusTo(sum: Sum, wire: number): Sum {
    plusWire(reset(sum, 1), wire, 1);
    return sum;
  }
  expect(gadget.counts()).toEqual(innerProductCost(0, true));
  expect(gadget.solve([10]).outputs).toEqual([BigInt(20 - 33 - 7)]);
});
