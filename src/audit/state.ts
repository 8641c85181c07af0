/**
 * What an audit knows while it runs: of each wire whether the inputs force its value, and in which integers it lies; of each row how many of its wires are still open. Typed arrays only.
 * Memory: 8 bytes a non-zero for the occurrences, about 30 a wire and 30 a row.
 */
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';

/** Of a wire. BLOCK: a bit that may vary, while the number that it is a digit's bit of may not. LOOSE: an inverse that nothing else reads. */
export const OPEN = 0;
export const UNIQUE = 1;
export const BLOCK = 2;
export const LOOSE = 3;

/** Bits of one digit: Σ weight·bit is unique, the bits are not. In a relation with a bit that is an expression (a row E·(E − 1) = 0), that one belongs to it, and has no wire. */
export interface Block {
  readonly row: number;
  readonly members: readonly number[];
  /** As they stand in the relation, divided by their common divisor. */
  readonly weights: readonly bigint[];
  /** Whether the row's own expression is one of the bits, and with which weight. */
  readonly virtual: bigint | null;
  /** The member that a value of the block stands for in other rows' expressions, or null: it has no weight of ±1, or the block a bit without a wire. */
  readonly pivot: number | null;
}

/** How a wire was found to be forced: by which rule, from which row. */
export const BY_INPUT = 0;
export const BY_SOLVE = 1;
export const BY_RADIX = 2;
export const BY_ZERO = 3;
export const BY_CHOICE = 4;
/** Its interval is one value. */
export const BY_INTERVAL = 5;
/** `row` is then a region. */
export const BY_CASES = 6;
/** As BY_CASES. */
export const BY_SELECTION = 7;
/** `row` is then a region of linear equations. */
export const BY_LINEAR = 8;
/** A bit of the one number below r. */
export const BY_COMPARISON = 9;

export interface Occurrences {
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
}

/** The rows of each wire, each once; of the constant none. */
function occurrencesOf({ a, b, c, rowCount, wireCount }: R1cs): Occurrences {
  const starts = new Uint32Array(wireCount + 1);
  const last = new Int32Array(wireCount);
  const walk = (visit: (wire: number, row: number) => void): void => {
    last.fill(-1);
    for (let row = 0; row < rowCount; row++) {
      for (const side of [a, b, c]) {
        for (let i = side.starts[row]; i < side.starts[row + 1]; i++) {
          const wire = side.wires[i];
          if (wire === 0 || last[wire] === row) continue;
          last[wire] = row;
          visit(wire, row);
        }
      }
    }
  };
  walk((wire) => {
    starts[wire + 1]++;
  });
  for (let wire = 0; wire < wireCount; wire++) starts[wire + 1] += starts[wire];
  const rows = new Uint32Array(starts[wireCount]);
  const at = starts.slice(0, wireCount);
  walk((wire, row) => {
    rows[at[wire]++] = row;
  });
  return { starts, rows };
}

const copied = [
  'status',
  'lows',
  'highs',
  'twoValued',
  'openCount',
  'unrangedCount',
  'blockCount',
  'pivotOf',
  'memberOf',
  'settled',
  'expressionUnique',
  'solvedBy',
] as const;

export class AuditState {
  readonly r1cs: R1cs;
  readonly occurrences: Occurrences;
  readonly status: Uint8Array;
  /** The wire is congruent to an integer in [low, high]; NaN: nothing is known. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** 1: the wire is one of the two ends of its interval. */
  readonly twoValued: Uint8Array;
  /** Wires of the row that are OPEN; OPEN without an interval; BLOCK. */
  readonly openCount: Uint32Array;
  readonly unrangedCount: Uint32Array;
  readonly blockCount: Uint32Array;
  readonly blocks: Block[] = [];
  /** Loose wires that are no inverses: bits that may vary while nothing else of what was looked at does. Free only where their circuit says so. */
  readonly varying = new Set<number>();
  /** Wires that were decided together, and the rows that decide them. */
  readonly regions: { readonly wires: readonly number[]; readonly rows: readonly number[] }[] = [];
  /** Block that a wire is the pivot of, or −1. */
  readonly pivotOf: Int32Array;
  /** Block that a wire with status BLOCK is a member of, or −1. */
  readonly memberOf: Int32Array;
  /** 1: what the row says of bits of a block that may vary has been shown not to depend on them. */
  readonly settled: Uint8Array;
  /** 1: the row's own expression, a bit without a wire, is unique. */
  readonly expressionUnique: Uint8Array;
  /** Wires in the order in which they were settled, with row and rule: how a witness is made from inputs alone. */
  readonly order: { count: number; readonly wires: Int32Array; readonly rows: Int32Array; readonly rules: Uint8Array };
  /** The row that a wire was solved from, or −1. */
  readonly solvedBy: Int32Array;
  readonly #queue: Uint32Array;
  readonly #queued: Uint8Array;
  #first = 0;
  #length = 0;

