/** Relu and Clip as bounds in real units, one after the other. */
import type { Activation } from './graph.ts';

/**
 * `next` applied after `first`. Clip is min(max, max(min, x)), so crossed bounds give the upper one, as in ONNX Runtime.
 * The result has min ≤ max.
 */
export function thenActivation(first: Activation | null, next: Activation): Activation {
  const low = next.min ?? Number.NEGATIVE_INFINITY;
  const high = next.max ?? Number.POSITIVE_INFINITY;
  const clip = (x: number) => Math.min(high, Math.max(low, x));
  const min = clip(first?.min ?? Number.NEGATIVE_INFINITY);
  const max = clip(first?.max ?? Number.POSITIVE_INFINITY);
  return { min: min === Number.NEGATIVE_INFINITY ? null : min, max: max === Number.POSITIVE_INFINITY ? null : max };
}
