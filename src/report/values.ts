/** Tensors in one line: name, type, shape, the first values. */
import { float32Text, listText, printable } from '../receipt/text.ts';
import type { Tensor } from '../tensor/tensor.ts';

export function tensorSummary(name: string, { dtype, dims, data }: Tensor): string {
  const values = data as ArrayLike<number | bigint>;
  const text = listText(values, (value) => (dtype === 'float32' ? float32Text(Number(value)) : String(value)), 10);
  return `  ${printable(name)}  ${dtype}[${dims.join(',')}]  ${text}`;
}
