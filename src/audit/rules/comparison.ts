/**
 * Comparison: the bits of a number N = Σ 2^i·b_i that may reach r are unique where another relation of theirs holds for no N ≥ r: then N is the one of its residue's numbers that is below r. Circomlib's AliasCheck
 * (CompConstant): a sum of functions of a few bits each, Σ f_j(b) = Σ 2^t·o_t with bits o_t, of which one power 2^(K−1) is missing: Σ f_j mod 2^K lies in [0, 2^(K−1)).
 * N ≥ r means: N has r's bits down to some 0 of r, where it has a 1; or all of them. For each of these prefixes the sum is bounded, whatever the bits below are.
 * O(n·m) for n bits in m functions.
 */
import { centred, invert, mod, scalarOrder } from '../../field/bn254.ts';
import { type Form, openAtoms, plusForm, plusTerm, relation } from '../form.ts';
import { LINEAR, PAIR, PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, BY_COMPARISON, OPEN } from '../state.ts';

const r = scalarOrder;
const numberBits = 254;
/** Fewer are no number of r's size. */
const fewestBits = 32;
/** Bits of one function. */
const mostArguments = 4;
const exponentOf = new Map(Array.from({ length: numberBits }, (_, i) => [1n << BigInt(i), i] as const));

/** f of some bits of the number: its value for each combination, the first bit the lowest of the combination. */
interface Summand {
  readonly exponents: readonly number[];
  readonly values: readonly bigint[];
}

/** @param row a linear relation that its digits' total does not settle. @returns whether its bits were found to be unique. */
export function comparison(state: AuditState, shapes: Shapes, row: number): boolean {
  if (shapes.kind[row] !== LINEAR) return false;
  const bits = numberOf(state, shapes, row);
  if (bits === null) return false;
  const tried = new Set<number>([row]);
  for (const bit of bits.keys()) {
    for (const near of state.rowsOf(bit)) {
      for (const wire of definedBy(state, near)) {
        for (const far of wire === bit ? [near] : state.rowsOf(wire)) {
          if (tried.has(far) || (shapes.kind[far] !== LINEAR && shapes.kind[far] !== PAIR)) continue;
          tried.add(far);
          if (!excludesOverflow(state, shapes, far, bits)) continue;
          for (const member of bits.keys()) state.setUnique(member, BY_COMPARISON, row);
          return true;
        }
      }
    }
    // The first bits' neighbours are enough: a comparison has all of them.
    if (tried.size > 16) return false;
  }
  return false;
}

/** Exponent by bit, if the relation's open wires are bits with different powers of two, up to a common factor. */
function numberOf(state: AuditState, shapes: Shapes, row: number): ReadonlyMap<number, number> | null {
  const form = relation(state, shapes, row, 'open');
  const open = openAtoms(state, form);
  if (open.length < fewestBits || open.length > numberBits || !open.every((wire) => isOpenBit(state, wire))) return null;
  return powersOf(new Map(open.map((wire) => [wire, form.get(wire)!])))?.exponents ?? null;
}

/** The coefficients of a form without constant as different powers of two times 1/scale, or null. */
export function powersOf(form: Form): { readonly exponents: ReadonlyMap<number, number>; readonly scale: bigint } | null {
  // The unit is the smallest in size: 1 or −1, unless the row was scaled.
  const unit = [...form.values()].reduce((x, y) => (size(y) < size(x) ? y : x), scalarOrder);
  if (unit === scalarOrder) return null;
  const scale = invert(mod(unit, r), r);
  const exponents = new Map<number, number>();
  for (const [wire, k] of form) {
    const exponent = exponentOf.get(mod(k * scale, r));
    if (exponent === undefined) return null;
    exponents.set(wire, exponent);
  }
  return new Set(exponents.values()).size === exponents.size ? { exponents, scale } : null;
}

function isOpenBit(state: AuditState, wire: number): boolean {
  return state.status[wire] === OPEN && state.twoValued[wire] === 1 && state.lows[wire] === 0 && state.highs[wire] === 1;
}

const size = (k: bigint): bigint => (k < 0n ? -k : k);