  constructor(r1cs: R1cs, occurrences = occurrencesOf(r1cs)) {
    const { wireCount, rowCount } = r1cs;
    this.r1cs = r1cs;
    this.occurrences = occurrences;
    this.status = new Uint8Array(wireCount);
    this.lows = new Float64Array(wireCount).fill(Number.NaN);
    this.highs = new Float64Array(wireCount).fill(Number.NaN);
    this.twoValued = new Uint8Array(wireCount);
    this.openCount = new Uint32Array(rowCount);
    this.unrangedCount = new Uint32Array(rowCount);
    this.blockCount = new Uint32Array(rowCount);
    this.pivotOf = new Int32Array(wireCount).fill(-1);
    this.memberOf = new Int32Array(wireCount).fill(-1);
    this.settled = new Uint8Array(rowCount);
    this.solvedBy = new Int32Array(wireCount).fill(-1);
    this.expressionUnique = new Uint8Array(rowCount);
    // A bit that is found to be unique later stands there twice.
    const room = 2 * wireCount;
    this.order = { count: 0, wires: new Int32Array(room), rows: new Int32Array(room), rules: new Uint8Array(room) };
    this.#queue = new Uint32Array(Math.max(1, rowCount));
    this.#queued = new Uint8Array(rowCount);
    const { starts, rows } = this.occurrences;
    this.status[0] = UNIQUE;
    this.lows[0] = 1;
    this.highs[0] = 1;
    for (let i = starts[1]; i < rows.length; i++) {
      this.openCount[rows[i]]++;
      this.unrangedCount[rows[i]]++;
    }
  }

  /** The same knowledge, to go on from apart. O(wires + rows). */
  copy(): AuditState {
    const other = new AuditState(this.r1cs, this.occurrences);
    for (const name of copied) other[name].set(this[name] as never);
    other.order.count = this.order.count;
    other.order.wires.set(this.order.wires);
    other.order.rows.set(this.order.rows);
    other.order.rules.set(this.order.rules);
    other.blocks.push(...this.blocks);
    other.regions.push(...this.regions);
    for (const wire of this.varying) other.varying.add(wire);
    return other;
  }

  push(row: number): void {
    if (this.#queued[row] === 1) return;
    this.#queued[row] = 1;
    this.#queue[(this.#first + this.#length++) % this.#queue.length] = row;
  }

  /** The next row to look at, or −1. */
  shift(): number {
    if (this.#length === 0) return -1;
    const row = this.#queue[this.#first];
    this.#first = (this.#first + 1) % this.#queue.length;
    this.#length--;
    this.#queued[row] = 0;
    return row;
  }

  isRanged(wire: number): boolean {
    return !Number.isNaN(this.lows[wire]);
  }

  rowsOf(wire: number): Uint32Array {
    return this.occurrences.rows.subarray(this.occurrences.starts[wire], this.occurrences.starts[wire + 1]);
  }

  setUnique(wire: number, rule: number, row: number): void {
    const before = this.status[wire];
    if (before === UNIQUE) return;
    if (before === BLOCK) this.#dissolve(this.memberOf[wire], wire);
    this.#leave(wire, before);
    this.status[wire] = UNIQUE;
    if (rule === BY_SOLVE) this.solvedBy[wire] = row;
    this.#note(wire, rule, row);
  }

  setLoose(wire: number, row: number, rule = BY_ZERO): void {
    this.#leave(wire, this.status[wire]);
    this.status[wire] = LOOSE;
    this.#note(wire, rule, row);
  }

  #note(wire: number, rule: number, row: number): void {
    const { order } = this;
    // Blocks that are dissolved and found again would need more: their wires have an entry already.
    if (order.count === order.wires.length) return;
    order.wires[order.count] = wire;
    order.rows[order.count] = row;
    order.rules[order.count++] = rule;
  }

  /** Takes the wire out of what its rows count of it, and has them looked at again. */
  #leave(wire: number, before: number): void {
    const unranged = !this.isRanged(wire);
    for (const row of this.rowsOf(wire)) {
      if (before === OPEN) {
        this.openCount[row]--;
        if (unranged) this.unrangedCount[row]--;
      } else if (before === BLOCK) this.blockCount[row]--;
      this.push(row);
    }
  }

