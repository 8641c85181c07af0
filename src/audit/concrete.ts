/**
 * A witness from inputs alone, in the order in which the audit settled the wires, without any hint: rows are solved, numbers split into digits, zeros tested. Wires that are open stay without value.
 */
import { centred, invert, mod, scalarOrder } from '../field/bn254.ts';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';
import { emptyValues, getWire, setWire, type WireValues } from '../witness/row.ts';
import { eliminate } from './elimination.ts';
import { type Form, plusForm, plusTerm, relation } from './form.ts';
import { partOf } from './part.ts';
import { quadraticRoots } from './quadratic.ts';
import { powersOf } from './rules/comparison.ts';
import { openSearch } from './search.ts';
import { PAIR, type Shapes } from './shape.ts';
import {
  type AuditState,
  BY_CASES,
  BY_CHOICE,
  BY_COMPARISON,
  BY_INPUT,
  BY_INTERVAL,
  BY_LINEAR,
  BY_RADIX,
  BY_SELECTION,
  BY_SOLVE,
  BY_ZERO,
} from './state.ts';

const r = scalarOrder;

/**
 * @param give the value of a wire that was given and is no input (forward.ts).
 * @returns null where these inputs have no witness (out of range) as far as the settled rows tell.
 */
export function concreteWitness(
  state: AuditState,
  shapes: Shapes,
  inputs: ReadonlyMap<number, bigint>,
  give?: (values: WireValues, wire: number) => bigint,
): WireValues | null {
  const values = emptyValues(state.r1cs.wireCount);
  for (const [wire, value] of inputs) setWire(values, wire, value);
  const { wires, rows, rules, count } = state.order;
  for (let i = 0; i < count; i++) {
    const [wire, row] = [wires[i]!, rows[i]!];
    if (hasValue(values, wire)) continue;
    if (rules[i] === BY_INPUT && give !== undefined) {
      setWire(values, wire, give(values, wire));
      continue;
    }
    const done = settle(state, shapes, values, wire, row, rules[i]!);
    if (!done) return null;
  }
  return values;
}

export function hasValue({ small, wide }: WireValues, wire: number): boolean {
  return !Number.isNaN(small[wire]!) || wide.has(wire);
}

function settle(state: AuditState, shapes: Shapes, values: WireValues, wire: number, row: number, rule: number): boolean {
  switch (rule) {
    case BY_SOLVE:
      return solveFor(state, values, wire, row);
    case BY_RADIX:
      return splitRow(state, shapes, values, row);
    case BY_ZERO:
      return solveZero(state, values, wire, row);
    case BY_CHOICE:
      return choose(state, shapes, values, wire, row);
    case BY_INTERVAL:
      setWire(values, wire, BigInt(state.lows[wire]!));
      return true;
    case BY_CASES:
    case BY_SELECTION:
      return searchRegion(state, values, row);
    case BY_COMPARISON:
      return splitNumber(state, values, row);
    case BY_LINEAR:
      return solveRegion(state, values, row);
    default:
      return false;
  }
}

/** Looks at rows that a region of some hundred wires takes many times over. */
const regionLooks = 400_000;

function searchRegion({ r1cs, regions }: AuditState, values: WireValues, index: number): boolean {
  const { wires, rows } = regions[index]!;
  const open = wires.filter((wire) => !hasValue(values, wire));
  const { part, fixed } = partOf(r1cs, { wires: open, rows }, values);
  const [first] = openSearch(part, fixed, { looks: regionLooks }).witnesses(1).found;
  if (first === undefined) return false;
  open.forEach((wire, i) => {
    setWire(values, wire, first.values[i + 1] ?? 0n);
  });
  return true;
}

/** Multiplications of a region's elimination. */
const regionWork = 4_000_000;

/** Linear equations: those wires of the region get a value that have one. */
function solveRegion({ r1cs, regions }: AuditState, values: WireValues, index: number): boolean {
  const forms = regions[index]!.rows.map((row) => linearForm(r1cs, values, row)!);
  const pivots = eliminate(forms, regionWork);
  if (pivots === null) return false;
  for (const [wire, at] of pivots) {
    const form = forms[at]!;
    if (form.size - (form.has(0) ? 1 : 0) === 1) setWire(values, wire, mod(-(form.get(0) ?? 0n), r));
  }
  return true;
}

