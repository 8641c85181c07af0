/**
 * Selection: the k largest of n keys in order, by guards. For each place j rows (κ_i − T_j)·E_ij = 0 for i = 0 … n−1, E_ij expressions with Σ_i E_ij = 1: T_j is one of the keys. The keys are unique and
 * no two of them equal, so E_ij is 1 at that key and 0 elsewhere. Ranged relations T_j − T_(j+1) − 1 ≥ 0 put the places in order; ranged products (T_k − κ_i)·(1 − Σ_j E_ij) ≥ 0 say that what was not
 * taken is no larger than the last that was. So the keys taken are the k largest, sorted: each T_j and each E_ij is unique.
 */
import { areApart } from '../apart.ts';
import { type Form, onlyConstant, openAtoms, plusForm, plusSide, plusTerm, relation, takeRanged } from '../form.ts';
import { PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, BY_SELECTION, OPEN } from '../state.ts';

/** The guards of one T: T ∈ {keys}, guards[i] = [T = keys[i]]. */
interface Place {
  readonly top: number;
  readonly keys: readonly Form[];
  readonly guards: readonly Form[];
}

/** Looks at the places that are chained to the one of wire `top`. True if all of them are unique. */
export function selection(state: AuditState, shapes: Shapes, top: number): boolean {
  const first = placeOf(state, shapes, top);
  if (first === null) return false;
  const order = chainOf(state, shapes, top);
  if (order === null) return false;
  const places: Place[] = [];
  for (const wire of order) {
    const place = wire === top ? first : placeOf(state, shapes, wire);
    if (place === null || !sameKeys(first.keys, place.keys)) return false;
    places.push(place);
  }
  const last = places[places.length - 1]!;
  if (places.length < first.keys.length && !othersAreLess(state, shapes, last, places)) return false;
  const wires = new Set([...order, ...places.flatMap(({ guards }) => guards.flatMap((guard) => openAtoms(state, guard)))]);
  const region = state.regions.push(regionAround(state, wires)) - 1;
  for (const wire of wires) state.setUnique(wire, BY_SELECTION, region);
  return true;
}

/** The wires, all that is open in their rows, and the rows in which nothing else is. */
function regionAround(state: AuditState, core: ReadonlySet<number>): { wires: number[]; rows: number[] } {
  const { a, b, c } = state.r1cs;
  const openIn = (row: number): number[] =>
    [a, b, c].flatMap(({ starts, wires }) =>
      [...wires.subarray(starts[row], starts[row + 1])].filter((wire) => state.status[wire] === OPEN),
    );
  const wires = new Set(core);
  for (const wire of core) for (const row of state.rowsOf(wire)) for (const other of openIn(row)) wires.add(other);
  const rows = new Set<number>();
  for (const wire of wires) for (const row of state.rowsOf(wire)) if (openIn(row).every((other) => wires.has(other))) rows.add(row);
  return { wires: [...wires].sort((x, y) => x - y), rows: [...rows].sort((x, y) => x - y) };
}

/** Rows (λ·T + κ)·E = 0 whose E's add up to 1, the κ unique and pairwise different. */
function placeOf(state: AuditState, shapes: Shapes, top: number): Place | null {
  const { a, b, c } = state.r1cs;
  const keys: Form[] = [];
  const guards: Form[] = [];
  const sum: Form = new Map();
  for (const row of state.rowsOf(top)) {
    if (shapes.kind[row] !== PRODUCT || c.starts[row] !== c.starts[row + 1]) continue;
    const [left, right] = [a, b].map((side) => plusSide(state, new Map(), side, row, 1n, 'all')) as [Form, Form];
    const [key, guard] = left.has(top) ? [left, right] : [right, left];
    const lambda = key.get(top);
    if ((lambda !== 1n && lambda !== -1n) || guard.has(top)) continue;
    key.delete(top);
    if (openAtoms(state, key).length > 0) continue;
    // T = −λ·κ.
    keys.push(plusForm(new Map(), key, -lambda));
    guards.push(guard);
    plusForm(sum, guard, 1n);
  }
  if (keys.length < 2 || sum.size !== 1 || sum.get(0) !== 1n) return null;
  for (let i = 0; i < keys.length; i++) for (let j = 0; j < i; j++) if (!areApart(state, shapes, keys[i]!, keys[j]!)) return null;
  return { top, keys, guards };
}