/** Wires of C that are in neither factor: what a product can be solved for. */
function definedBy({ r1cs: { c } }: AuditState, row: number): Uint32Array {
  return c.wires.subarray(c.starts[row], c.starts[row + 1]);
}

/** Whether the relation has no solution with N ≥ r. */
function excludesOverflow(state: AuditState, shapes: Shapes, row: number, bits: ReadonlyMap<number, number>): boolean {
  const sum = comparedSum(state, shapes, row, bits);
  if (sum === null) return false;
  const { summands, constant, modulus, most } = sum;
  const present = new Set(bits.values());
  /** Whether the sum can lie where it must, with the bits of the number from `from` on as told. */
  const isPossible = (from: number, bitAt: (exponent: number) => number): boolean => {
    let [low, high] = [constant, constant];
    for (const { exponents, values } of summands) {
      const left = values.filter((_, combination) => exponents.every((e, i) => e < from || ((combination >> i) & 1) === bitAt(e)));
      low += left.reduce((x, y) => (y < x ? y : x));
      high += left.reduce((x, y) => (y > x ? y : x));
    }
    // Some m with [low, high] ∩ [m·modulus, m·modulus + most] ≠ ∅.
    const m = modulus === null ? 0n : (low - mod(low, modulus)) / modulus;
    return [m, m + 1n].some((i) => (modulus !== null || i === 0n) && low <= i * (modulus ?? 0n) + most && high >= i * (modulus ?? 0n));
  };
  const bitOfR = (exponent: number): number => Number((r >> BigInt(exponent)) & 1n);
  for (let exponent = numberBits - 1; exponent >= 0; exponent--) {
    const isOne = bitOfR(exponent) === 1;
    // A 1 of r that the number does not have: it is less.
    if (isOne && !present.has(exponent)) return true;
    if (!isOne && present.has(exponent) && isPossible(exponent, (e) => (e === exponent ? 1 : bitOfR(e)))) return false;
  }
  return !isPossible(0, bitOfR);
}

/** Σ summands + constant ∈ [m·modulus, m·modulus + most] for some integer m; m = 0 where there is no modulus. */
interface ComparedSum {
  readonly summands: readonly Summand[];
  readonly constant: bigint;
  readonly modulus: bigint | null;
  readonly most: bigint;
}

function comparedSum(state: AuditState, shapes: Shapes, row: number, bits: ReadonlyMap<number, number>): ComparedSum | null {
  let form = relation(state, shapes, row, 'wires');
  const terms = new Map<number, Term>();
  const termOf = (wire: number): Term | null => {
    const known = terms.get(wire);
    if (known !== undefined) return known;
    const term = bits.has(wire) ? ownTerm(wire, bits) : definedTerm(state, shapes, wire, bits);
    if (term !== null) terms.set(wire, term);
    return term;
  };
  const others = [...form.keys()].filter((wire) => wire !== 0 && !isOpenBit(state, wire) && termOf(wire) === null);
  if (others.length > 1) return null;
  if (others.length === 1) {
    const substituted = substitute(state, shapes, row, form, others[0]!);
    if (substituted === null) return null;
    form = substituted;
  }
  const digits = shapes.kind[row] === PAIR ? [-BigInt(shapes.gaps[row]!)] : [];
  const parts: { readonly term: Term; readonly k: bigint }[] = [];
  for (const [wire, k] of form) {
    if (wire === 0) continue;
    const term = termOf(wire);
    if (term !== null) parts.push({ term, k });
    else if (isOpenBit(state, wire)) digits.push(k);
    else return null;
  }
  // Σ parts + constant = Σ −k·digit.
  const sign = digits.length > 0 && digits[0]! > 0n ? -1n : 1n;
  const weights = digits.map((k) => -sign * k);
  const exponents = new Set(weights.map((weight) => exponentOf.get(weight) ?? -1));
  if (exponents.has(-1) || exponents.size < weights.length) return null;
  let missing = 0;
  while (exponents.has(missing)) missing++;
  const modulus = exponents.size > missing ? 1n << BigInt(missing + 1) : null;
  const whole = summandsOf(parts, sign);
  if (whole === null) return null;
  const constant = sign * (form.get(0) ?? 0n);
  const reach = whole.reduce((total, { values }) => total + values.map(size).reduce((x, y) => (x > y ? x : y)), size(constant));
  if (reach + weights.reduce((x, y) => x + y, 0n) >= r) return null;
  const reduced = (value: bigint): bigint => (modulus === null ? value : centred(value, modulus));
  const summands = whole.map(({ exponents: of, values }) => ({ exponents: of, values: values.map(reduced) }));
  return { summands, constant: reduced(constant), modulus, most: (1n << BigInt(missing)) - 1n };
}

