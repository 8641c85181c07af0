/**
 * The one small interface that gadgets see. `circuits/` imports nothing outside itself; `src/r1cs` implements this.
 *
 * A row is `⟨A,z⟩·⟨B,z⟩ = ⟨C,z⟩` over BN254's scalar field. It is written term by term with `a`, `b`, `c` (terms of one side add up;
 * the same wire may be given twice) and ended by `constrain`, `define` or `defineAs`; an ended row starts the next one empty. No object is made per
 * wire or row: this is what lets a network of millions of rows be built.
 */

/** Index into the witness; wire 0 is the constant 1. */
export type Wire = number;
export const ONE: Wire = 0;

/** An integer, taken mod r: a safe integer (any sign), or a bigint for field-size constants. */
export type Coefficient = number | bigint;

export interface Api {
  /** Adds coefficient·wire to side A, B or C of the row being written. Put full-size values on A, small ones on B (B is paid in G2). */
  a(wire: Wire, coefficient: Coefficient): void;
  b(wire: Wire, coefficient: Coefficient): void;
  c(wire: Wire, coefficient: Coefficient): void;
  /** Ends the row as an assertion on wires that already have values. */
  constrain(): void;
  /** Ends the row with a new wire w: `⟨A⟩·⟨B⟩ = ⟨C⟩ + w`. The row alone determines w, so it needs no hint. */
  define(): Wire;
  /** As `define`, for a wire allocated earlier (a public signal). */
  defineAs(wire: Wire): void;

  /** Adds a term to hint input number `input` (0, 1, …): a linear expression whose *value* the hint reads. Constrains nothing. */
  x(input: number, wire: Wire, coefficient: Coefficient): void;
  /**
   * Allocates `count` consecutive wires whose values the witness generator computes with the hint `opcode` from the inputs written with `x` and
   * `params`; returns the first. NOTHING IS CONSTRAINED: the gadget must write rows that leave the prover no other value.
   */
  hint(opcode: number, params: readonly number[], count: number): Wire;

  /**
   * Names what is built from here on, for reports, `.sym` and "first violated constraint": the layer (ONNX node), the gadget, and the
   * element of the layer's output. Gadgets call `gadget`; lowerings call `layer` and `element`.
   */
  layer(name: string): void;
  gadget(name: string): void;
  element(index: number): void;
}

/** What every gadget's `cost()` returns, held by tests against the counted rows and wires. */
export interface Cost {
  readonly constraints: number;
  readonly wires: number;
}
