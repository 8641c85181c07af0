/** What a receipt shows, a line per tensor: values where they are public, commitments where they are not. */
import type { Receipt } from '../receipt/receipt.ts';
import { float32Text, listText, printable } from '../receipt/text.ts';
import { type TensorView, viewTensor } from '../receipt/words.ts';

export function receiptLines({ layout, outputs, inputs }: Receipt): string[] {
  return [
    ...layout.outputs.map((tensor, i) => claimLine('output', viewTensor(tensor, outputs[i]!))),
    ...layout.inputs.map((tensor, i) => claimLine('input', viewTensor(tensor, inputs[i]!))),
  ];
}

function claimLine(role: string, { name, visibility, dtype, values, dequantized, commitment }: TensorView): string {
  const head = `  ${role.padEnd(12)} ${printable(name)}`;
  if (commitment !== null) return `${head}  hidden (Poseidon commitment ${commitment.slice(0, 6)}…${commitment.slice(-4)})`;
  if (values === null) return `${head}  ${visibility}: nothing is shown of it`;
  const integers = `${listText(values, String, 10)} (${dtype})`;
  return `${head}  ${dequantized === null ? integers : `${listText(dequantized, float32Text, 10)} = ${integers}`}`;
}
