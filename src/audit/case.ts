/**
 * One case of a window (rules/cases.ts): some of its wires have a value. The rows become linear in the others: wires turn into expressions of what is unique, and what is left to be ranged into conditions
 * `expression ∈ [low, high]`, `expression ≠ 0`. Conditions are on integers: their expressions are of ranged wires, with coefficients that keep them far below r; others are not used.
 */
import { centred, invert, mod, scalarOrder } from '../field/bn254.ts';
import { type Form, plusForm, plusTerm } from './form.ts';
import type { AuditState } from './state.ts';

const r = scalarOrder;

/** A row of the window, over wires. */
export interface Statement {
  readonly row: number;
  /** a·b = c; or `sum` is 0 or gap. */
  readonly product: readonly [Form, Form, Form] | null;
  readonly sum: Form | null;
  readonly gap: bigint;
}

interface Condition {
  readonly low: bigint;
  readonly high: bigint;
  readonly not: readonly bigint[];
}

export interface Case {
  readonly values: ReadonlyMap<number, Form>;
  /** By direction: an expression without constant, its coefficients without common divisor. */
  readonly conditions: ReadonlyMap<string, Condition>;
}

export class Contradiction extends Error {}

/** Whether no inputs allow both. */
export function areApart(x: Case, y: Case): boolean {
  for (const [direction, a] of x.conditions) {
    const b = y.conditions.get(direction);
    if (b !== undefined && isEmpty(meet(a, b))) return true;
  }
  return false;
}

function meet(a: Condition, b: Condition): Condition {
  return { low: a.low > b.low ? a.low : b.low, high: a.high < b.high ? a.high : b.high, not: [...a.not, ...b.not] };
}

function isEmpty({ low, high, not }: Condition): boolean {
  if (low > high) return true;
  if (high - low >= BigInt(not.length)) return false;
  for (let value = low; value <= high; value++) if (!not.includes(value)) return false;
  return true;
}

/** An atom for a product of two expressions: a function of the inputs in this case, not comparable with any other. */
let opaque = -1;

function substitute(form: Form, values: ReadonlyMap<number, Form>): Form {
  const result: Form = new Map();
  for (const [wire, k] of form) {
    const value = values.get(wire);
    if (value === undefined) plusTerm(result, wire, k);
    else plusForm(result, value, k);
  }
  return result;
}

/** @throws Contradiction where the case is impossible. */
export function evaluate(state: AuditState, wires: readonly number[], statements: readonly Statement[], values: Map<number, Form>): Case {
  const open = new Set(wires);
  const unknown = (form: Form): number[] => [...form.keys()].filter((wire) => open.has(wire) && !values.has(wire));
  const conditions = new Map<string, Condition>();
  const done = new Set<number>();
  const constant = (form: Form): bigint | null => (form.size === 0 ? 0n : form.size === 1 && form.has(0) ? form.get(0)! : null);
  /** sum ∈ {0 … gap}; true if nothing is left to say. */
  const linear = (sum: Form, gap: bigint): boolean => {
    const left = unknown(sum);
    if (left.length === 0) {
      require(state, conditions, sum, 0n, gap);
      return true;
    }
    if (left.length === 1 && gap === 0n) {
      const k = sum.get(left[0]!)!;
      const rest = new Map(sum);
      rest.delete(left[0]!);
      values.set(left[0]!, plusForm(new Map(), rest, -invert(mod(k, r), r)));
      return true;
    }
    return digits(sum, gap, left);
  };
  /** A constant, or something to be ranged, and digits. */
  const digits = (sum: Form, gap: bigint, left: readonly number[]): boolean => {
    if (left.some((wire) => !state.isRanged(wire))) return false;
    const rest = new Map(sum);
    let [low, high] = [0n, 0n];
    for (const wire of left) {
      const k = sum.get(wire)!;
      rest.delete(wire);
      const [x, y] = [k * BigInt(state.lows[wire]!), k * BigInt(state.highs[wire]!)];
      low += x < y ? x : y;
      high += x < y ? y : x;
    }
    require(state, conditions, rest, -high, gap - low);
    const known = constant(rest);
    return known !== null && splitConstant(state, values, sum, left, known, gap);
  };
  for (let before = -1; before !== done.size + values.size; ) {
    before = done.size + values.size;
    for (const [i, { product, sum, gap }] of statements.entries()) {
      if (done.has(i)) continue;
      if (sum !== null) {
        if (linear(substitute(sum, values), gap)) done.add(i);
        continue;
      }
      const [a, b, c] = product!.map((side) => substitute(side, values)) as [Form, Form, Form];
      const [ka, kb] = [constant(a), constant(b)];
      if (ka !== null || kb !== null) {
        const rest = plusForm(new Map(), ka !== null ? b : a, (ka ?? kb)!);
        if (linear(plusForm(rest, c, -1n), 0n)) done.add(i);
        continue;
      }
      const [openA, openB, openC] = [unknown(a), unknown(b), unknown(c)];
      if (openA.length + openB.length === 0 && openC.length === 1) {
        const k = c.get(openC[0]!)!;
        const rest = new Map(c);
        rest.delete(openC[0]!);
        const value = plusForm(new Map([[opaque--, mod(invert(mod(k, r), r), r)]]), rest, -invert(mod(k, r), r));
        values.set(openC[0]!, value);
        done.add(i);
      } else if (openC.length === 0 && (constant(c) ?? 0n) !== 0n) {
        if (openA.length === 0) exclude(state, conditions, a);
        if (openB.length === 0) exclude(state, conditions, b);
      }
    }
  }
  return { values, conditions };
}