function sameKeys(x: readonly Form[], y: readonly Form[]): boolean {
  return x.length === y.length && x.every((key, i) => plusForm(new Map(key), y[i]!, -1n).size === 0);
}

/** All places from the largest to the least, by relations T − T' − 1 ≥ 0; null where they are no chain. */
function chainOf(state: AuditState, shapes: Shapes, top: number): number[] | null {
  const below = (wire: number, sign: bigint): number | null => {
    for (const row of state.rowsOf(wire)) {
      if (shapes.kind[row] === PRODUCT) continue;
      for (const other of openNeighbours(state, row, wire)) {
        const form = relation(state, shapes, row, 'all');
        if (form.get(wire) !== sign || form.get(other) !== -sign) continue;
        const part = takeRanged(state, form, shapes.gaps[row]!, [wire, other]);
        // sign·(T − T') + c ≥ least.
        const constant = onlyConstant(form, 2);
        if (part !== null && constant !== null && part.least - constant >= 1n) return other;
      }
    }
    return null;
  };
  const order = [top];
  for (let next = below(top, 1n); next !== null; next = below(next, 1n)) {
    if (order.includes(next)) return null;
    order.push(next);
  }
  for (let next = below(top, -1n); next !== null; next = below(next, -1n)) {
    if (order.includes(next)) return null;
    order.unshift(next);
  }
  return order;
}

/** Open wires of the row other than bits and the one given. */
function openNeighbours(state: AuditState, row: number, wire: number): number[] {
  const { a, b, c } = state.r1cs;
  const found = new Set<number>();
  for (const { starts, wires } of [a, b, c]) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const other = wires[i]!;
      if (other !== wire && state.status[other] === OPEN && state.twoValued[other] === 0) found.add(other);
    }
  }
  return [...found];
}

/** For each key a row (T − κ_i)·(1 − Σ_j E_ij) = p with p ≥ 0. */
function othersAreLess(state: AuditState, shapes: Shapes, { top, keys }: Place, places: readonly Place[]): boolean {
  const { a, b, c } = state.r1cs;
  const left = new Set(keys.keys());
  for (const row of state.rowsOf(top)) {
    if (shapes.kind[row] !== PRODUCT || c.starts[row] === c.starts[row + 1]) continue;
    const product = plusSide(state, new Map(), c, row, 1n, 'all');
    const [p] = product.keys();
    if (product.size !== 1 || product.get(p!) !== 1n || !isNotNegative(state, shapes, p!)) continue;
    const sides = [a, b].map((side) => plusSide(state, new Map(), side, row, 1n, 'all'));
    const at = sides.findIndex((side) => side.get(top) === 1n);
    if (at < 0) continue;
    const rest = new Map(sides[at]!);
    rest.delete(top);
    const i = keys.findIndex((key) => plusForm(new Map(rest), key, 1n).size === 0);
    if (i < 0) continue;
    // other + Σ_j E_ij = 1.
    const whole = new Map(sides[1 - at]!);
    for (const { guards } of places) plusForm(whole, guards[i]!, 1n);
    plusTerm(whole, 0, -1n);
    if (whole.size === 0) left.delete(i);
  }
  return left.size === 0;
}

/** A relation that leaves p a sum of ranged digits that is not below 0. */
function isNotNegative(state: AuditState, shapes: Shapes, p: number): boolean {
  for (const row of state.rowsOf(p)) {
    if (shapes.kind[row] === PRODUCT) continue;
    const form = relation(state, shapes, row, 'all');
    if (form.get(p) !== 1n) continue;
    const part = takeRanged(state, form, shapes.gaps[row]!, [p]);
    const constant = onlyConstant(form, 1);
    if (part !== null && constant !== null && part.least - constant >= 0n) return true;
  }
  return false;
}
