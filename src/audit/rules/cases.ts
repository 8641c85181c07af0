/**
 * Cases: a few wires with few values each (bits of an exponent, a sign, an index) are tried with all of them. In each case the rows around become linear: wires turn into expressions of what is unique, and
 * what is left to be ranged into conditions `expression ∈ [low, high]`, `expression ≠ 0`. If no two cases can hold for the same inputs, each wire that every case gives a value is unique. Two cases that can
 * hold together, and give all wires but some of the bits tried the same expressions, are two patterns of one number: those bits are loose.
 *
 * Looks at a window of wires behind the first; rows that reach beyond it are left out, which can only leave more open. Cost: cases × rows of the window, once for each shape of window.
 */
import { areApart, type Case, Contradiction, evaluate, type Statement } from '../case.ts';
import { type Form, plusSide, relation } from '../form.ts';
import { PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, BY_CASES, OPEN, UNIQUE } from '../state.ts';

const windowWires = 256;
const mostRows = 600;
const mostCases = 600;

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
