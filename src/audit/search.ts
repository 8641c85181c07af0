/**
 * All witnesses of a small circuit, with some wires fixed: a complete search over the whole field, not a sample of attacks. What it does not decide it says.
 *
 * Rows with one unknown wire are quadratic equations in it: solved over the field. Rows that put a linear expression into a set of one or two values (linear rows, E·(E − 1) = 0)
 * are pruned by intervals: with every unknown wire in a known interval, the expression must be able to reach a member of the set modulo r. Values that cannot be reached are
 * dropped, the rest is branched on; so is a product that is 0, by its factors. Intervals and domains come from the rows alone, never from hints.
 */
import { centred, mod, scalarOrder } from '../field/bn254.ts';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';
import { inverseOf, quadraticRoots } from './quadratic.ts';

const r = scalarOrder;

export interface Found {
  /** Value of each wire in [0, r); null where no row cares: any value does. */
  readonly values: readonly (bigint | null)[];
}

export interface SearchResult {
  readonly found: readonly Found[];
  /** False if the limit was met, or the budget spent. */
  readonly complete: boolean;
  /** Rows that the search could not decide; empty if its answer is final. */
  readonly undecidedRows: readonly number[];
}

interface Term {
  readonly wire: number;
  readonly k: bigint;
}
interface Row {
  readonly a: readonly Term[];
  readonly b: readonly Term[];
  readonly c: readonly Term[];
  readonly wires: readonly number[];
}
export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}
/** Σ k·wire over unknown wires lies in `targets` (mod r). */
interface Membership {
  readonly terms: readonly Term[];
  readonly targets: readonly bigint[];
}

class Conflict extends Error {}
/** The budget is spent. */
class Spent extends Error {}

/** Looks at rows that a square root costs as much as. */
const rootCost = 50;

function readRows({ a, b, c, pool, rowCount }: R1cs): Row[] {
  const side = (matrix: SparseMatrix, row: number): Term[] =>
    Array.from(matrix.wires.subarray(matrix.starts[row], matrix.starts[row + 1]), (wire, i) => ({
      wire,
      k: centred(pool.field[matrix.coefficients[matrix.starts[row] + i]], r),
      // Heaviest first: a digit's bits are then decided from the top in one pass.
    })).sort((x, y) => Number(size(y.k) > size(x.k)) - Number(size(x.k) > size(y.k)));
  return Array.from({ length: rowCount }, (_, row) => {
    const sides = { a: side(a, row), b: side(b, row), c: side(c, row) };
    return { ...sides, wires: [...new Set([...sides.a, ...sides.b, ...sides.c].map(({ wire }) => wire))] };
  });
}

/** Whether some integer in [low, high] is congruent to target. */
function reaches({ low, high }: Interval, target: bigint): boolean {
  return high - low >= r || low + mod(target - low, r) <= high;
}

/** f with right = f·left, term by term; null if there is none. */
function ratio(left: readonly Term[], right: readonly Term[]): bigint | null {
  if (left.length !== right.length) return null;
  const kOf = new Map(right.map(({ wire, k }) => [wire, k]));
  const [unit, first] = [left[0].k, kOf.get(left[0].wire)];
  if (first === undefined) return null;
  for (const { wire, k } of left) {
    const other = kOf.get(wire);
    if (other === undefined || mod(first * k - unit * other, r) !== 0n) return null;
  }
  return mod(first * inverseOf(unit), r);
}

function size(k: bigint): bigint {
  return k < 0n ? -k : k;
}

function scaled(k: bigint, { low, high }: Interval): Interval {
  return k >= 0n ? { low: k * low, high: k * high } : { low: k * high, high: k * low };
}

/** Widest interval worth enumerating when nothing better is left. */
const enumerable = 1n << 16n;

class Search {
  readonly rows: Row[];
  readonly rowsOf: readonly number[][];
  readonly values: (bigint | undefined)[];
  /** Two possible values. */
  readonly domains: (readonly bigint[] | undefined)[];
  readonly intervals: (Interval | undefined)[];
  readonly undo: (() => void)[] = [];
  /** Products that are 0, on one factor of which the search has branched. */
  readonly branched = new Set<number>();
  found: Found[] = [];
  readonly undecided = new Set<number>();
  limit = 1;
  budget: Budget = { looks: Number.POSITIVE_INFINITY };
  queue: Set<number>;