/**
 * known + Σ k·digit is 0 or gap: each digit gets its value where heavier ones exceed all lighter ones together; else nothing is said (false).
 * @throws Contradiction where no digits add up to it.
 */
function splitConstant(
  state: AuditState,
  values: Map<number, Form>,
  sum: Form,
  left: readonly number[],
  known: bigint,
  gap: bigint,
): boolean {
  const digits = left.map((wire) => {
    const k = sum.get(wire)!;
    return { wire, k, size: k < 0n ? -k : k, span: BigInt(state.highs[wire]! - state.lows[wire]!) };
  });
  if (gap !== 0n) digits.push({ wire: -1, k: -gap, size: gap, span: 1n });
  digits.sort((x, y) => (x.size < y.size ? -1 : 1));
  let total = 0n;
  for (const { size, span } of digits) {
    if (size <= total) return false;
    total += size * span;
  }
  // Counted from each term's least value: Σ size·t = target, t ∈ [0, span].
  let target = -known;
  for (const { wire, k, span } of digits) {
    const low = wire < 0 ? 0n : BigInt(state.lows[wire]!);
    target -= k > 0n ? k * low : k * (low + span);
  }
  for (const { wire, k, size, span } of digits.reverse()) {
    const t = target < 0n ? -1n : target / size;
    if (t < 0n || t > span) throw new Contradiction();
    target -= t * size;
    if (wire < 0) continue;
    const value = BigInt(state.lows[wire]!) + (k > 0n ? t : span - t);
    values.set(wire, value === 0n ? new Map() : new Map([[0, value]]));
  }
  if (target !== 0n) throw new Contradiction();
  return true;
}

/** The expression as g·T + constant: T's name, g, and the constant. */
function directionOf(form: Form): { readonly key: string; readonly g: bigint; readonly constant: bigint } {
  const terms = [...form].filter(([atom]) => atom !== 0).sort(([x], [y]) => x - y);
  let g = 0n;
  for (const [, k] of terms) {
    let [x, y] = [g, k < 0n ? -k : k];
    while (y !== 0n) [x, y] = [y, x % y];
    g = x;
  }
  if (terms.length > 0 && terms[0]![1] < 0n) g = -g;
  return { key: terms.map(([atom, k]) => `${atom}:${k / g}`).join(), g, constant: form.get(0) ?? 0n };
}

/** Coefficients that together stay below this leave a sum of safe integers below r. */
const mostWeight = 1n << 190n;

function isInteger(state: AuditState, form: Form): boolean {
  let weight = 0n;
  for (const [atom, k] of form) {
    if (atom < 0 || !state.isRanged(atom)) return false;
    weight += k < 0n ? -k : k;
  }
  return weight < mostWeight;
}

/** What the wires' intervals leave of T in form = g·T + constant. */
function rangeOf(state: AuditState, form: Form, g: bigint): Condition {
  let [low, high] = [0n, 0n];
  for (const [atom, k] of form) {
    if (atom === 0) continue;
    const [x, y] = [(k / g) * BigInt(state.lows[atom]!), (k / g) * BigInt(state.highs[atom]!)];
    low += x < y ? x : y;
    high += x < y ? y : x;
  }
  return { low, high, not: [] };
}

const floorDivide = (x: bigint, d: bigint): bigint => (x % d !== 0n && x < 0n !== d < 0n ? x / d - 1n : x / d);

/** form ∈ [low, high], both far below r in size. */
function require(state: AuditState, conditions: Map<string, Condition>, form: Form, low: bigint, high: bigint): void {
  if (high - low >= r >> 3n) return;
  const { key, g, constant } = directionOf(form);
  if (key === '') {
    const value = centred(constant, r);
    if (value < low || value > high) throw new Contradiction();
    return;
  }
  if (!isInteger(state, form)) return;
  const [x, y] = g > 0n ? [low - constant, high - constant] : [high - constant, low - constant];
  restrict(conditions, key, meet(rangeOf(state, form, g), { low: -floorDivide(-x, g), high: floorDivide(y, g), not: [] }));
}

function exclude(state: AuditState, conditions: Map<string, Condition>, form: Form): void {
  const { key, g, constant } = directionOf(form);
  if (key !== '' && isInteger(state, form) && constant % g === 0n)
    restrict(conditions, key, { ...rangeOf(state, form, g), not: [-constant / g] });
}

function restrict(conditions: Map<string, Condition>, key: string, condition: Condition): void {
  const before = conditions.get(key);
  const after = before === undefined ? condition : meet(before, condition);
  if (isEmpty(after)) throw new Contradiction();
  conditions.set(key, after);
}
