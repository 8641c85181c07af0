/**
 * ConvTranspose, 1-D and 2-D, between Q/DQ pairs: the convolution of x, its elements set `strides` apart among zeros, with the kernel turned round. ONNX Runtime computes it in
 * floats; the profile's formula is the convolution's.
 * Reference: ONNX Runtime, ComputeTransposePadAndOutputShape (core/providers/cpu/nn/conv_transpose_attributes.h).
 */
import { elementCount } from '../../tensor/tensor.ts';
import { realBias, unitOf } from '../bias.ts';
import { type Call, dimsOf, intAttribute, intsAttribute, layer, newestOpset, type Op, stringAttribute } from '../call.ts';
import { pick } from '../constants.ts';
import { addValue, draftValue } from '../draft.ts';
import { axisOrder, wholeAxis } from '../gather.ts';
import type { Weights } from '../graph.ts';
import { elementLimit } from '../limits.ts';
import { asWeights, weightView } from '../linear.ts';
import type { ConstantView } from '../meaning.ts';
import { activationOperand, pendingResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { spatialDims, spatialRank } from '../window.ts';

const quantizedAdvice = 'quantize with quant_format QDQ, which quantizes its weights: the QOperator format leaves it in floats';
const again = 'export the model again; onnx.checker says what is wrong';

/** One spatial axis: of x, of the kernel, of the result, and the pad before it (negative where the result is cropped). */
interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly out: number;
}

interface Geometry {
  readonly group: number;
  /** One for a signal, two for an image. */
  readonly axes: readonly Axis[];
  readonly dims: readonly number[];
}

/** Attribute of one number for each axis. */
function perAxis(call: Call, name: string, rank: number, byDefault: number, least: number): readonly number[] {
  const given = intsAttribute(call, name, null) ?? new Array<number>(rank).fill(byDefault);
  if (given.length !== rank || given.some((v) => v < least || v > 2 ** 30)) refuse(`attribute "${name}" is [${given.join(', ')}]`, again);
  return given;
}

