/**
 * The .sym file: names of wires, one line `label,wire,component,name` each, as circom writes and snarkjs reads it. The label is the wire's number (format.ts); a component is a run of
 * wires of one gadget and element, so that `name` without its last part names it. Debugging aid only: nothing depends on it, it is in no digest.
 */
import type { Circuit } from './circuit.ts';
import { hintWord, walkSteps } from './plan.ts';

/** Commas separate fields and dots components; everything else that is odd in an ONNX name goes the same way. */
function symbol(name: string): string {
  return name.replace(/[^\w/:[\]-]/g, '_') || '_';
}

const linesPerChunk = 1 << 14;

/** The file in pieces of text, some 16,000 lines each. */
export function* symChunks(circuit: Circuit): Generator<string, void, undefined> {
  const { r1cs, labels } = circuit;
  const rowOf = rowOfWires(circuit);
  const given = givenNames(circuit);
  const layers = labels.layers.map(symbol);
  const gadgets = labels.gadgets.map(symbol);
  const lines: string[] = [];
  let component = 0;
  let lastOwner = '';
  for (let wire = 1; wire < r1cs.wireCount; wire++) {
    const row = rowOf[wire];
    const name = given.get(wire);
    const owner =
      name?.owner ??
      (row < r1cs.rowCount ? `main.${layers[labels.layerOf[row]]}.${gadgets[labels.gadgetOf[row]]}[${labels.elementOf[row]}]` : 'main');
    if (owner !== lastOwner) component++;
    lastOwner = owner;
    lines.push(`${wire},${wire},${component},${owner}.${name?.part ?? `w${wire}`}\n`);
    if (lines.length === linesPerChunk) {
      yield lines.join('');
      lines.length = 0;
    }
  }
  yield lines.join('');
}

/** The whole file, UTF-8. */
export function encodeSym(circuit: Circuit): Uint8Array {
  const encoder = new TextEncoder();
  const chunks = Array.from(symChunks(circuit), (text) => encoder.encode(text));
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** The row that a wire belongs to: the one that defines it, or the first one after its hint. rowCount where there is none. */
function rowOfWires({ r1cs, plan }: Circuit): Uint32Array {
  const rowOf = new Uint32Array(r1cs.wireCount).fill(r1cs.rowCount);
  walkSteps(
    plan.steps,
    (row, wire) => {
      rowOf[wire] = row;
    },
    (_opcode, at) => {
      const first = plan.steps[at + hintWord.firstWire];
      rowOf.fill(plan.steps[at + hintWord.row], first, first + plan.steps[at + hintWord.wireCount]);
    },
  );
  return rowOf;
}

/** Names of public signals and of the given wires: context, elements, salts. */
function givenNames({ layout, inputs }: Circuit): Map<number, { owner: string; part: string }> {
  const names = new Map<number, { owner: string; part: string }>();
  for (const { role, name, firstSignal, signalCount } of [...layout.outputs, ...layout.inputs]) {
    for (let i = 0; i < signalCount; i++) names.set(1 + firstSignal + i, { owner: `main.${role}:${symbol(name)}`, part: `signal[${i}]` });
  }
  for (const { name, firstWire, count } of inputs.tensors) {
    for (let i = 0; i < count; i++) names.set(firstWire + i, { owner: `main.input:${symbol(name)}`, part: `element[${i}]` });
  }
  for (const { name, role, wire } of inputs.salts) names.set(wire, { owner: `main.${role}:${symbol(name)}`, part: 'salt' });
  names.set(inputs.contextWire, { owner: 'main', part: 'context' });
  return names;
}
