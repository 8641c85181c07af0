/**
 * RequantShift(x, mul, add) of integer networks (QuantLib, DORY, Deeploy): y = clamp(⌊(x·mul + add + div/2)/div⌋), mul and add constant, one or one per
 * channel; div a power of two. n_levels and signed give the clamps: 0 … n − 1, or −n/2 … n/2 − 1.
 */
import type { OnnxAttribute } from '../../onnx/model.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { type Call, dimsOf, input, inputName, layer, newestOpset, type Op } from '../call.ts';
import { channelsOf } from '../float-binary.ts';
import { integerAt, integerConstant, integerResult, integersOfConstant } from '../integer.ts';
import { refuse } from '../report.ts';
import type { Channels } from '../unary.ts';

const spelling =
  'write it as QuantLib does: attributes div, n_levels (or n_levels_out) and signed, each one number; inputs x, mul, add of domain ai.onnx or PACTOps';

/** The one number that an attribute holds, be it an integer, a float or a tensor. */
function numberOf(name: string, attribute: OnnxAttribute): number {
  switch (attribute.kind) {
    case 'int':
    case 'float':
      return attribute.value;
    case 'tensor':
      if (attribute.value.data.length === 1) return integersOfConstant(attribute.value, name)[0]!;
      return refuse(`attribute "${name}" is a tensor of ${attribute.value.data.length} elements`, spelling);
    default:
      return refuse(`attribute "${name}" is of kind ${attribute.kind}`, spelling);
  }
}

function attributeOf(call: Call, names: readonly string[]): number {
  const given = names.filter((name) => call.node.attributes.has(name));
  if (given.length !== 1) return refuse(`${given.length} attributes of ${names.join(', ')}`, spelling);
  return numberOf(given[0]!, call.node.attributes.get(given[0]!)!);
}

/** Clamps of y, and its type. */
function levels(call: Call): { readonly dtype: 'uint8' | 'int8'; readonly min: number; readonly max: number } {
  const count = attributeOf(call, ['n_levels', 'n_levels_out']);
  const signed = attributeOf(call, ['signed']);
  if (signed !== 0 && signed !== 1) refuse(`signed = ${signed}`, spelling);
  if (!(Number.isInteger(count) && count >= 2 && count <= 256) || (signed === 1 && count % 2 !== 0))
    refuse(`${count} levels`, 'use 2 to 256 levels, an even number of signed ones');
  return signed === 1 ? { dtype: 'int8', min: -count / 2, max: count / 2 - 1 } : { dtype: 'uint8', min: 0, max: count - 1 };
}

function divisor(call: Call): number {
  const div = attributeOf(call, ['div']);
  for (let power = 1; power <= 2 ** 30; power *= 2) if (power === div) return div;
  return refuse(`div = ${div}`, 'use a power of two up to 2^30');
}

/** One constant for each of `count` channels. */
function perChannel(call: Call, i: number, count: number): Int32Array {
  const { data } = integerConstant(call, i, inputName(call, i));
  return data.length === 1 ? new Int32Array(count).fill(data[0]!) : data;
}

function translate(call: Call, dims: readonly number[]) {
  if (!call.draft.integerNetwork && input(call, 0).kind !== 'integer') {
    return refuse(
      `its input "${inputName(call, 0)}" is float: a model with QuantizeLinear or DequantizeLinear is no integer network`,
      'use one of the two throughout, or RequantShift behind MatMulInteger and ConvInteger only',
    );
  }
  const x = integerAt(call, 0);
  const { dtype, min, max } = levels(call);
  const div = divisor(call);
  const channels = [1, 2].map((i) => channelsOf(input(call, i).dims!, dims)).reduce(joined);
  const muls = perChannel(call, 1, channels.count);
  const adds = perChannel(call, 2, channels.count);
  return integerResult(call, dims, dtype, (y) => ({
    kind: 'shift',
    ...layer(call),
    x,
    muls,
    adds,
    div,
    inner: channels.inner,
    min,
    max,
    y,
  }));
}

function joined(a: Channels, b: Channels): Channels {
  if (a.count > 1 && b.count > 1 && (a.count !== b.count || a.inner !== b.inner))
    return refuse('mul and add lie along different axes', 'give both the shape [C, 1, 1], or [N] behind a Gemm');
  return a.count > 1 ? a : b;
}

const shared = {
  op: 'RequantShift',
  limits: 'integer networks only; constant mul and add, one or one per channel; div a power of two; at most 256 levels',
  facts: { constraints: 'n·S' },
  attributes: ['div', 'n_levels', 'n_levels_out', 'signed'],
  inputs: [3, 3] as const,
  shape: (call: Call) => {
    const dims = dimsOf(call, 0);
    if (elementCount(dimsOf(call, 1)) > elementCount(dims)) refuse('its mul widens its input', spelling);
    return dims;
  },
  translate,
};

export const requantShift: Op = { ...shared, domain: '', opsets: [1, newestOpset] };
export const pactRequantShift: Op = { ...shared, domain: 'PACTOps', opsets: [1, 1] };
