/**
 * A circuit's size without the circuit: takes what lowerings write and keeps three counts. For programs whose circuit would take minutes and gigabytes to build.
 */
import type { Api, Coefficient, Wire } from '../../circuits/api.ts';

/** What lowerings write to: a builder, or a counter. */
export interface CircuitWriter extends Api {
  publicWires(count: number): Wire;
  inputWires(count: number): Wire;
}

export interface CircuitSize {
  readonly rowCount: number;
  readonly wireCount: number;
  /** Terms on A and B, which a proving key stores; a wire given twice in a row counts once for each time. */
  readonly termCount: number;
}

export class CircuitCounter implements CircuitWriter, CircuitSize {
  rowCount = 0;
  wireCount = 1;
  termCount = 0;

  publicWires(count: number): Wire {
    return this.#allocate(count);
  }

  inputWires(count: number): Wire {
    return this.#allocate(count);
  }

  a(_wire: Wire, coefficient: Coefficient): void {
    if (coefficient !== 0) this.termCount++;
  }

  b(_wire: Wire, coefficient: Coefficient): void {
    if (coefficient !== 0) this.termCount++;
  }

  c(): void {}

  constrain(): void {
    this.rowCount++;
  }

  define(): Wire {
    this.rowCount++;
    return this.#allocate(1);
  }

  defineAs(): void {
    this.rowCount++;
  }

  x(): void {}

  hint(_opcode: number, _params: readonly number[], count: number): Wire {
    return this.#allocate(count);
  }

  layer(): void {}
  gadget(): void {}
  element(): void {}

  #allocate(count: number): Wire {
    const first = this.wireCount;
    this.wireCount += count;
    return first;
  }
}
