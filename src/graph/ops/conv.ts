/** Conv, 1-D and 2-D: strides, pads, auto_pad, dilations, groups. Weights constant, per tensor or per output channel (axis 0). */
import { floatBias, realBias, unitOf } from '../bias.ts';
import { type Call, dimsOf, hasInput, input, intAttribute, layer, newestOpset, type Op } from '../call.ts';
import { onIntegers } from '../integer.ts';
import { integerConv } from '../integer-linear.ts';
import { asWeights, weightView } from '../linear.ts';
import { activationOperand, pendingResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { imageDims, spatialDims, spatialRank, type Windowed, windowOf } from '../window.ts';

/** Shape of the convolution of inputs x and w, at their positions in the node's list. */
export function convGeometry(call: Call, x: number, w: number): Windowed & { readonly dims: readonly number[]; readonly group: number } {
  const image = dimsOf(call, x);
  const weights = dimsOf(call, w);
  const size = spatialDims(image);
  const again = 'export the model again; onnx.checker says what is wrong';
  const rank = spatialRank(image);
  if (weights.length !== image.length)
    return refuse(`its weights have shape [${weights.join(', ')}], its input [${image.join(', ')}]`, again);
  const group = intAttribute(call, 'group', 1);
  const [m, perGroup] = weights as [number, number];
  const kernel = [rank === 1 ? 1 : weights[2]!, weights[weights.length - 1]!] as const;
  if (group < 1 || m % group !== 0 || image[1] !== perGroup * group) {
    refuse(`${image[1]} channels, weights [${weights.join(', ')}] and group ${group} do not fit together`, again);
  }
  const windowed = windowOf(call, size, kernel, rank);
  return { ...windowed, group, dims: imageDims(image, m, windowed.out) };
}

/** A bias of 8 bits behind a DequantizeLinear. */
function hasFloatBias(call: Call): boolean {
  const bias = hasInput(call, 2) ? input(call, 2) : null;
  return bias?.kind === 'constantView' && bias.dtype !== 'int32';
}

export const convAttributes = ['auto_pad', 'dilations', 'group', 'kernel_shape', 'pads', 'strides'];

export const conv: Op = {
  op: 'Conv',
  facts: { forms: ['QDQ', 'integer'] },
  limits: '1-D and 2-D; constant weights, per tensor or per output channel',
  domain: '',
  opsets: [1, newestOpset],
  attributes: convAttributes,
  inputs: [2, 3],
  shape: (call) => convGeometry(call, 0, 1).dims,
  translate: (call, dims) => {
    if (onIntegers(call)) return integerConv(call, convGeometry(call, 0, 1));
    const x = activationOperand(call, 0).value;
    const weights = asWeights(call, x, weightView(call, 1), 0);
    const unit = unitOf(call, x, weights);
    // Of another type than int32, ONNX Runtime reads it as floats.
    const bias = (hasFloatBias(call) ? realBias : floatBias)(call, 2, [weights.dims[0]!], unit);
    const { window, group } = convGeometry(call, 0, 1);
    return pendingResult(call, dims, { dtype: null }, (y, activation) => ({
      kind: 'conv',
      ...layer(call),
      x,
      weights,
      bias,
      group,
      window,
      activation,
      y,
    }));
  },
};