  constructor(r1cs: R1cs) {
    this.rows = readRows(r1cs);
    const rowsOf: number[][] = Array.from({ length: r1cs.wireCount }, () => []);
    this.rows.forEach(({ wires }, row) => {
      for (const wire of wires) rowsOf[wire].push(row);
    });
    this.rowsOf = rowsOf;
    this.values = new Array(r1cs.wireCount).fill(undefined);
    this.domains = new Array(r1cs.wireCount).fill(undefined);
    this.intervals = new Array(r1cs.wireCount).fill(undefined);
    this.queue = new Set(this.rows.keys());
  }

  assign(wire: number, value: bigint): void {
    const known = this.values[wire];
    if (known !== undefined) {
      if (known !== value) throw new Conflict();
      return;
    }
    const [domain, interval] = [this.domains[wire], this.intervals[wire]];
    if (domain !== undefined && !domain.includes(value)) throw new Conflict();
    if (interval !== undefined && !reaches(interval, value)) throw new Conflict();
    this.values[wire] = value;
    this.undo.push(() => {
      this.values[wire] = undefined;
    });
    for (const row of this.rowsOf[wire]) this.queue.add(row);
  }

  restrict(wire: number, roots: readonly bigint[]): void {
    const [domain, interval] = [this.domains[wire], this.intervals[wire]];
    const left = roots.filter((root) => (domain?.includes(root) ?? true) && (interval === undefined || reaches(interval, root)));
    if (left.length === 0) throw new Conflict();
    if (left.length === 1) this.assign(wire, left[0]);
    else if (domain === undefined) {
      this.domains[wire] = left;
      this.undo.push(() => {
        this.domains[wire] = undefined;
      });
      const near = left.map((value) => centred(value, r)).sort((x, y) => (x < y ? -1 : 1));
      this.bound(wire, { low: near[0], high: near[near.length - 1] });
    }
  }

  bound(wire: number, interval: Interval): void {
    const old = this.intervals[wire];
    if (old !== undefined && old.high - old.low <= interval.high - interval.low) return;
    this.intervals[wire] = interval;
    this.undo.push(() => {
      this.intervals[wire] = old;
    });
    for (const row of this.rowsOf[wire]) this.queue.add(row);
  }

  propagate(): void {
    for (const row of this.queue) {
      this.queue.delete(row);
      this.visit(row);
    }
  }

  /** Known part and unknown terms of one side. */
  split(terms: readonly Term[]): [bigint, Term[]] {
    let known = 0n;
    const unknown: Term[] = [];
    for (const term of terms) {
      const value = this.values[term.wire];
      if (value === undefined) unknown.push(term);
      else known += term.k * value;
    }
    return [mod(known, r), unknown];
  }

  /** The row as a membership, or null if it says nothing yet. */
  membership(row: number): Membership | null | 'satisfied' {
    if (--this.budget.looks < 0) throw new Spent();
    const { a, b, c } = this.rows[row];
    const [[a0, au], [b0, bu], [c0, cu]] = [this.split(a), this.split(b), this.split(c)];
    const linear =
      au.length === 0 ? [[a0, bu] as const, [-1n, cu] as const] : bu.length === 0 ? [[b0, au] as const, [-1n, cu] as const] : null;
    if (linear !== null) {
      const sums = new Map<number, bigint>();
      for (const [factor, terms] of linear) for (const { wire, k } of terms) sums.set(wire, mod((sums.get(wire) ?? 0n) + factor * k, r));
      const terms = [...sums].filter(([, k]) => k !== 0n).map(([wire, k]) => ({ wire, k: centred(k, r) }));
      const constant = mod(a0 * b0 - c0, r);
      if (terms.length === 0) {
        if (constant !== 0n) throw new Conflict();
        return 'satisfied';
      }
      return { terms, targets: [mod(-constant, r)] };
    }
    // (Σ + a0)·(f·Σ + b0) = g·Σ + c0, one unknown wire included.
    const f = ratio(au, bu);
    const g = cu.length === 0 ? 0n : ratio(au, cu);
    if (f === null || g === null) return null;
    if (g !== 0n || c0 !== 0n) this.budget.looks -= rootCost;
    const targets = g === 0n && c0 === 0n ? [mod(-a0, r), mod(-b0 * inverseOf(f), r)] : quadraticRoots(f, b0 + f * a0 - g, a0 * b0 - c0)!;
    if (targets.length === 0) throw new Conflict();
    return { terms: au, targets: [...new Set(targets)] };
  }

