/** Sliding windows: sizes of what a Conv or a pool slides over, and the input elements under each output. */
import { transposeOrder } from '../../graph/constants.ts';
import type { Window2d } from '../../graph/graph.ts';
import type { Windows } from '../program.ts';

/** [N, C, H, W] of images, or of signals [N, C, L] with height 1. */
export function imagesOf([batch, channels, ...size]: readonly number[]): [number, number, number, number] {
  return size.length === 1 ? [batch, channels, 1, size[0]] : [batch, channels, size[0], size[1]];
}

/** [N·C, H, W] of images or signals: what pools slide over plane by plane. */
export function planesOf(dims: readonly number[]): [number, number, number] {
  const [batch, channels, height, width] = imagesOf(dims);
  return [batch * channels, height, width];
}

/** Indices of the elements inside each window, row-major; padded positions are dropped. */
export function slidingWindows(x: readonly [number, number, number], y: readonly [number, number, number], window: Window2d): Windows {
  const [planes, height, width] = x;
  const [, outHeight, outWidth] = y;
  const [kernelHeight, kernelWidth] = window.kernel;
  const outputs = planes * outHeight * outWidth;
  const starts = new Int32Array(outputs + 1);
  const indices = new Int32Array(outputs * kernelHeight * kernelWidth);
  let count = 0;
  for (let o = 0; o < outputs; o++) {
    const column = o % outWidth;
    const line = Math.floor(o / outWidth) % outHeight;
    const plane = Math.floor(o / (outWidth * outHeight));
    for (let i = 0; i < kernelHeight; i++) {
      const h = line * window.strides[0] - window.pads[0] + i * window.dilations[0];
      if (h < 0 || h >= height) continue;
      for (let j = 0; j < kernelWidth; j++) {
        const v = column * window.strides[1] - window.pads[1] + j * window.dilations[1];
        if (v >= 0 && v < width) indices[count++] = (plane * height + h) * width + v;
      }
    }
    starts[o + 1] = count;
  }
  return { starts, indices: indices.slice(0, count) };
}

/** Windows of the elements along one axis, in axis order: rows in row-major order of the other axes. */
export function axisWindows(dims: readonly number[], axis: number): Windows {
  const length = dims[axis];
  let inner = 1;
  for (const dim of dims.slice(axis + 1)) inner *= dim;
  let outer = 1;
  for (const dim of dims.slice(0, axis)) outer *= dim;
  const starts = new Int32Array(outer * inner + 1);
  const indices = new Int32Array(outer * inner * length);
  let count = 0;
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < inner; j++) {
      for (let k = 0; k < length; k++) indices[count++] = (i * length + k) * inner + j;
      starts[i * inner + j + 1] = count;
    }
  }
  return { starts, indices };
}

/** Windows of `size` elements one after the other. */
export function evenWindows(indices: Int32Array, size: number): Windows {
  return { starts: Int32Array.from({ length: indices.length / size + 1 }, (_, o) => o * size), indices };
}

/** Windows of the elements along several axes, one window for each place along the others. */
export function axesWindows(dims: readonly number[], axes: readonly number[]): Windows {
  const kept = dims.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const size = axes.reduce((product, axis) => product * dims[axis], 1);
  return evenWindows(transposeOrder(dims, [...kept, ...axes]), size);
}