  /** The wire is one of two values, safe integers. */
  setTwoValues(wire: number, x: number, y: number): void {
    if (!(Number.isSafeInteger(x) && Number.isSafeInteger(y))) return;
    if (this.twoValued[wire] === 0) {
      const [low, high] = [this.lows[wire], this.highs[wire]];
      const left = [x, y].filter((value) => !(value < low || value > high));
      if (left.length === 0) return;
      this.twoValued[wire] = 1;
      this.#narrow(wire, Math.min(...left), Math.max(...left));
    } else this.setRange(wire, Math.min(x, y), Math.max(x, y));
  }

  /** The wire is in the interval, too; both ends are safe integers, so that two such intervals have the integers in common that both stand for. */
  setRange(wire: number, low: number, high: number): void {
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high))) return;
    const [oldLow, oldHigh] = [this.lows[wire], this.highs[wire]];
    if (Number.isNaN(oldLow)) this.#narrow(wire, low, high);
    else if (low <= oldLow && high >= oldHigh) return;
    else if (this.twoValued[wire] === 0) this.#narrow(wire, Math.max(low, oldLow), Math.min(high, oldHigh));
    else if (oldLow < low && oldHigh <= high) this.#narrow(wire, oldHigh, oldHigh);
    else if (oldHigh > high && oldLow >= low) this.#narrow(wire, oldLow, oldLow);
  }

  #narrow(wire: number, low: number, high: number): void {
    // Nothing is left: the circuit has no witness, and whatever is said of it is true.
    if (low > high) return;
    const [oldLow, oldHigh] = [this.lows[wire], this.highs[wire]];
    const first = Number.isNaN(oldLow);
    this.lows[wire] = low;
    this.highs[wire] = high;
    if (low === high) {
      if (first && this.status[wire] === OPEN) for (const row of this.rowsOf(wire)) this.unrangedCount[row]--;
      this.setUnique(wire, BY_INTERVAL, 0);
      return;
    }
    if (this.status[wire] !== OPEN) return;
    // Small steps could go on for ever.
    const matters = first || (high - low) * 4 <= (oldHigh - oldLow) * 3;
    for (const row of this.rowsOf(wire)) {
      if (first) this.unrangedCount[row]--;
      if (matters) this.push(row);
    }
  }

  addBlock(block: Block): void {
    const index = this.blocks.push(block) - 1;
    for (const wire of block.members) {
      this.status[wire] = BLOCK;
      this.memberOf[wire] = index;
      this.#note(wire, BY_RADIX, block.row);
      for (const row of this.rowsOf(wire)) {
        this.openCount[row]--;
        this.blockCount[row]++;
        this.push(row);
      }
    }
    if (block.pivot !== null) this.pivotOf[block.pivot] = index;
  }

  /** A member turned out to be unique: the others are open again, and their relation says more of them now. */
  #dissolve(index: number, except: number): void {
    const { members, pivot, row: relation } = this.blocks[index]!;
    if (pivot !== null) this.pivotOf[pivot] = -1;
    for (const wire of members) {
      this.memberOf[wire] = -1;
      if (wire === except) continue;
      this.status[wire] = OPEN;
      for (const row of this.rowsOf(wire)) {
        this.blockCount[row]--;
        this.openCount[row]++;
        this.push(row);
      }
    }
    this.push(relation);
  }
}

/** Terms of one side of a row that are not the constant. */
export function wireTerms({ starts, wires }: SparseMatrix, row: number): number {
  const first = starts[row];
  const count = starts[row + 1] - first;
  return count > 0 && wires[first] === 0 ? count - 1 : count;
}
