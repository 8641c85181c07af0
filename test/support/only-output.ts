/** A complete search of a small circuit's witnesses: for given inputs no output but the true one can be proven. */
import { expect } from 'vitest';
import { openSearch } from '../../src/audit/search.ts';
import { evaluate } from '../../src/program/evaluate.ts';
import type { Program } from '../../src/program/program.ts';
import { buildCircuit } from '../../src/r1cs/build.ts';
import { makeLayout } from '../../src/r1cs/layout.ts';
import { encodingLow } from '../../src/r1cs/signals.ts';

/** All inputs and outputs public; `inputs` by boundary name. The search must be final, and find at least the honest witness. */
export function expectOnlyTrueOutput(program: Program, inputs: ReadonlyMap<string, Int32Array>): void {
  const names = [...program.inputs, ...program.outputs].map(({ name }) => [name, 'public']);
  const layout = makeLayout(program, { visibility: Object.fromEntries(names) });
  const { r1cs } = buildCircuit(program, layout, 99n);
  const fixed = new Map([[1, 7n]]);
  for (const { name, firstSignal, dtype } of layout.inputs)
    inputs.get(name)!.forEach((x, i) => {
      fixed.set(1 + firstSignal + i, BigInt(x - encodingLow(dtype)));
    });
  const truth = evaluate(program, inputs);
  const { found, complete, undecidedRows } = openSearch(r1cs, fixed).witnesses(64);
  expect({ complete, undecidedRows }).toEqual({ complete: true, undecidedRows: [] });
  expect(found.length).toBeGreaterThan(0);
  layout.outputs.forEach(({ firstSignal, elementCount, dtype }, k) => {
    const expected = Array.from(truth.get(program.outputs[k]!.tensor)!, (y) => BigInt(y - encodingLow(dtype)));
    for (const { values } of found) expect(values.slice(1 + firstSignal, 1 + firstSignal + elementCount)).toEqual(expected);
  });
}
