/** Geometry of convolutions and pools: sizes, and the pads that auto_pad stands for, against counting. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { graphOf, only } from '../support/graphs.ts';
import { type Attribute, node, part, quantize, value } from '../support/onnx-builder.ts';

/** Output size and window of a MaxPool over [1, 1, height, width]; null where it is refused. */
function pooled(size: readonly [number, number], attributes: Record<string, Attribute>) {
  try {
    const graph = graphOf({
      parts: [quantize('x', { scale: 1, zeroPoint: 0, dtype: 'uint8' }), part(node('MaxPool', ['x_q'], ['y'], attributes))],
      inputs: [value('x', 'float32', [1, 1, ...size])],
      outputs: [value('y', 'uint8', [])],
    });
    return { window: only(graph, 'maxpool').window, dims: graph.outputs[0]!.dims };
  } catch (error) {
    if (error instanceof ZkonnxError && error.code === 'ZK3001') return null;
    throw error;
  }
}

const small = (max: number) => fc.integer({ min: 1, max });
const pair = (max: number) => fc.tuple(small(max), small(max));

test('windows cover what the definition counts', () => {
  const pads = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3));
  fc.assert(
    fc.property(pair(9), pair(4), pair(4), pair(3), pads, fc.boolean(), (size, kernel, strides, dilations, padding, ceil) => {
      const attributes = {
        kernel_shape: [...kernel],
        strides: [...strides],
        dilations: [...dilations],
        pads: [...padding],
        ceil_mode: ceil ? 1 : 0,
      };
      const found = pooled(size, attributes);
      const expected = ([0, 1] as const).map((axis) => {
        const extent = (kernel[axis] - 1) * dilations[axis] + 1;
        const last = size[axis] + padding[axis + 2]!;
        const starts: number[] = [];
        // Windows that end inside the padded image; with ceil_mode also the one that would end behind it.
        for (let start = -padding[axis]!; start + extent <= last; start += strides[axis]) starts.push(start);
        const end = starts.length === 0 ? last : starts[starts.length - 1]! + extent;
        if (ceil && end < last) starts.push(starts[starts.length - 1]! + strides[axis]);
        // ONNX Runtime drops a last one that starts behind the image, if ceil_mode is on.
        if (ceil && starts.length > 0 && starts[starts.length - 1]! >= size[axis]) starts.pop();
        const taps = starts.map((start) => Array.from({ length: kernel[axis] }, (_, k) => start + k * dilations[axis]));
        const empty = taps.some((window) => window.every((at) => at < 0 || at >= size[axis]));
        return starts.length === 0 || empty ? null : starts.length;
      });
      expect(found?.dims ?? null).toEqual(expected.includes(null) ? null : [1, 1, ...expected]);
    }),
    { numRuns: 1500 },
  );
});

test('SAME pads give ⌈size / stride⌉ windows, the odd one after (UPPER) or before (LOWER)', () => {
  fc.assert(
    fc.property(pair(12), pair(5), pair(4), fc.constantFrom('SAME_UPPER', 'SAME_LOWER'), (size, kernel, strides, mode) => {
      const found = pooled(size, { kernel_shape: [...kernel], strides: [...strides], auto_pad: mode })!;
      for (const axis of [0, 1] as const) {
        expect(found.dims[axis + 2]).toBe(Math.ceil(size[axis] / strides[axis]));
        const [before, after] = [found.window.pads[axis]!, found.window.pads[axis + 2]!];
        const more = mode === 'SAME_UPPER' ? after - before : before - after;
        expect([0, 1]).toContain(more);
        const needed = (found.dims[axis + 2]! - 1) * strides[axis] + kernel[axis] - size[axis];
        expect(before + after).toBe(Math.max(0, needed));
      }
    }),
    { numRuns: 500 },
  );
});