  visit(row: number): void {
    const member = this.membership(row);
    if (member === null || member === 'satisfied') return;
    const { terms, targets } = member;
    if (terms.length === 1) {
      const inverse = inverseOf(terms[0].k);
      this.restrict(
        terms[0].wire,
        targets.map((target) => mod(target * inverse, r)),
      );
      return;
    }
    const unbounded = terms.filter(({ wire }) => this.intervals[wire] === undefined);
    if (unbounded.length > 1) return;
    let [low, high] = [0n, 0n];
    for (const { wire, k } of terms) {
      const interval = this.intervals[wire];
      if (interval === undefined) continue;
      const part = scaled(k, interval);
      low += part.low;
      high += part.high;
    }
    if (unbounded.length === 1) {
      // ±wire = target − (the others): the hull over the targets, where it is no more than half the field.
      const { wire, k } = unbounded[0];
      if (k !== 1n && k !== -1n) return;
      const near = targets.map((target) => centred(target, r)).sort((x, y) => (x < y ? -1 : 1));
      const hull = scaled(k, { low: near[0] - high, high: near[near.length - 1] - low });
      if (hull.high - hull.low < r >> 1n) this.bound(wire, hull);
      return;
    }
    if (!targets.some((target) => reaches({ low, high }, target))) throw new Conflict();
    for (const { wire, k } of terms) {
      const domain = this.domains[wire];
      if (domain === undefined || this.values[wire] !== undefined) continue;
      const part = scaled(k, this.intervals[wire]!);
      const left = domain.filter((value) => {
        const at = k * centred(value, r);
        return targets.some((target) => reaches({ low: low - part.low + at, high: high - part.high + at }, target));
      });
      if (left.length === 0) throw new Conflict();
      if (left.length === 1) {
        this.assign(wire, left[0]);
        low += k * centred(left[0], r) - part.low;
        high += k * centred(left[0], r) - part.high;
      }
    }
  }

  /** A row ⟨A⟩·⟨B⟩ = 0 of wires of which nothing is known, one of whose factors is a single one. */
  chooseProduct(): number | null {
    for (const [row, { a, b, c }] of this.rows.entries()) {
      if (this.branched.has(row)) continue;
      const [[, au], [, bu], [c0, cu]] = [this.split(a), this.split(b), this.split(c)];
      if (au.length === 0 || bu.length === 0 || cu.length > 0 || c0 !== 0n) continue;
      const wide = [...au, ...bu].every(({ wire }) => this.domains[wire] === undefined && this.intervals[wire] === undefined);
      if (wide && (au.length === 1 || bu.length === 1)) return row;
    }
    return null;
  }

  /** Adds the row ⟨terms⟩·1 = 0 in place of the product that they are a factor of, which is not branched on again. */
  addZero(product: number, terms: readonly Term[]): void {
    this.branched.add(product);
    this.undo.push(() => this.branched.delete(product));
    const row = this.rows.length;
    const wires = terms.map(({ wire }) => wire);
    this.rows.push({ a: terms, b: [{ wire: 0, k: 1n }], c: [], wires });
    for (const wire of wires) this.rowsOf[wire].push(row);
    this.undo.push(() => {
      this.rows.pop();
      for (const wire of wires) this.rowsOf[wire].pop();
    });
    this.queue.add(row);
  }