/** A·B − C with what is known added up as the constant (atom 0), where A or B has no wire without a value; null elsewhere. */
function linearForm(r1cs: R1cs, values: WireValues, row: number): Form | null {
  const [x, y, z] = [r1cs.a, r1cs.b, r1cs.c].map((side) => valued(r1cs, values, side, row)) as [Form, Form, Form];
  const openX = x.size > (x.has(0) ? 1 : 0);
  if (openX && y.size > (y.has(0) ? 1 : 0)) return null;
  const form = plusForm(new Map(), openX ? x : y, (openX ? y : x).get(0) ?? 0n);
  return plusForm(form, z, -1n);
}

/** A side with what is known added up. */
function valued(r1cs: R1cs, values: WireValues, { starts, wires, coefficients }: SparseMatrix, row: number): Form {
  const form: Form = new Map();
  for (let i = starts[row]!; i < starts[row + 1]!; i++) {
    const [wire, k] = [wires[i]!, r1cs.pool.field[coefficients[i]!]!];
    if (hasValue(values, wire)) plusTerm(form, 0, k * getWire(values, wire));
    else plusTerm(form, wire, k);
  }
  return form;
}

interface Side {
  /** Coefficient of the wire, and what the others come to; null where one of them has no value. */
  readonly k: bigint;
  readonly rest: bigint;
}

function sideOf(
  state: AuditState,
  values: WireValues,
  { starts, wires, coefficients }: SparseMatrix,
  row: number,
  wire: number,
): Side | null {
  const { field } = state.r1cs.pool;
  let [k, rest] = [0n, 0n];
  for (let i = starts[row]!; i < starts[row + 1]!; i++) {
    if (wires[i] === wire) k += field[coefficients[i]!]!;
    else if (!hasValue(values, wires[i]!)) return null;
    else rest += field[coefficients[i]!]! * getWire(values, wires[i]!);
  }
  return { k: mod(k, r), rest: mod(rest, r) };
}

/** Values of a wire that a row of it leaves, in ascending order, all others of the row being known; null where no row is that far. */
export function rootsOf(state: AuditState, values: WireValues, wire: number): bigint[] | null {
  const { a, b, c } = state.r1cs;
  for (const row of state.rowsOf(wire)) {
    const [x, y, z] = [a, b, c].map((side) => sideOf(state, values, side, row, wire));
    if (!x || !y || !z) continue;
    const roots = quadraticRoots(x.k * y.k, x.k * y.rest + y.k * x.rest - z.k, x.rest * y.rest - z.rest);
    if (roots !== null) return roots.sort((p, q) => (p < q ? -1 : 1));
  }
  return null;
}

/** (k_a·w + a)(k_b·w + b) = k_c·w + c with one of k_a, k_b zero. */
function solveFor(state: AuditState, values: WireValues, wire: number, row: number): boolean {
  const { a, b, c } = state.r1cs;
  const [x, y, z] = [a, b, c].map((side) => sideOf(state, values, side, row, wire));
  if (!x || !y || !z || (x.k !== 0n && y.k !== 0n)) return false;
  const factor = mod(x.k * y.rest + y.k * x.rest - z.k, r);
  if (factor === 0n) return false;
  setWire(values, wire, mod((z.rest - x.rest * y.rest) * invert(factor, r), r));
  return true;
}

