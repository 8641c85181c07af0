/** Row-major positions: strides, coordinates of an element, indices counted from the end. */
import { refuse } from './report.ts';

/** Elements between neighbours along each axis. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let d = dims.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * dims[d + 1]!;
  return strides;
}

/** Coordinates of element i. */
export function coordinatesOf(i: number, dims: readonly number[]): number[] {
  const at = new Array<number>(dims.length).fill(0);
  for (let d = dims.length - 1; d >= 0; d--) {
    at[d] = i % dims[d]!;
    i = Math.floor(i / dims[d]!);
  }
  return at;
}

/** A position along an axis of `size`, negative ones counted from its end. */
export function indexWithin(given: number, size: number): number {
  return given >= -size && given < size ? (given + size) % size : refuse(`index ${given} of ${size} elements`, 'export the model again');
}
