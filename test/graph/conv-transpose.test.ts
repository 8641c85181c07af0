/** ConvTranspose beside onnxruntime-web, which computes it in floats: never more than a step apart, and by how often. The circuit is exactly the program. */
import { expect, test } from 'vitest';
import { graphOf, kindsOf, reportOf } from '../support/graphs.ts';
import {
  type Attribute,
  bias,
  type ModelParts,
  node,
  type Part,
  part,
  type Quantization,
  qdq,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { type Deviation, deviationFromOrt, expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

interface Case {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly attributes?: Record<string, Attribute>;
}

type Bias = 'none' | 'int32' | 'float';

function transposed(
  { x, w, attributes = {} }: Case,
  scale: number,
  bias8: Bias,
  perChannel = false,
  type: 'uint8' | 'int8' = 'uint8',
): ModelParts {
  const group = typeof attributes.group === 'number' ? attributes.group : 1;
  const xq: Quantization = { scale, zeroPoint: type === 'int8' ? -3 : 120, dtype: type };
  const y: Quantization = { scale: scale === 2 ** -5 ? 2 ** -3 : 0.171, zeroPoint: type === 'int8' ? 9 : 131, dtype: type };
  const unit = scale === 2 ** -5 ? 2 ** -6 : 0.011;
  const scales = Array.from({ length: perChannel ? w[1]! : 1 }, (_, c) => unit * (perChannel ? c + 1 : 1));
  const data = Array.from({ length: w.reduce((a, b) => a * b) }, (_, i) => ((i * 89 + 31) % 255) - 127);
  const channels = w[1]! * group;
  const more: Part[] =
    bias8 === 'int32'
      ? [
          bias(
            'b',
            Array.from({ length: channels }, (_, c) => 700 * c - 500),
            scale,
            Array.from({ length: channels }, (_, c) => scales[c % scales.length]!),
          ),
        ]
      : bias8 === 'float'
        ? [
            {
              nodes: [],
              initializers: [
                tensor(
                  'b_dq',
                  'float32',
                  [channels],
                  Array.from({ length: channels }, (_, c) => 0.37 * c - 0.5),
                ),
              ],
            },
          ]
        : [];
  return {
    parts: [
      qdq('x', xq),
      weights('w', w, data, { scales, dtype: 'int8', axis: 1 }),
      ...more,
      part(node('ConvTranspose', ['x_dq', 'w_dq', ...(bias8 === 'none' ? [] : ['b_dq'])], ['y'], attributes)),
      qdq('y', y, 'out'),
    ],
    inputs: [value('x', 'float32', x)],
    outputs: [value('out', 'float32', null)],
  };
}

const cases: readonly [string, Case][] = [
  ['as it stands', { x: [1, 3, 4, 5], w: [3, 4, 3, 2] }],
  ['strides', { x: [2, 3, 4, 3], w: [3, 2, 3, 3], attributes: { strides: [2, 3] } }],
  ['strides beyond the kernel', { x: [1, 2, 4, 3], w: [2, 3, 2, 1], attributes: { strides: [3, 3] } }],
  ['pads', { x: [1, 3, 5, 4], w: [3, 2, 3, 3], attributes: { strides: [2, 2], pads: [1, 0, 2, 1] } }],
  ['pads beyond the kernel', { x: [1, 2, 6, 6], w: [2, 2, 2, 2], attributes: { pads: [2, 3, 2, 2] } }],
  ['output_padding', { x: [1, 3, 4, 4], w: [3, 2, 3, 3], attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] } }],
  ['dilations', { x: [1, 3, 4, 5], w: [3, 2, 3, 2], attributes: { dilations: [2, 3], strides: [2, 1] } }],
  ['groups', { x: [2, 4, 3, 4], w: [4, 3, 2, 3], attributes: { group: 2, strides: [2, 2] } }],
  ['depthwise', { x: [1, 3, 5, 5], w: [3, 1, 4, 4], attributes: { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] } }],
  ['output_shape', { x: [1, 2, 4, 4], w: [2, 3, 3, 3], attributes: { strides: [2, 2], output_shape: [8, 8] } }],
  [
    'output_shape, odd, SAME_UPPER',
    { x: [1, 2, 4, 4], w: [2, 3, 3, 4], attributes: { strides: [2, 2], output_shape: [8, 7], auto_pad: 'SAME_UPPER' } },
  ],
  ['SAME_UPPER', { x: [1, 2, 4, 5], w: [2, 3, 3, 4], attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' } }],
  ['SAME_LOWER', { x: [1, 2, 4, 5], w: [2, 3, 3, 4], attributes: { strides: [2, 2], auto_pad: 'SAME_LOWER' } }],
  ['VALID', { x: [1, 2, 4, 5], w: [2, 3, 3, 4], attributes: { strides: [2, 1], auto_pad: 'VALID' } }],
  ['signals', { x: [3, 3, 6], w: [3, 2, 4], attributes: { strides: [2], pads: [1, 0] } }],
  [
    'signals by groups, dilated',
    { x: [1, 4, 6], w: [4, 2, 3], attributes: { group: 2, dilations: [2], output_padding: [1], strides: [2] } },
  ],
  ['1×1', { x: [1, 3, 4, 4], w: [3, 5, 1, 1] }],
];

const seeds = [1, 2, 3];

test.each(cases)('%s: powers of two are exact in floats, too', async (_, geometry) => {
  for (const type of ['uint8', 'int8'] as const) {
    const parts = transposed(geometry, 2 ** -5, 'int32', false, type);
    const feeds = randomInputs(parts, 2 ** -5);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  }
});

test('scales of any kind: at most a step apart, hardly ever', async () => {
  const all: Deviation[] = [];
  for (const [, geometry] of cases) {
    for (const [bias8, perChannel] of [
      ['float', false],
      ['int32', true],
    ] as const) {
      const parts = transposed(geometry, 0.043, bias8, perChannel, bias8 === 'int32' ? 'int8' : 'uint8');
      const feeds = seeds.map((seed) => randomInputs(parts, 0.043, seed));
      all.push(await deviationFromOrt(parts, feeds));
    }
  }
  const sum = (of: (d: Deviation) => number) => all.reduce((s, d) => s + of(d), 0);
  console.info(`ConvTranspose: ${sum((d) => d.differing)} of ${sum((d) => d.elements)} elements differ`);
  expect(Math.max(...all.map(({ steps }) => steps))).toBeLessThanOrEqual(1);
  expect(sum((d) => d.elements)).toBeGreaterThan(15_000);
  expect(sum((d) => d.differing)).toBeLessThanOrEqual(sum((d) => d.elements) / 1000);
});

test('scales whose ratio makes every other sum a tie: float noise decides, a step apart at most', async () => {
  // sx·sw/sy = 1/2, none of them a power of two, and weights small enough that nothing saturates.
  const x = { scale: 0.1, zeroPoint: 120, dtype: 'uint8' } as const;
  const w = weights(
    'w',
    [3, 2, 2, 2],
    Array.from({ length: 24 }, (_, i) => (i % 3) - 1),
    { scales: [0.1], dtype: 'int8' },
  );
  const parts: ModelParts = {
    parts: [
      qdq('x', x),
      w,
      part(node('ConvTranspose', ['x_dq', 'w_dq'], ['y'], { strides: [2, 1] })),
      qdq('y', { scale: 0.02, zeroPoint: 128, dtype: 'uint8' }, 'out'),
    ],
    inputs: [value('x', 'float32', [1, 3, 12, 12])],
    outputs: [value('out', 'float32', null)],
  };
  const { elements, differing, steps } = await deviationFromOrt(
    parts,
    [1, 2, 3, 4].map((seed) => randomInputs(parts, 0.05, seed)),
  );
  console.info(`ConvTranspose, ties: ${differing} of ${elements} elements differ`);
  expect(steps).toBeLessThanOrEqual(1);
  expect(differing).toBeLessThan(elements / 2);
});

test('a Relu behind it, and two QuantizeLinears', async () => {
  const inner = transposed(cases[1]![1], 2 ** -5, 'none');
  const [x, w] = inner.parts!;
  const parts: ModelParts = {
    ...inner,
    parts: [
      x!,
      w!,
      part(node('ConvTranspose', ['x_dq', 'w_dq'], ['c'], { strides: [2, 3] }), node('Relu', ['c'], ['y'])),
      qdq('y', { scale: 0.125, zeroPoint: 0, dtype: 'uint8' }, 'out'),
      part(node('QuantizeLinear', ['y', 's', 'z'], ['z_q']), [tensor('s', 'float32', [], [0.5]), tensor('z', 'int8', [], [-100])]),
      part(node('DequantizeLinear', ['z_q', 's', 'z'], ['again'])),
    ],
    outputs: [value('out', 'float32', null), value('again', 'float32', null)],
  };
  const feeds = randomInputs(parts, 2 ** -5);
  expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
});

test('is a convolution of the elements set apart', () =>
  expect(kindsOf(graphOf(transposed(cases[0]![1], 0.05, 'none')))).toEqual(['gather', 'conv']));

test('refused: weights along another axis, and what does not fit', () => {
  const first = transposed(cases[0]![1], 0.05, 'none');
  const along = weights('w', [3, 4, 3, 2], new Array(72).fill(1), { scales: [1, 2, 3], dtype: 'int8', axis: 0 });
  expect(reportOf({ ...first, parts: first.parts!.with(1, along) }).entries[0]!.why).toMatch(/axis 0/);
  const floats = { nodes: [], initializers: [tensor('w_dq', 'float32', [3, 4, 3, 2], new Array(72).fill(0.5))] };
  expect(reportOf({ ...first, parts: first.parts!.with(1, floats) }).entries[0]!.whatToDo).toMatch(/quant_format QDQ/);
  for (const [attributes, why] of [
    [{ group: 2 }, /do not fit/],
    [{ kernel_shape: [2, 2] }, /differs/],
    [{ pads: [9, 9, 9, 9] }, /would have/],
    [{ strides: [0, 1] }, /strides/],
    [{ strides: [2 ** 14, 2 ** 14] }, /places/],
    [{ dilations: [2 ** 29, 1], pads: [2 ** 29, 0, 2 ** 29, 0] }, /places/],
    [{ auto_pad: 'SAME' }, /auto_pad/],
  ] as const)
    expect(
      reportOf(transposed({ ...cases[0]![1], attributes: attributes as Record<string, Attribute> }, 0.05, 'none')).entries[0]!.why,
    ).toMatch(why);
});