  /** Wire to branch on: the heaviest of the shortest membership of two-valued wires alone, else any two-valued, else one of a narrow interval. */
  choose(): { readonly product: number } | { wire: number; options: readonly bigint[] } | null {
    let best: { wire: number; length: number } | null = null;
    for (let row = 0; row < this.rows.length; row++) {
      const member = this.membership(row);
      // A row of one unknown is its domain already: branching there would start with light bits.
      if (member === null || member === 'satisfied' || member.terms.length === 1) continue;
      // With a wide wire in it, nothing would be decided by its bits.
      if (member.terms.some(({ wire }) => this.domains[wire] === undefined)) continue;
      if (best !== null && member.terms.length >= best.length) continue;
      best = { wire: member.terms.reduce((most, term) => (size(term.k) > size(most.k) ? term : most)).wire, length: member.terms.length };
    }
    if (best !== null) return { wire: best.wire, options: this.domains[best.wire]! };
    const product = this.chooseProduct();
    if (product !== null) return { product };
    const unknown = [...this.values.keys()].filter((wire) => this.values[wire] === undefined);
    const two = unknown.find((wire) => this.domains[wire] !== undefined);
    if (two !== undefined) return { wire: two, options: this.domains[two]! };
    const narrow = unknown.find((wire) => {
      const interval = this.intervals[wire];
      return interval !== undefined && interval.high - interval.low < enumerable;
    });
    if (narrow === undefined) return null;
    const { low, high } = this.intervals[narrow]!;
    return { wire: narrow, options: Array.from({ length: Number(high - low) + 1 }, (_, i) => mod(low + BigInt(i), r)) };
  }

  /** False if the limit stops it. */
  run(): boolean {
    const mark = this.undo.length;
    try {
      this.propagate();
      const branch = this.choose();
      if (branch === null) {
        this.leaf();
        return this.found.length < this.limit;
      }
      const options =
        'product' in branch
          ? [this.rows[branch.product].a, this.rows[branch.product].b].map((factor) => () => this.addZero(branch.product, factor))
          : branch.options.map((value) => () => this.assign(branch.wire, value));
      for (const take of options) {
        const before = this.undo.length;
        try {
          take();
          if (!this.run()) return false;
        } catch (error) {
          if (!(error instanceof Conflict)) throw error;
        } finally {
          this.rollBack(before);
        }
      }
      return true;
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      return true;
    } finally {
      this.rollBack(mark);
    }
  }

  leaf(): void {
    const open = [...this.rows.keys()].filter((row) => this.membership(row) !== 'satisfied');
    for (const row of open) this.undecided.add(row);
    if (open.length === 0) this.found.push({ values: this.values.map((value) => value ?? null) });
  }

  rollBack(mark: number): void {
    while (this.undo.length > mark) this.undo.pop()!();
    this.queue = new Set();
  }
}

/** How many looks at a row are left: about a million a second. */
export interface Budget {
  looks: number;
}

/** A circuit with some wires given, of which questions are asked. */
export interface Session {
  /** All witnesses, up to a limit; with one more wire set, if given. */
  witnesses(limit: number, set?: { readonly wire: number; readonly value: bigint }): SearchResult;
  /** What the rows alone leave of one wire's values: a list, an interval, or null where they say nothing. */
  domain(wire: number): readonly bigint[] | Interval | null;
}

/**
 * @param fixed values of the wires that are given; wire 0 need not be among them.
 * @param budget what the session, and others with the same budget, may spend. What a session has found when it is spent is right, and not complete.
 */
export function openSearch(r1cs: R1cs, fixed: ReadonlyMap<number, bigint>, budget: Budget = { looks: Number.POSITIVE_INFINITY }): Session {
  const search = new Search(r1cs);
  search.budget = budget;
  let contradiction = false;
  let spent = false;
  try {
    search.assign(0, 1n);
    for (const [wire, value] of fixed) search.assign(wire, mod(value, r));
    search.propagate();
  } catch (error) {
    if (error instanceof Conflict) contradiction = true;
    else if (error instanceof Spent) spent = true;
    else throw error;
  }
  return {
    witnesses(limit, set) {
      if (contradiction || spent) return { found: [], complete: contradiction, undecidedRows: [] };
      search.found = [];
      search.undecided.clear();
      search.limit = limit;
      const mark = search.undo.length;
      try {
        if (set !== undefined) search.assign(set.wire, mod(set.value, r));
        const complete = search.run();
        return { found: search.found, complete, undecidedRows: [...search.undecided].sort((x, y) => x - y) };
      } catch (error) {
        if (error instanceof Conflict) return { found: [], complete: true, undecidedRows: [] };
        if (error instanceof Spent) return { found: search.found, complete: false, undecidedRows: [] };
        throw error;
      } finally {
        search.rollBack(mark);
      }
    },
    domain(wire) {
      if (contradiction) return [];
      const value = search.values[wire];
      return value !== undefined ? [value] : (search.domains[wire] ?? search.intervals[wire] ?? null);
    },
  };
}
