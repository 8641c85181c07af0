/** Operators that move elements, Concat of tensors of several scales, and the change of a scale. */
import type { Attribute } from '../../support/onnx-builder.ts';
import type { Draft, Family, FuzzCase } from '../draft.ts';
import { elements } from '../draft.ts';

interface Move {
  readonly dims: readonly number[];
  readonly more?: (draft: Draft) => readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** One op on one tensor, the same parameters before and behind it. */
function move(op: string, make: (draft: Draft) => Move) {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const { dims, more, attributes } = make(draft);
    const q = scales.quantization(random.dtype());
    const x = draft.input(dims, q);
    return draft.finish([draft.op(op, [x.name, ...(more?.(draft) ?? [])], [], q, attributes ?? {})]);
  };
}

const some = ({ random, small }: Draft): number[] =>
  small ? [1, 4, 2, 2] : [1, 4 * random.int(1, 3), 2 * random.int(1, 5), 2 * random.int(1, 5)];

function shuffled<T>({ random }: Draft, items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.int(0, i);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

const slice = (draft: Draft): Move => {
  const { random } = draft;
  const dims = some(draft);
  const backwards = random.chance(0.3);
  const bounds = dims.map((size) => {
    const start = random.int(0, size - 1);
    return backwards
      ? [start, random.chance(0.5) ? -size - 1 : start - 1 - size, -1]
      : [start - (random.chance(0.5) ? size : 0), random.oneOf([size, 2 ** 40]), random.int(1, 2)];
  });
  return { dims, more: (d) => [0, 1, -1, 2].map((i) => d.ints(i < 0 ? dims.map((_, axis) => axis) : bounds.map((b) => b[i]!))) };
};

const pad = (draft: Draft): Move => {
  const dims = some(draft);
  const mode = draft.random.oneOf(['constant', 'reflect', 'edge']);
  return {
    dims,
    more: (d) => [d.ints([...dims, ...dims].map((size) => draft.random.int(0, Math.min(2, size - 1))))],
    attributes: { mode },
  };
};

const gather = (draft: Draft): Move => {
  const dims = some(draft);
  const axis = draft.random.int(0, 3);
  const size = dims[axis]!;
  return {
    dims,
    more: (d) => [d.ints(Array.from({ length: draft.random.int(1, 4) }, () => draft.random.int(-size, size - 1)))],
    attributes: { axis },
  };
};

const resize = (draft: Draft): Move => {
  const { random } = draft;
  const dims = some(draft);
  const scales = [1, 1, random.oneOf([0.5, 1, 1.5, 2, 2.7, 3]), random.oneOf([1, 2, 0.6])];
  return {
    dims,
    more: (d) => ['', d.floats([4], scales)],
    attributes: {
      mode: 'nearest',
      coordinate_transformation_mode: random.oneOf(['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel']),
      nearest_mode: random.oneOf(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']),
    },
  };
};

function concat(form: 'Concat' | 'QLinearConcat') {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const dtype = random.dtype();
    const dims = some(draft);
    const axis = random.int(0, 3);
    const first = scales.quantization(dtype);
    const wires = Array.from({ length: random.int(2, 3) }, (_, i) => {
      const q = i === 0 || random.chance(0.3) ? first : scales.quantization(dtype, scales.near(first.scale));
      return draft[form === 'Concat' ? 'input' : 'integers'](dims.with(axis, random.int(1, 4)), q);
    });
    const q = random.chance(0.3) ? first : draft.result(dtype, 128 * first.scale);
    if (form === 'Concat')
      return draft.finish([
        draft.op(
          form,
          wires.map((w) => w.name),
          [],
          q,
          { axis },
        ),
      ]);
    const inputs = [...draft.parameters(q), ...wires.flatMap((w) => [w.name, ...draft.parameters(w.q)])];
    return draft.finish([draft.qlinear(form, inputs, [], q, { axis })], true);
  };
}

/** From one scale to another and, if it may be, another type: Q → DQ → Q. */
function requantize(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const dims = draft.small ? [8] : [512];
  const x = draft.input(dims, scales.quantization(random.dtype()));
  // Of one type, two pairs in a row are replaced by one of ONNX Runtime's making: refused.
  return draft.finish([draft.pair(x.name, dims, draft.result(x.q.dtype === 'uint8' ? 'int8' : 'uint8', 128 * x.q.scale))]);
}

function split(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const dims = some(draft);
  const q = scales.quantization(random.dtype());
  const x = draft.input(dims, q);
  const axis = random.int(1, 3);
  const [first, second] = draft.split(x.name, axis, [1, dims[axis]! - 1]);
  return draft.finish([draft.pair(first, [], q), draft.pair(second, [], q)]);
}

const rows = (d: Draft): number[] => (d.small ? [2, 3, 4] : [d.random.int(2, 4), d.random.int(2, 8), d.random.int(4, 24)]);

const gatherElements = (draft: Draft): Move => {
  const { random } = draft;
  const dims = rows(draft);
  const axis = random.int(0, 2);
  const of = dims.with(axis, random.int(1, 5));
  const indices = Array.from({ length: elements(of) }, () => random.int(-dims[axis]!, dims[axis]! - 1));
  return { dims, more: (d) => [d.ints(indices, of)], attributes: { axis } };
};

const gatherNd = (draft: Draft): Move => {
  const { random } = draft;
  const dims = rows(draft);
  const depth = random.int(1, 3);
  const count = random.int(1, 6);
  const indices = Array.from({ length: count * depth }, (_, i) => random.int(-dims[i % depth]!, dims[i % depth]! - 1));
  return { dims, more: (d) => [d.ints(indices, [count, depth])] };
};

const compress = (draft: Draft): Move => {
  const { random } = draft;
  const dims = rows(draft);
  const axis = random.int(0, 2);
  const condition = Array.from({ length: dims[axis]! }, (_, i) => (i === 0 || random.chance(0.5) ? 1 : 0));
  return { dims, more: (d) => [d.integerTensor('bool', [condition.length], condition)], attributes: { axis } };
};

const reverseSequence = (draft: Draft): Move => {
  const { random } = draft;
  const dims = rows(draft);
  const batch = random.int(0, 1);
  const lengths = Array.from({ length: dims[batch]! }, () => random.int(1, dims[1 - batch]!));
  return { dims, more: (d) => [d.ints(lengths)], attributes: { batch_axis: batch, time_axis: 1 - batch } };
};

const centerCropPad = (draft: Draft): Move => {
  const dims = rows(draft.since(18));
  return { dims, more: (d) => [d.ints(dims.map((size) => d.random.int(1, size + 3)))] };
};

export const movements: Family = {
  Transpose: move('Transpose', (d) => ({ dims: some(d), attributes: { perm: shuffled(d, [0, 1, 2, 3]) } })),
  Reshape: move('Reshape', (d) => {
    const dims = some(d);
    return { dims, more: (e) => [e.ints(d.random.oneOf([[-1], [0, -1], [dims[2]!, -1], [elements(dims)], [2, 0, -1]]))] };
  }),
  Flatten: move('Flatten', (d) => ({ dims: some(d), attributes: { axis: d.random.int(-4, 4) } })),
  Slice: move('Slice', slice),
  Split: split,
  Pad: move('Pad', pad),
  Gather: move('Gather', gather),
  GatherElements: move('GatherElements', gatherElements),
  GatherND: move('GatherND', gatherNd),
  Compress: move('Compress', compress),
  ReverseSequence: move('ReverseSequence', reverseSequence),
  CenterCropPad: move('CenterCropPad', centerCropPad),
  Trilu: move('Trilu', (d) => ({
    dims: rows(d.since(14)),
    more: (e) => [e.ints([e.random.int(-2, 2)], [])],
    attributes: { upper: d.random.int(0, 1) },
  })),
  Expand: move('Expand', (d) => ({
    dims: [d.random.int(2, 9), 1, d.random.int(2, 9)],
    more: (e) => [e.ints([2, 1, d.random.int(2, 5), 1])],
  })),
  Tile: move('Tile', (d) => ({ dims: some(d), more: (e) => [e.ints([1, 2, 1, d.random.int(1, 3)])] })),
  DepthToSpace: move('DepthToSpace', (d) => ({ dims: some(d), attributes: { blocksize: 2, mode: d.random.oneOf(['DCR', 'CRD']) } })),
  SpaceToDepth: move('SpaceToDepth', (d) => ({ dims: some(d), attributes: { blocksize: 2 } })),
  Resize: move('Resize', resize),
  Concat: concat('Concat'),
  QLinearConcat: concat('QLinearConcat'),
  'QuantizeLinear of another scale': requantize,
};
