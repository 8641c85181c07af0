/**
 * Ops that pick elements of one tensor by positions known when the model is compiled: Slice, Split, Pad, Gather, Expand, Tile, Resize (nearest),
 * DepthToSpace and others. They cost nothing in a circuit. In: which element stands where. Out: a `gather` node, or moved constants.
 */
import { type Call, input, inputName, layer } from './call.ts';
import { pick } from './constants.ts';
import { draftValue } from './draft.ts';
import type { Fill } from './graph.ts';
import type { ConstantView, Meaning } from './meaning.ts';
import { applyMovement } from './movement.ts';
import { refuse } from './report.ts';

/** Source of each output element where each axis is picked from alone: maps[axis][j] is a coordinate of x, or -1 for none. */
export function axisOrder(dims: readonly number[], maps: readonly ArrayLike<number>[]): Int32Array {
  let order = Int32Array.of(0);
  dims.forEach((size, axis) => {
    const map = maps[axis]!;
    const next = new Int32Array(order.length * map.length);
    let at = 0;
    for (const from of order) {
      const start = from * size;
      for (let j = 0; j < map.length; j++) next[at++] = from < 0 || map[j]! < 0 ? -1 : start + map[j]!;
    }
    order = next;
  });
  return order;
}

/** Every coordinate of an axis, in order. */
export function wholeAxis(size: number): Int32Array {
  return axisMap(size, (i) => i);
}

/** Which coordinate of x stands at each of `size` places of an axis. */
export function axisMap(size: number, from: (place: number) => number): Int32Array {
  const map = new Int32Array(size);
  for (let i = 0; i < size; i++) map[i] = from(i);
  return map;
}

/** `maps` for all axes: those given, the others whole. */
export function axesWith(dims: readonly number[], given: ReadonlyMap<number, ArrayLike<number>>): readonly ArrayLike<number>[] {
  return dims.map((size, axis) => given.get(axis) ?? wholeAxis(size));
}

export interface Gathered {
  readonly dims: readonly number[];
  readonly index: Int32Array;
  readonly fill?: Fill | null;
  /** As `Movement`'s; false unless told. */
  readonly propagates?: boolean;
  readonly output?: number;
}

function pickView(view: ConstantView, dims: readonly number[], index: Int32Array): ConstantView {
  if (view.axis !== null) refuse('it moves constants that are quantized per channel', 'fold constants before quantizing');
  return { ...view, dims, data: pick(view.data, index) };
}

/** A fill beside a computation would pass through the Relu that may follow it; beside a view it must be one of its values. */
function checkFill(call: Call, { value }: Fill): void {
  const x = input(call, 0);
  const advice = 'pad with 0, or put a QuantizeLinear/DequantizeLinear pair before the Pad';
  if (x.kind === 'pending') refuse(`it pads the float result of ${x.computation.op} "${x.computation.name}"`, advice);
  if (x.kind === 'constant' || x.kind === 'constantView') refuse('it pads a constant', 'fold constants before quantizing');
  if (x.kind !== 'view' || value === 0) return;
  const { scale, zeroPoint } = draftValue(call.draft, x.value).quantization!;
  const [low, high] = draftValue(call.draft, x.value).dtype === 'uint8' ? [0, 255] : [-128, 127];
  for (let q = low; q <= high; q++) if (Math.fround((q - zeroPoint) * scale) === value) return;
  refuse(`it pads "${inputName(call, 0)}" with ${value}, which is none of its quantized values`, advice);
}

export function applyGather(call: Call, { dims, index, fill = null, propagates = false, output = 0 }: Gathered): Meaning {
  if (fill !== null) checkFill(call, fill);
  return applyMovement(call, {
    dims,
    node: (x, y) => ({ kind: 'gather', ...layer(call), x, index, fill, y }),
    onTensor: (tensor) => ({ dtype: tensor.dtype, dims, data: pick(tensor.data, index) }),
    onView: (view) => pickView(view, dims, index),
    propagates,
    output,
  });
}
