/**
 * Kernel, strides, pads, dilations of Conv and the pools, and the output size they give. A 1-D signal is an image of height 1.
 * Reference: ONNX Runtime's ComputePad and PoolAttributes::ComputeOutputSize (core/providers/common.h, cpu/nn/pool_attributes.h).
 */
import { type Call, flagAttribute, intsAttribute, stringAttribute } from './call.ts';
import type { Window2d } from './graph.ts';
import { windowElementLimit } from './limits.ts';
import { refuse } from './report.ts';

type Pair = readonly [number, number];

const again = 'export the model again; onnx.checker says what is wrong';

/** One value for each axis of the image; for a signal, the one of its only axis behind a 1. */
function pair(call: Call, name: string, rank: 1 | 2): Pair {
  const given = intsAttribute(call, name, null) ?? new Array<number>(rank).fill(1);
  const values = rank === 1 ? [1, ...given] : given;
  if (values.length !== 2 || values.some((v) => v < 1 || v > 2 ** 30)) refuse(`attribute "${name}" is [${values.join(', ')}]`, again);
  return [values[0]!, values[1]!];
}

/** Height and width of a [N, C, H, W] or [N, C, L] tensor; refuses other ranks. */
export function spatialDims(dims: readonly number[]): Pair {
  if (dims.length !== 3 && dims.length !== 4) {
    return refuse(
      `its input has shape [${dims.join(', ')}]; only 1-D signals [N, C, L] and 2-D images [N, C, H, W] are supported`,
      'use a model of images or signals',
    );
  }
  return dims.length === 3 ? [1, dims[2]!] : [dims[2]!, dims[3]!];
}

/** 1 for a signal, 2 for an image. */
export function spatialRank(dims: readonly number[]): 1 | 2 {
  return dims.length === 3 ? 1 : 2;
}

/** Shape of images (or signals) like `input`, of other channels and size. */
export function imageDims(input: readonly number[], channels: number, [height, width]: Pair): readonly number[] {
  return spatialRank(input) === 1 ? [input[0]!, channels, width] : [input[0]!, channels, height, width];
}

/** Pads before and after along one axis. */
function autoPad(mode: string, size: number, stride: number, extent: number): Pair {
  if (mode === 'VALID') return [0, 0];
  const target = Math.ceil(size / stride);
  const needed = Math.max(0, (target - 1) * stride + extent - size);
  const half = Math.floor(needed / 2);
  return mode === 'SAME_LOWER' ? [needed - half, half] : [half, needed - half];
}

function outputSize(size: number, stride: number, extent: number, pads: Pair, ceil: boolean): number {
  const room = size + pads[0] + pads[1] - extent;
  if (room < 0) return 0;
  let out = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  // The last window must start inside the input or its left padding.
  if (ceil && (out - 1) * stride >= size + pads[0]) out--;
  return out;
}

export interface Windowed {
  readonly window: Window2d;
  readonly out: Pair;
}

/** Geometry of `call` over an image of `size`, or over a signal; `kernel` null: from the attribute. */
export function windowOf(call: Call, size: Pair, kernel: Pair | null, rank: 1 | 2): Windowed {
  const given = intsAttribute(call, 'kernel_shape', null);
  if (given === null && kernel === null) refuse('it has no kernel_shape', again);
  const shape = kernel ?? pair(call, 'kernel_shape', rank);
  if (given !== null && `${given}` !== `${shape.slice(2 - rank)}`) {
    refuse(`kernel_shape [${given.join(', ')}] differs from its weights'`, again);
  }
  const strides = pair(call, 'strides', rank);
  const dilations = pair(call, 'dilations', rank);
  const ceil = flagAttribute(call, 'ceil_mode', false);
  const mode = stringAttribute(call, 'auto_pad', 'NOTSET');
  if (!['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(mode)) refuse(`auto_pad "${mode}"`, again);
  const pads = intsAttribute(call, 'pads', null) ?? new Array<number>(2 * rank).fill(0);
  const explicit = rank === 1 && pads.length === 2 ? [0, pads[0]!, 0, pads[1]!] : pads;
  if (explicit.length !== 4 || explicit.some((p) => p < 0 || p > 2 ** 30))
    refuse(`pads [${explicit.join(', ')}]`, 'negative pads are not supported; slice instead');
  const axis = (i: 0 | 1) => {
    const extent = (shape[i] - 1) * dilations[i] + 1;
    const around: Pair = mode === 'NOTSET' ? [explicit[i]!, explicit[i + 2]!] : autoPad(mode, size[i], strides[i], extent);
    const out = outputSize(size[i], strides[i], extent, around, ceil);
    if (out < 1) refuse(`its window of ${extent} does not fit into ${size[i]}`, again);
    return { around, out };
  };
  const rows = axis(0);
  const columns = axis(1);
  const sides = [rows.around[0], columns.around[0], rows.around[1], columns.around[1]] as const;
  return { window: { kernel: shape, strides, pads: sides, dilations }, out: [rows.out, columns.out] };
}

/**
 * Refuses pools with a window that holds no element: its maximum or average would be of nothing; and pools whose windows together are beyond bounds.
 */
export function checkPool({ window, out }: Windowed, size: Pair, planes: number): void {
  const count = planes * out[0] * out[1] * window.kernel[0] * window.kernel[1];
  if (count > windowElementLimit)
    refuse(`its windows hold ${count} elements, at most ${windowElementLimit} are taken`, 'use a smaller model or input');
  for (const i of [0, 1] as const) {
    const step = window.dilations[i];
    for (let o = 0; o < out[i]; o++) {
      const start = o * window.strides[i] - window.pads[i]!;
      // The first element that is not in the padding before the image.
      const first = start < 0 ? Math.ceil(-start / step) : 0;
      if (first >= window.kernel[i] || start + first * step >= size[i])
        refuse('one of its windows lies wholly in the padding', 'use less padding');
    }
  }
}
