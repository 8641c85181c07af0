/** A circuit's inputs and outputs in lines: name, type, scale, who can see it. */

import type { Layout, LayoutTensor } from '../r1cs/layout.ts';
import { float32Text, printable } from '../receipt/text.ts';

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
