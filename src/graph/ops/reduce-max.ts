/** ReduceMax and ReduceMin over axes (attribute before opset 18, constant input since): the same on integers as on floats. */
import {
  type Call,
  constantInts,
  dimsOf,
  flagAttribute,
  hasInput,
  intsAttribute,
  layer,
  newestOpset,
  normalizeAxis,
  type Op,
} from '../call.ts';
import { applyMovement } from '../movement.ts';

/** Axes that are reduced, ascending: all unless told. They became an input with opset `inputSince`. */
export function axesOf(call: Call, inputSince = 18): readonly number[] {
  const { length } = dimsOf(call, 0);
  const given = call.opset < inputSince ? intsAttribute(call, 'axes', []) : hasInput(call, 1) ? constantInts(call, 1) : [];
  if (given.length === 0 && flagAttribute(call, 'noop_with_empty_axes', false)) return [];
  const axes = given.length === 0 ? Array.from({ length }, (_, i) => i) : given.map((axis) => normalizeAxis(axis, length));
  return [...new Set(axes)].sort((a, b) => a - b);
}

/** Shape without the axes, or with ones in their place. */
export function reducedDims(call: Call, axes: readonly number[]): readonly number[] {
  const kept = flagAttribute(call, 'keepdims', true);
  return dimsOf(call, 0).flatMap((d, i) => (axes.includes(i) ? (kept ? [1] : []) : [d]));
}

function reduceOp(op: string, least: boolean): Op {
  return {
    op,
    domain: '',
    facts: { forms: ['QDQ', 'integer'], constraints: least ? 'c·(b + 1) + n' : 'c·(b + 1)' },
    opsets: [1, newestOpset],
    attributes: ['axes', 'keepdims', 'noop_with_empty_axes'],
    inputs: [1, 2],
    shape: (call) => reducedDims(call, axesOf(call)),
    translate: (call, dims) =>
      applyMovement(call, {
        dims,
        node: (x, y) => ({ kind: 'reduce', ...layer(call), x, axes: axesOf(call), least, y }),
        onTensor: null,
        onView: null,
        propagates: false,
      }),
  };
}

export const reduceMax = reduceOp('ReduceMax', false);
export const reduceMin = reduceOp('ReduceMin', true);