function geometryOf(call: Call): Geometry {
  const image = dimsOf(call, 0);
  const weights = dimsOf(call, 1);
  spatialDims(image);
  const rank = spatialRank(image);
  if (weights.length !== image.length)
    return refuse(`its weights have shape [${weights.join(', ')}], its input [${image.join(', ')}]`, again);
  const group = intAttribute(call, 'group', 1);
  if (group < 1 || image[1]! % group !== 0 || weights[0] !== image[1])
    refuse(`${image[1]} channels, weights [${weights.join(', ')}] and group ${group} do not fit together`, again);
  const kernel = weights.slice(2);
  const given = intsAttribute(call, 'kernel_shape', null);
  if (given !== null && `${given}` !== `${kernel}`) refuse(`kernel_shape [${given.join(', ')}] differs from its weights'`, again);
  const mode = stringAttribute(call, 'auto_pad', 'NOTSET');
  if (!['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(mode)) refuse(`auto_pad "${mode}"`, again);
  const strides = perAxis(call, 'strides', rank, 1, 1);
  const dilations = perAxis(call, 'dilations', rank, 1, 1);
  const more = perAxis(call, 'output_padding', rank, 0, 0);
  const pads = perAxis(call, 'pads', 2 * rank, 0, 0);
  // Some exporters write the whole shape, batch and channels included.
  const wanted = intsAttribute(call, 'output_shape', null)?.slice(-rank) ?? null;
  if (wanted !== null && wanted.length !== rank) refuse(`output_shape [${wanted.join(', ')}]`, again);
  const axes = kernel.map((size, i): Axis => {
    const [length, stride, dilation] = [image[i + 2]!, strides[i]!, dilations[i]!];
    const whole = (length - 1) * stride + more[i]! + (size - 1) * dilation + 1;
    const same = mode === 'SAME_UPPER' || mode === 'SAME_LOWER';
    const asked = wanted?.[i] ?? (same ? length * stride : null);
    const total = asked === null ? null : Math.max(0, whole - asked);
    const half = total === null ? 0 : mode === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2);
    const before = total !== null ? half : mode === 'VALID' ? 0 : pads[i]!;
    const after = total !== null ? total - half : mode === 'VALID' ? 0 : pads[i + rank]!;
    const out = wanted?.[i] ?? whole - before - after;
    if (out < 1) refuse(`its result would have ${out} elements along axis ${i + 2}`, again);
    return { size: length, kernel: size, stride, dilation, before, out };
  });
  const places = axes.reduce((count, { out, kernel: k, dilation }) => count * (out + (k - 1) * dilation), image[0]! * image[1]!);
  if (places > elementLimit)
    refuse(`its elements set apart take ${places} places, at most ${elementLimit} are taken`, 'use a smaller model or input');
  return { group, axes, dims: [image[0]!, weights[1]! * group, ...axes.map(({ out }) => out)] };
}

/** The kernel of the convolution: [C, M/group, …] to [M, C/group, …], turned round; scales per output channel of all groups. */
function turned(view: ConstantView, group: number): ConstantView {
  const [channels, perGroup, ...kernel] = view.dims as [number, number, ...number[]];
  const inputs = channels / group;
  const area = elementCount(kernel);
  const order = new Int32Array(view.data.length);
  for (let i = 0; i < order.length; i++) {
    const at = i % area;
    const input = Math.floor(i / area) % inputs;
    const output = Math.floor(i / (area * inputs));
    const [g, m] = [Math.floor(output / perGroup), output % perGroup];
    order[i] = ((g * inputs + input) * perGroup + m) * area + (area - 1 - at);
  }
  const dims = [perGroup * group, inputs, ...kernel];
  const data = pick(view.data, order);
  if (view.axis === null) return { ...view, dims, data };
  if (view.axis !== 1)
    refuse(
      `its weights are quantized along axis ${view.axis}, not along the output channels (axis 1)`,
      'quantize per tensor or along axis 1',
    );
  const groups = Int32Array.from({ length: perGroup * group }, (_, m) => m % perGroup);
  return { ...view, dims, data, axis: 0, scales: pick(view.scales, groups), zeroPoints: pick(view.zeroPoints, groups) };
}

/** Which element of x stands at each place that the turned kernel slides over; -1 for the zeros between and around. */
function setApart({ size, kernel, stride, dilation, before, out }: Axis): number[] {
  const reach = (kernel - 1) * dilation;
  return Array.from({ length: out + reach }, (_, at) => {
    const place = at + before - reach;
    return place >= 0 && place % stride === 0 && place / stride < size ? place / stride : -1;
  });
}

export const convTranspose: Op = {
  op: 'ConvTranspose',
  limits: '1-D and 2-D; constant weights, per tensor or along axis 1; a constant bias',
  facts: {
    exactness: "the profile's formula; the runtime computes floats: 0 of 673,800 elements differ, but by a step where sums are ties",
  },
  domain: '',
  opsets: [1, newestOpset],
  attributes: ['auto_pad', 'dilations', 'group', 'kernel_shape', 'output_padding', 'output_shape', 'pads', 'strides'],
  inputs: [2, 3],
  shape: (call) => geometryOf(call).dims,
  translate: (call, dims) => {
    const x = activationOperand(call, 0).value;
    const { group, axes } = geometryOf(call);
    const weights: Weights = asWeights(call, x, turned(weightView(call, 1, quantizedAdvice), group), 0);
    const bias = realBias(call, 2, [dims[1]!], unitOf(call, x, weights));
    const [batch, channels] = dimsOf(call, 0);
    const maps = [wholeAxis(batch!), wholeAxis(channels!), ...axes.map(setApart)];
    const pair = (f: (axis: Axis) => number) => [axes.length === 1 ? 1 : f(axes[0]!), f(axes.at(-1)!)] as const;
    const window = {
      kernel: pair(({ kernel }) => kernel),
      strides: [1, 1],
      pads: [0, 0, 0, 0],
      dilations: pair((a) => a.dilation),
    } as const;
    return pendingResult(call, dims, { dtype: null, elementwise: true }, (y, activation) => {
      const { dtype, quantization } = draftValue(call.draft, x);
      const spaced = { name: `${draftValue(call.draft, y).name}:set apart`, dtype, dims: maps.map((map) => map.length), quantization };
      const apart = addValue(call.draft, spaced);
      const index = axisOrder(dimsOf(call, 0), maps);
      call.draft.nodes.push({ kind: 'gather', ...layer(call), x, index, fill: { kind: 'real', value: 0 }, y: apart });
      return { kind: 'conv', ...layer(call), x: apart, weights, bias, group, window, activation, y };
    });
  },
};