/** The relation with a wire that another linear row defines put in; null if none does. */
function substitute(state: AuditState, shapes: Shapes, row: number, form: Form, wire: number): Form | null {
  for (const other of state.rowsOf(wire)) {
    if (other === row || shapes.kind[other] !== LINEAR) continue;
    const definition = relation(state, shapes, other, 'wires');
    const factor = mod(-form.get(wire)! * invert(mod(definition.get(wire)!, r), r), r);
    return plusForm(new Map(form), definition, factor);
  }
  return null;
}

/** A wire as a function of some bits of the number. */
interface Term {
  readonly exponents: readonly number[];
  readonly at: (bitOf: (exponent: number) => bigint) => bigint;
}

function ownTerm(wire: number, bits: ReadonlyMap<number, number>): Term {
  const exponent = bits.get(wire)!;
  return { exponents: [exponent], at: (bitOf) => bitOf(exponent) };
}

/** A wire that one product row has on C alone, all other wires of which are bits of the number; null otherwise. */
function definedTerm(state: AuditState, { kind }: Shapes, wire: number, bits: ReadonlyMap<number, number>): Term | null {
  const { a, b, c, pool } = state.r1cs;
  for (const row of state.rowsOf(wire)) {
    if (kind[row] !== PRODUCT) continue;
    const [x, y, z] = [a, b, c].map((side): Form => {
      const form: Form = new Map();
      for (let i = side.starts[row]!; i < side.starts[row + 1]!; i++) plusTerm(form, side.wires[i]!, pool.field[side.coefficients[i]!]!);
      return form;
    }) as [Form, Form, Form];
    const own = z.get(wire);
    if (own === undefined || x.has(wire) || y.has(wire)) continue;
    z.delete(wire);
    const wires = [...new Set([...x.keys(), ...y.keys(), ...z.keys()])].filter((other) => other !== 0);
    if (wires.length > mostArguments || !wires.every((other) => bits.has(other))) continue;
    const factor = invert(mod(own, r), r);
    const value = (form: Form, bitOf: (exponent: number) => bigint): bigint =>
      [...form].reduce((sum, [other, k]) => sum + k * (other === 0 ? 1n : bitOf(bits.get(other)!)), 0n);
    return {
      exponents: wires.map((other) => bits.get(other)!),
      at: (bitOf) => (value(x, bitOf) * value(y, bitOf) - value(z, bitOf)) * factor,
    };
  }
  return null;
}

/** Terms with bits in common as one function each. */
function summandsOf(parts: readonly { readonly term: Term; readonly k: bigint }[], sign: bigint): Summand[] | null {
  const groupOf = new Map<number, { exponents: Set<number>; parts: (typeof parts)[number][] }>();
  for (const part of parts) {
    const group = { exponents: new Set(part.term.exponents), parts: [part] };
    for (const near of new Set(part.term.exponents.flatMap((exponent) => groupOf.get(exponent) ?? []))) {
      for (const exponent of near.exponents) group.exponents.add(exponent);
      group.parts.push(...near.parts);
    }
    if (group.exponents.size > mostArguments) return null;
    for (const exponent of group.exponents) groupOf.set(exponent, group);
  }
  return [...new Set(groupOf.values())].map((group) => {
    const exponents = [...group.exponents];
    const values = Array.from({ length: 1 << exponents.length }, (_, combination) => {
      const bitOf = (exponent: number): bigint => BigInt((combination >> exponents.indexOf(exponent)) & 1);
      return centred(sign * group.parts.reduce((sum, { term, k }) => sum + k * term.at(bitOf), 0n), r);
    });
    return { exponents, values };
  });
}
