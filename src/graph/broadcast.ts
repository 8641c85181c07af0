/** ONNX (numpy) broadcasting of two shapes. */
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