/** The open wires of a relation as digits, the heaviest first. */
function splitRow(state: AuditState, shapes: Shapes, values: WireValues, row: number): boolean {
  let known = 0n;
  const digits: { wire: number; k: bigint; low: bigint; span: bigint }[] = [];
  const gap = shapes.kind[row] === PAIR ? BigInt(shapes.gaps[row]!) : 0n;
  for (const [atom, k] of relation(state, shapes, row, 'wires')) {
    if (hasValue(values, atom)) known += k * getWire(values, atom);
    else if (!state.isRanged(atom)) return false;
    else digits.push({ wire: atom, k, low: BigInt(state.lows[atom]!), span: BigInt(state.highs[atom]! - state.lows[atom]!) });
  }
  // known + Σ k·d = gap·e: each term as size·t, t ∈ [0, span].
  let target = -known;
  for (const { k, low, span } of digits) target -= k > 0n ? k * low : k * (low + span);
  if (gap !== 0n) digits.push({ wire: -1, k: -gap, low: 0n, span: 1n });
  if (gap !== 0n) target += gap;
  const size = (k: bigint): bigint => (k < 0n ? -k : k);
  digits.sort((x, y) => (size(x.k) < size(y.k) ? 1 : size(x.k) > size(y.k) ? -1 : 0));
  const total = digits.reduce((sum, { k, span }) => sum + size(k) * span, 0n);
  target = mod(target, r);
  if (target > total) return false;
  let below = total;
  for (const { wire, k, low, span } of digits) {
    below -= size(k) * span;
    let t = target / size(k);
    if (t > span) t = span;
    target -= t * size(k);
    if (target < 0n || target > below) return false;
    if (wire >= 0) setWire(values, wire, k > 0n ? low + t : low + span - t);
  }
  return target === 0n;
}

/** The open wires of a linear row as the bits of the one number below r. */
function splitNumber({ r1cs }: AuditState, values: WireValues, row: number): boolean {
  const form = linearForm(r1cs, values, row);
  if (form === null) return false;
  const constant = form.get(0) ?? 0n;
  form.delete(0);
  const powers = powersOf(form);
  if (powers === null) return false;
  let rest = mod(-constant * powers.scale, r);
  for (const [wire, exponent] of powers.exponents) {
    const bit = (rest >> BigInt(exponent)) & 1n;
    rest -= bit << BigInt(exponent);
    setWire(values, wire, bit);
  }
  return rest === 0n;
}

/** z of x·i = C(z), x·Z(z) = 0: from the one row if x is 0, from the other if not; or i. */
function solveZero(state: AuditState, values: WireValues, wire: number, row: number): boolean {
  if (solveFor(state, values, wire, row)) return true;
  const { a, b, c } = state.r1cs;
  for (const other of state.rowsOf(wire)) {
    const [x, y, z] = [a, b, c].map((side) => sideOf(state, values, side, other, wire));
    if (z && z.k !== 0n && ((x && x.k === 0n && x.rest === 0n) || (y && y.k === 0n && y.rest === 0n))) {
      setWire(values, wire, mod(-z.rest * invert(z.k, r), r));
      return true;
    }
    // The inverse of zero: any value.
    if (x && y && z && z.rest === 0n && x.rest === 0n && y.rest === 0n && z.k === 0n) {
      setWire(values, wire, 0n);
      return true;
    }
  }
  return false;
}

/** The one of two values with which m's relations can hold. */
function choose(state: AuditState, shapes: Shapes, values: WireValues, wire: number, row: number): boolean {
  const { a, b } = state.r1cs;
  for (const side of [a, b]) {
    const found = sideOf(state, values, side, row, wire);
    if (found === null || found.k === 0n) continue;
    const value = mod(-found.rest * invert(found.k, r), r);
    setWire(values, wire, value);
    if ([...state.rowsOf(wire)].every((other) => fits(state, shapes, values, other))) return true;
  }
  return false;
}

/** Whether a relation's ranged wires can make up for its values. */
function fits(state: AuditState, shapes: Shapes, values: WireValues, row: number): boolean {
  if (shapes.kind[row] === 0) return true;
  let [known, low, high] = [0n, 0n, 0n];
  for (const [atom, k] of relation(state, shapes, row, 'wires')) {
    if (hasValue(values, atom)) known += k * getWire(values, atom);
    else if (!state.isRanged(atom)) return true;
    else {
      const [x, y] = [k * BigInt(state.lows[atom]!), k * BigInt(state.highs[atom]!)];
      low += x < y ? x : y;
      high += x < y ? y : x;
    }
  }
  // known + digits ∈ [0, gap].
  const value = centred(known, r);
  return value + low <= BigInt(shapes.gaps[row]!) && value + high >= 0n;
}
