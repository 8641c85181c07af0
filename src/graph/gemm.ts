/** Gemm and QGemm: alpha·A'·B' + beta·C, A' and B' as they stand or transposed, either of them constant or neither, C constant. */
import type { Unit } from './bias.ts';
import { type Call, dimsOf, flagAttribute, floatAttribute } from './call.ts';
import { transposeView } from './constants.ts';
import { draftValue } from './draft.ts';
import type { ConstantView } from './meaning.ts';
import { type Factor, productNode } from './product.ts';
import { refuse } from './report.ts';

const again = 'export the model again; onnx.checker says what is wrong';

/** Shape of input i, transposed where the attribute says so. */
function matrixDims(call: Call, i: number, attribute: string): readonly [number, number] {
  const dims = dimsOf(call, i);
  if (dims.length !== 2) return refuse(`shape [${dims.join(', ')}] is no matrix`, again);
  return flagAttribute(call, attribute, false) ? [dims[1]!, dims[0]!] : [dims[0]!, dims[1]!];
}

/** [M, N] of A (input a) and B (input b). */
export function gemmDims(call: Call, a: number, b: number): readonly number[] {
  const [m, k] = matrixDims(call, a, 'transA');
  const [inner, n] = matrixDims(call, b, 'transB');
  if (k !== inner) refuse(`shapes [${dimsOf(call, a).join(', ')}] and [${dimsOf(call, b).join(', ')}] do not fit together`, again);
  return [m, n];
}

/** A factor as the product reads it. */
export function transposedFactor(call: Call, factor: Factor, attribute: 'transA' | 'transB'): Factor {
  if (!flagAttribute(call, attribute, false)) return factor;
  if (factor.kind === 'value') return { ...factor, transposed: !factor.transposed };
  return transposeView(factor, [1, 0], [factor.dims[1]!, factor.dims[0]!]);
}

/** alpha, which must not be 0: the product would be no product. */
export function alphaOf(call: Call): number {
  const alpha = floatAttribute(call, 'alpha', 1);
  return alpha !== 0 && Number.isFinite(alpha) ? alpha : refuse(`alpha = ${alpha}`, 'fold alpha into the weights before quantizing');
}

/** Per channel, what one unit of the accumulator of a·b stands for: fl(fl(alpha·sa)·sb). */
export function unitOfProduct(call: Call, a: Factor, b: Factor, alpha: number): Unit {
  const scales = (factor: Factor) => (factor.kind === 'value' ? [draftValue(call.draft, factor.value).quantization!.scale] : factor.scales);
  const left = Math.fround(Math.fround(alpha) * scales(a)[0]!);
  const right = scales(b);
  return (channel) => Math.fround(left * right[right.length === 1 ? 0 : channel]!);
}

/**
 * alpha·a·b + bias with alpha above 0: a negative one turns the constant factor's signs, which changes nothing else, since all roundings are symmetric.
 * `bias` gives the bias for the alpha that is left; `turned` says whether signs were turned.
 */
export function gemmNode(
  call: Call,
  [a, b]: readonly [Factor, Factor],
  alpha: number,
  bias: (alpha: number, turned: boolean) => Int32Array | null,
): ReturnType<typeof productNode> {
  if (alpha > 0) return productNode(call, a, b, { alpha, bias: bias(alpha, false), form: 'gemm' });
  const around = { alpha: -alpha, bias: bias(-alpha, true), form: 'gemm' } as const;
  if (b.kind === 'constantView') return productNode(call, a, negated(b), around);
  if (a.kind === 'constantView') return productNode(call, negated(a), b, around);
  return refuse(`alpha = ${alpha} of two computed matrices`, 'use a positive alpha');
}

function negated(view: ConstantView): ConstantView {
  return { ...view, data: view.data.map((q) => -q), zeroPoints: view.zeroPoints.map((q) => -q) };
}
