/** ONNX (numpy) broadcasting of two shapes. */
import { axisMap, axisOrder } from './gather.ts';
import { refuse } from './report.ts';

export function broadcastDims(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const da = a[a.length - rank + i] ?? 1;
    const db = b[b.length - rank + i] ?? 1;
    if (da !== db && da !== 1 && db !== 1) {
      refuse(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast`, 'export the model again; onnx.checker says what is wrong');
    }
    return da === 1 ? db : da;
  });
}

/** Flat index into a tensor of shape `from` for each element of the shape it is broadcast to. */
export function broadcastOrder(from: readonly number[], to: readonly number[]): Int32Array {
  const padded = [...new Array<number>(to.length - from.length).fill(1), ...from];
  return axisOrder(
    padded,
    padded.map((size, axis) => axisMap(to[axis]!, (i) => (size === 1 ? 0 : i))),
  );
}
