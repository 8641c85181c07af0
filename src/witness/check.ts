/** Whether a witness satisfies every row, exactly; the first row that does not, by the name a person knows it by. */
import { ZkonnxError } from '../errors.ts';
import type { Circuit, RowLabels } from '../r1cs/circuit.ts';
import { rowHolds } from './row.ts';
import type { Witness } from './witness.ts';

/** A violated constraint: where it stands in the r1cs and which part of which layer it belongs to. */
export interface Violation {
  readonly row: number;
  readonly layer: string;
  readonly gadget: string;
  /** Index into the layer's output, row-major. */
  readonly element: number;
}

/**
 * @returns null if every row holds, else the first that does not.
 * @throws ZkonnxError ZK5004 if the witness is none of this circuit's: wrong length, wire 0 is not 1, a wire without a field element.
 */
export function checkWitness(circuit: Pick<Circuit, 'r1cs' | 'labels'>, witness: Witness): Violation | null {
  const { r1cs, labels } = circuit;
  const wrong = malformed(witness, r1cs.wireCount);
  if (wrong !== null) throw new ZkonnxError('ZK5004', { format: 'wtns', file: '(in memory)', what: wrong });
  for (let row = 0; row < r1cs.rowCount; row++) if (!rowHolds(r1cs, row, witness)) return violationAt(labels, row);
  return null;
}

export function violationAt(labels: RowLabels, row: number): Violation {
  return { row, layer: labels.layers[labels.layerOf[row]], gadget: labels.gadgets[labels.gadgetOf[row]], element: labels.elementOf[row] };
}

function malformed({ small, wide }: Witness, wireCount: number): string | null {
  if (small.length !== wireCount) return `it holds ${small.length} values, the circuit has ${wireCount} wires`;
  if (small[0] !== 1) return 'its value 0 is not the constant 1';
  for (let wire = 0; wire < wireCount; wire++) {
    if (!Number.isSafeInteger(small[wire]) && !(Number.isNaN(small[wire]) && wide.has(wire))) return `wire ${wire} has no value`;
  }
  return null;
}
