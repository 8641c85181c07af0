/** A circuit's inputs and outputs in lines: name, type, scale, who can see it. */

import type { Layout, LayoutTensor } from '../r1cs/layout.ts';
import { float32Text, printable } from '../receipt/text.ts';
import type { SelfCheck } from '../self-check.ts';
import { formatCount } from './table.ts';

/** One line per input and output. */
export function boundaryLines(layout: Layout): string[] {
  const tensors = [...layout.inputs, ...layout.outputs];
  const width = Math.max(...tensors.map(({ name }) => printable(name).length));
  return tensors.map(
    (tensor) => `  ${tensor.role.padEnd(12)} ${printable(tensor.name).padEnd(width)}  ${describe(tensor)}  ${tensor.visibility}`,
  );
}

function describe({ dtype, modelDType, dims, scale, zeroPoint }: LayoutTensor): string {
  const shape = `${dtype}[${dims.join(',')}]`;
  const outer = modelDType === dtype ? '' : ` from ${modelDType}`;
  return scale === null ? shape : `${shape}${outer}  scale ${float32Text(scale)} zero point ${zeroPoint}`;
}

/** What compiling checked of the circuit, in a line; none where it was only rebuilt. */
export function checkLines(check: SelfCheck | null): string[] {
  if (check === null) return [];
  const { inferences, audit } = check;
  const wires =
    audit === null
      ? 'not audited (--no-audit)'
      : `${formatCount(audit.unique)} wires determined by the inputs, ${formatCount(audit.free)} free by design, ${formatCount(audit.undecided)} undecided`;
  return [`  self-check   ${inferences} inferences: every constraint holds · ${wires}`];
}
