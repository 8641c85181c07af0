/**
 * Cases: a few wires with few values each (bits of an exponent, a sign, an index) are tried with all of them. In each case the rows around become linear: wires turn into expressions of what is unique, and
 * what is left to be ranged into conditions `expression ∈ [low, high]`, `expression ≠ 0`. If no two cases can hold for the same inputs, each wire that every case gives a value is unique. Two cases that can
 * hold together, and give all wires but some of the bits tried the same expressions, are two patterns of one number: those bits are loose.
 *
 * Conditions are on integers: their expressions are of ranged wires, with coefficients that keep them far below r; others are not used.
 *
 * Looks at a window of wires behind the first; rows that reach beyond it are left out, which can only leave more open. Cost: cases × rows of the window, once for each shape of window.
 */
import { centred, invert, mod, scalarOrder } from '../../field/bn254.ts';
import { type Form, plusForm, plusSide, plusTerm, relation } from '../form.ts';
import { PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, BY_CASES, OPEN, UNIQUE } from '../state.ts';

const r = scalarOrder;
const windowWires = 256;
const mostRows = 600;
const mostCases = 600;

/** A row of the window, over wires. */
interface Statement {
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

interface Case {
  readonly values: ReadonlyMap<number, Form>;
  /** By direction: an expression without constant, its coefficients without common divisor. */
  readonly conditions: ReadonlyMap<string, Condition>;
}

class Contradiction extends Error {}

/** What was found for a window of this shape, by position in it; null: nothing. */
export type CaseMemory = Map<string, { readonly unique: readonly number[]; readonly loose: readonly number[] } | null>;

/**
 * @param seed an open wire.
 * @param onlyKnown concludes what it has concluded of such a window before, and nothing new.
 * @returns the last wire of the window if something was concluded, else null.
 */
export function cases(state: AuditState, shapes: Shapes, seed: number, memory: CaseMemory, onlyKnown: boolean): number | null {
  const window = windowOf(state, shapes, seed);
  if (window === null) return null;
  const { wires, statements, shared } = window;
  const key = keyOf(state, wires, statements, shared);
  let found = memory.get(key);
  if (found === undefined) {
    if (onlyKnown) return null;
    found = conclude(state, wires, statements, shared);
    memory.set(key, found);
  }
  if (found === null) return null;
  const region = state.regions.push({ wires, rows: statements.map(({ row }) => row) }) - 1;
  // Loose ones first: what is unique is looked at again with them gone.
  for (const at of found.loose) {
    state.setLoose(wires[at]!, region, BY_CASES);
    state.varying.add(wires[at]!);
  }
  for (const at of found.unique) state.setUnique(wires[at]!, BY_CASES, region);
  return wires[wires.length - 1]!;
}

interface Window {
  readonly wires: readonly number[];
  readonly statements: readonly Statement[];
  /** Wires that rows outside the window have as well. */
  readonly shared: ReadonlySet<number>;
}

function windowOf(state: AuditState, shapes: Shapes, seed: number): Window | null {
  const { a, b, c } = state.r1cs;
  const inside = (wire: number): boolean => wire >= seed && wire < seed + windowWires;
  const isOpen = (wire: number): boolean => state.status[wire] !== UNIQUE;
  const wires = new Set([seed]);
  const rows = new Set<number>();
  for (const wire of wires) {
    for (const row of state.rowsOf(wire)) {
      if (rows.has(row)) continue;
      const open: number[] = [];
      for (const { starts, wires: of } of [a, b, c])
        for (let i = starts[row]!; i < starts[row + 1]!; i++) if (isOpen(of[i]!)) open.push(of[i]!);
      if (!open.every(inside)) continue;
      rows.add(row);
      if (rows.size > mostRows) return null;
      for (const other of open) wires.add(other);
    }
  }
  const sides = (row: number) => [a, b, c].map((side) => plusSide(state, new Map(), side, row, 1n, 'wires')) as [Form, Form, Form];
  const statements = [...rows]
    .sort((x, y) => x - y)
    .map(
      (row): Statement =>
        shapes.kind[row] === PRODUCT
          ? { row, product: sides(row), sum: null, gap: 0n }
          : { row, product: null, sum: relation(state, shapes, row, 'wires'), gap: BigInt(shapes.gaps[row]!) },
    );
  const shared = new Set([...wires].filter((wire) => state.rowsOf(wire).some((row) => !rows.has(row) && state.settled[row] === 0)));
  return { wires: [...wires].sort((x, y) => x - y), statements, shared };
}

/** The same for windows that differ in nothing but their wires' numbers. */
function keyOf(state: AuditState, wires: readonly number[], statements: readonly Statement[], shared: ReadonlySet<number>): string {
  const { lows, highs, twoValued, status, r1cs } = state;
  const ranges = wires.map(
    (wire) => `${lows[wire]}:${highs[wire]}${twoValued[wire]}${status[wire]}${wire <= r1cs.publicCount || shared.has(wire)}`,
  );
  const names = new Map<number, string>([[0, '1']]);
  for (const [i, wire] of wires.entries()) names.set(wire, `w${i}`);
  const name = (wire: number): string => {
    // With its interval, which conditions rest on, where it is first met.
    const known = names.get(wire) ?? `u${names.size}`;
    if (!names.has(wire)) ranges.push(`${lows[wire]}:${highs[wire]}`);
    names.set(wire, known);
    return known;
  };
  const text = (form: Form): string => [...form].map(([wire, k]) => `${k}${name(wire)}`).join('+');
  const rows = statements.map(({ product, sum, gap }) => (product === null ? `${text(sum!)}<${gap}` : product.map(text).join('*')));
  return [...rows, ...ranges].join('|');
}

function conclude(state: AuditState, wires: readonly number[], statements: readonly Statement[], shared: ReadonlySet<number>) {
  const narrow = wires.filter((wire) => state.isRanged(wire) && state.highs[wire]! - state.lows[wire]! < mostCases);
  let split: number[] = [];
  let count = 1;
  for (const wire of narrow) {
    count *= state.highs[wire]! - state.lows[wire]! + 1;
    if (count > mostCases) return null;
    split = [...split, wire];
    const found = casesOf(state, wires, statements, split);
    const result = found === null ? null : judge(state, wires, statements, split, found, shared);
    if (result !== null) return result;
  }
  return null;
}

function casesOf(state: AuditState, wires: readonly number[], statements: readonly Statement[], split: readonly number[]): Case[] {
  const found: Case[] = [];
  const assign = (at: number, values: Map<number, Form>): void => {
    if (at === split.length) {
      try {
        found.push(evaluate(state, wires, statements, new Map(values)));
      } catch (error) {
        if (!(error instanceof Contradiction)) throw error;
      }
      return;
    }
    const wire = split[at]!;
    const step = state.twoValued[wire] === 1 ? state.highs[wire]! - state.lows[wire]! : 1;
    for (let value = state.lows[wire]!; value <= state.highs[wire]!; value += step) {
      values.set(wire, value === 0 ? new Map() : new Map([[0, BigInt(value)]]));
      assign(at + 1, values);
    }
    values.delete(wire);
  };
  assign(0, new Map());
  return found;
}

/** No two cases together, or the same but for bits: those that nothing outside the window reads are loose, others stay open. */
function judge(
  state: AuditState,
  wires: readonly number[],
  statements: readonly Statement[],
  split: readonly number[],
  found: readonly Case[],
  shared: ReadonlySet<number>,
) {
  if (found.length === 0) return null;
  const loose = new Set<number>();
  const varying = new Set<number>();
  for (let i = 0; i < found.length; i++) {
    for (let j = 0; j < i; j++) {
      if (areApart(found[i]!, found[j]!)) continue;
      for (const wire of wires) {
        const [x, y] = [found[i]!.values.get(wire), found[j]!.values.get(wire)];
        if (x === undefined || y === undefined || isSame(x, y)) continue;
        if (!split.includes(wire) || state.twoValued[wire] === 0 || wire <= state.r1cs.publicCount) return null;
        (shared.has(wire) ? varying : loose).add(wire);
      }
    }
  }
  const known = wires.filter(
    (wire) => state.status[wire] === OPEN && !loose.has(wire) && !varying.has(wire) && found.every(({ values }) => values.has(wire)),
  );
  if (known.length === 0) return null;
  // A row with a wire that stays open may force it by the bit: then the bit is not loose.
  const decided = new Set([...known, ...loose]);
  let before: number;
  do {
    before = loose.size;
    for (const statement of statements) {
      const members = membersOf(statement, wires);
      if (members.every((wire) => state.status[wire] !== OPEN || decided.has(wire))) continue;
      for (const wire of members) if (loose.delete(wire)) decided.delete(wire);
    }
  } while (loose.size < before);
  const places = (list: Iterable<number>): number[] => [...list].map((wire) => wires.indexOf(wire));
  return { unique: places(known), loose: places([...loose].filter((wire) => state.status[wire] === OPEN)) };
}

/** Wires of the window that the statement has. */
function membersOf({ product, sum }: Statement, wires: readonly number[]): number[] {
  const forms = product ?? [sum!];
  return wires.filter((wire) => forms.some((form) => form.has(wire)));
}

function isSame(x: Form, y: Form): boolean {
  if (x.size !== y.size) return false;
  for (const [atom, k] of x) if (y.get(atom) !== k) return false;
  return true;
}

function areApart(x: Case, y: Case): boolean {
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
function evaluate(state: AuditState, wires: readonly number[], statements: readonly Statement[], values: Map<number, Form>): Case {
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
