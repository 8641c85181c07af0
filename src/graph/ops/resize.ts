/**
 * Resize and Upsample in mode nearest: which pixel is nearest is decided in float32, as ONNX Runtime does.
 * Reference: ONNX Runtime's GetOriginalCoordinate and GetNearestPixel (core/providers/cpu/tensor/upsamplebase.h).
 */
import {
  type Call,
  constantInts,
  dimsOf,
  flagAttribute,
  floatsAttribute,
  hasInput,
  intsAttribute,
  newestOpset,
  normalizeAxis,
  type Op,
  stringAttribute,
} from '../call.ts';
import { applyGather, axisOrder, wholeAxis } from '../gather.ts';
import { constantTensor } from '../quantization.ts';
import { refuse } from '../report.ts';

const fl = Math.fround;
const again = 'export the model again; onnx.checker says what is wrong';

interface Axis {
  /** float32. */
  readonly scale: number;
  readonly out: number;
}

function scalesAt(call: Call, i: number): readonly number[] | null {
  if (!hasInput(call, i)) return null;
  const { dtype, data } = constantTensor(call, i, 'scales');
  if (data.length === 0) return null;
  return dtype === 'float32' ? Array.from(data as Float32Array) : refuse(`its scales are ${dtype}`, again);
}

function axesOf(call: Call): readonly Axis[] {
  const dims = dimsOf(call, 0);
  const upsample = call.node.op === 'Upsample';
  const scales = upsample && call.opset < 9 ? floatsAttribute(call, 'scales', null) : scalesAt(call, upsample || call.opset < 11 ? 1 : 2);
  const sizes = scales === null && hasInput(call, 3) ? constantInts(call, 3) : null;
  const axes = (intsAttribute(call, 'axes', null) ?? dims.map((_, i) => i)).map((axis) => normalizeAxis(axis, dims.length));
  const given = scales ?? sizes ?? refuse('it has neither scales nor sizes', again);
  if (given.length !== axes.length) refuse(`${given.length} scales or sizes for ${axes.length} axes`, again);
  // With a policy, one scale for all axes, after which sizes are rounded.
  const policy = stringAttribute(call, 'keep_aspect_ratio_policy', 'stretch');
  const ratios = sizes === null ? [] : axes.map((axis, i) => fl(sizes[i]! / dims[axis]!));
  const kept = sizes === null || policy === 'stretch' ? null : policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return dims.map((size, axis) => {
    const i = axes.indexOf(axis);
    if (i >= 0 && kept !== null && kept > 0 && kept < 2 ** 20) {
      const out = Math.floor(fl(kept * size) + 0.5);
      return { scale: fl(out / size), out };
    }
    if (i < 0) return { scale: 1, out: size };
    if (!(given[i]! > 0 && given[i]! < 2 ** 20)) refuse(`scale or size ${given[i]}`, again);
    return sizes === null ? { scale: given[i]!, out: Math.floor(fl(given[i]! * size)) } : { scale: fl(given[i]! / size), out: given[i]! };
  });
}

/** float32 coordinate in x of output coordinate `at`. */
function original(mode: string, at: number, { scale, out }: Axis, size: number): number {
  switch (mode) {
    case 'asymmetric':
      return fl(at / scale);
    case 'pytorch_half_pixel':
      return out > 1 ? fl(fl(fl(at + 0.5) / scale) - 0.5) : 0;
    case 'half_pixel':
      return fl(fl(fl(at + 0.5) / scale) - 0.5);
    case 'align_corners':
      return out === 1 ? 0 : fl(fl(at * (size - 1)) / (out - 1));
    default:
      return refuse(`coordinate_transformation_mode "${mode}"`, 'use half_pixel, pytorch_half_pixel, asymmetric or align_corners');
  }
}

function nearest(mode: string, x: number, scale: number): number {
  switch (mode) {
    case 'simple':
      return scale < 1 ? Math.ceil(x) : Math.trunc(x);
    case 'round_prefer_floor':
      return Math.ceil(x - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5);
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
    default:
      return refuse(`nearest_mode "${mode}"`, again);
  }
}

/** Source coordinate of each output coordinate, axis by axis. */
function maps(call: Call): readonly ArrayLike<number>[] {
  const dims = dimsOf(call, 0);
  if (stringAttribute(call, 'mode', 'nearest') !== 'nearest')
    refuse('it interpolates, which ONNX Runtime does in floats', 'resize with mode nearest, or use a ConvTranspose');
  if (flagAttribute(call, 'antialias', false)) refuse('antialias = 1', 'resize without it');
  if (!['stretch', 'not_larger', 'not_smaller'].includes(stringAttribute(call, 'keep_aspect_ratio_policy', 'stretch')))
    refuse('its keep_aspect_ratio_policy is none of stretch, not_larger, not_smaller', again);
  const simple = call.opset < 11 || call.node.op === 'Upsample';
  const transformation = simple ? 'asymmetric' : stringAttribute(call, 'coordinate_transformation_mode', 'half_pixel');
  const rounding = simple ? 'simple' : stringAttribute(call, 'nearest_mode', 'round_prefer_floor');
  return axesOf(call).map((axis, i) => {
    const size = dims[i]!;
    if (axis.scale === 1) return wholeAxis(size);
    return Array.from({ length: axis.out }, (_, at) =>
      Math.min(Math.max(nearest(rounding, original(transformation, at, axis, size), axis.scale), 0), size - 1),
    );
  });
}

const shared: Omit<Op, 'op' | 'opsets' | 'attributes' | 'inputs'> = {
  domain: '',
  shape: (call) => axesOf(call).map(({ out }) => out),
  translate: (call, dims) => applyGather(call, { dims, index: axisOrder(dimsOf(call, 0), maps(call)) }),
};

export const resize: Op = {
  ...shared,
  op: 'Resize',
  limits: 'nearest; half_pixel, pytorch_half_pixel, asymmetric, align_corners',
  opsets: [10, newestOpset],
  attributes: [
    'antialias',
    'axes',
    'coordinate_transformation_mode',
    'cubic_coeff_a',
    'exclude_outside',
    'extrapolation_value',
    'keep_aspect_ratio_policy',
    'mode',
    'nearest_mode',
  ],
  inputs: [2, 4],
};

export const upsample: Op = {
  ...shared,
  op: 'Upsample',
  limits: 'nearest',
  opsets: [7, 9],
  attributes: ['mode', 'scales'],
  inputs: [1, 2],
};
