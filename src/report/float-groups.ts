/** What `check` says of groups that ONNX Runtime, as it is by default, does not fuse. */
import type { FloatGroup } from '../graph/float-groups.ts';
import { printable } from '../receipt/text.ts';

const ways: Readonly<Record<FloatGroup['cause'], readonly [why: string, way: string | null]>> = {
  int8: [
    'int8 tensors around them have several readers',
    'session option session.qdqisint8allowed = 1 (docs/quantize.md), or activation_type QUInt8',
  ],
  activation: [
    'a Relu or Clip that moves a clamp stands between them and their QuantizeLinear',
    'ranges that begin at 0 (docs/quantize.md)',
  ],
  types: ['int8 and uint8 tensors meet in them', 'one activation type for the whole model'],
  moved: [
    'movement without a Q/DQ pair of its own stands before them',
    'a QuantizeLinear/DequantizeLinear pair behind the movement, as quantize_static puts them',
  ],
  operator: ['it has no integer kernel for them', null],
};

/** None where there is nothing to say. */
export function floatGroupLines(groups: readonly FloatGroup[]): string[] {
  return (['int8', 'types', 'moved', 'activation', 'operator'] as const).flatMap((cause) => {
    const names = groups.filter((group) => group.cause === cause).map(({ node }) => printable(node, 40));
    if (names.length === 0) return [];
    const [why, way] = ways[cause];
    const list = names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
    return [
      `  warning      ONNX Runtime's default session computes ${list} in float32: ${why}.`,
      '               The proof is of the fused graph (profile ort-fused): near a rounding tie the last bit may differ.',
      ...(way === null ? [] : [`               To have the runtime fuse them: ${way}`]),
    ];
  });
}
