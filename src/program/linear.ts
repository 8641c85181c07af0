/**
 * Rows of a linear map: which inputs one output reads, with which integer weights. Interval arithmetic, the circuit lowering and
 * (in slow form) the evaluator all read rows from here, so that bounds and constraints speak of the same sums.
 *
 * In: a LinearMap and an output index o. Out: taps in buffers of the caller's, so that no object is made per weight.
 */
import type { LinearMap } from './program.ts';

/** `y[o] = constant + Σ_{t < count} ws[t]·x[xs[t]]`. */
export interface LinearRow {
  readonly count: number;
  /** Bias and folded zero point: bias − xZero·Σw over the taps present (padding contributes nothing). Exact, may exceed int32. */
  readonly constant: number;
}

/** The most taps a row of the map can have: the length `linearRow`'s buffers need. */
export function maxTaps(map: LinearMap): number {
  switch (map.kind) {
    case 'conv2d':
      return (map.x[1] / map.group) * map.kernel[0] * map.kernel[1];
    case 'matmul':
      return map.inner;
    case 'windowsum': {
      const { starts } = map.windows;
      let most = 0;
      for (let o = 0; o + 1 < starts.length; o++) most = Math.max(most, starts[o + 1] - starts[o]);
      return most;
    }
  }
}

/** Number of outputs. */
export function rowCount(map: LinearMap): number {
  switch (map.kind) {
    case 'conv2d':
      return map.y[0] * map.y[1] * map.y[2] * map.y[3];
    case 'matmul':
      return map.rows * map.columns;
    case 'windowsum':
      return map.windows.starts.length - 1;
  }
}

/** Writes row o's taps into xs (input indices, ascending, distinct) and ws (weights ≠ 0). Zero weights are left out. */
export function linearRow(map: LinearMap, o: number, xs: Int32Array, ws: Int32Array): LinearRow {
  switch (map.kind) {
    case 'conv2d':
      return convRow(map, o, xs, ws);
    case 'matmul': {
      const { inner, columns, weights, xZero } = map;
      const column = o % columns;
      const row = (o - column) / columns;
      const matrix = matrixOf(map, row) * inner * columns;
      let count = 0;
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        const w = weights[matrix + k * columns + column];
        if (w === 0) continue;
        xs[count] = row * inner + k;
        ws[count++] = w;
        sum += w;
      }
      return { count, constant: map.bias[o % map.bias.length] - xZero * sum };
    }
    case 'windowsum': {
      const { starts, indices } = map.windows;
      const count = starts[o + 1] - starts[o];
      for (let t = 0; t < count; t++) {
        xs[t] = indices[starts[o] + t];
        ws[t] = 1;
      }
      return { count, constant: -map.xZero * count };
    }
  }
}

/** Which of its weights' matrices a matmul multiplies that row of x by. */
export function matrixOf({ rowsEach, inner, columns, weights }: LinearMap & { kind: 'matmul' }, row: number): number {
  return Math.floor(row / rowsEach) % (weights.length / (inner * columns));
}

function convRow(map: LinearMap & { kind: 'conv2d' }, o: number, xs: Int32Array, ws: Int32Array): LinearRow {
  const [, channels, height, width] = map.x;
  const [, outChannels, outHeight, outWidth] = map.y;
  const [kernelHeight, kernelWidth] = map.kernel;
  const perGroup = channels / map.group;
  const column = o % outWidth;
  const line = ((o - column) / outWidth) % outHeight;
  const outPlane = Math.floor(o / (outWidth * outHeight));
  const out = outPlane % outChannels;
  const image = (outPlane - out) / outChannels;
  const firstPlane = image * channels + Math.floor(out / (outChannels / map.group)) * perGroup;
  const top = line * map.strides[0] - map.pads[0];
  const left = column * map.strides[1] - map.pads[1];
  let count = 0;
  let sum = 0;
  for (let c = 0; c < perGroup; c++) {
    for (let i = 0; i < kernelHeight; i++) {
      const h = top + i * map.dilations[0];
      if (h < 0 || h >= height) continue;
      const base = ((out * perGroup + c) * kernelHeight + i) * kernelWidth;
      for (let j = 0; j < kernelWidth; j++) {
        const v = left + j * map.dilations[1];
        if (v < 0 || v >= width) continue;
        const w = map.weights[base + j];
        if (w === 0) continue;
        xs[count] = ((firstPlane + c) * height + h) * width + v;
        ws[count++] = w;
        sum += w;
      }
    }
  }
  return { count, constant: map.bias[out] - map.xZero * sum };
}
