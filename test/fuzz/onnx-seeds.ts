/** ONNX files with what the operators' own cases do not have: subgraphs, functions, sparse and external tensors, other types, many dimensions. */
import onnxProto from 'onnx-proto';
import { modelProto, node, part, qdq, scalar, tensor, value, weights } from '../support/onnx-builder.ts';

const { onnx } = onnxProto;
const encode = (proto: onnxProto.onnx.IModelProto): Uint8Array =>
  new Uint8Array(onnx.ModelProto.encode(onnx.ModelProto.fromObject(proto)).finish());

const base = modelProto({
  parts: [
    qdq('x', { scale: 0.1, zeroPoint: 3, dtype: 'uint8' }),
    weights('w', [2, 2], [1, -2, 3, -4], { scales: [0.1, 0.2], dtype: 'int8', axis: 1 }),
    part(node('MatMul', ['x_dq', 'w_dq'], ['y'], { a: [1, 2], t: { tensor: tensor('', 'float32', [1], [1], { typed: true }) } })),
  ],
  inputs: [value('x', 'float32', ['N', 2])],
  outputs: [value('y', 'float32', ['N', 2])],
});
const body = {
  name: 'body',
  node: [node('Relu', ['p'], ['q'])],
  input: [value('p', 'float32', [1])],
  output: [value('q', 'float32', [1])],
};

export const hostileSeeds: readonly Uint8Array[] = [
  encode(base),
  encode({
    ...base,
    functions: [
      {
        name: 'F',
        domain: 'my.own',
        input: ['p'],
        output: ['q'],
        attribute: ['b'],
        node: [{ ...node('Relu', ['p'], ['q']), attribute: [{ name: 'a', type: 2, refAttrName: 'b' }] }],
      },
    ],
    metadataProps: [{ key: 'k', value: 'v' }],
  }),
  encode({
    ...base,
    graph: {
      ...base.graph!,
      node: [
        ...base.graph!.node!,
        {
          ...node('If', ['c'], ['z']),
          attribute: [
            { name: 'then_branch', type: 5, g: body },
            { name: 'else_branch', type: 5, g: body },
          ],
        },
      ],
      initializer: [
        ...base.graph!.initializer!,
        scalar('c', 'bool', 1),
        tensor('i', 'int64', [2, 1, 3], [1, -(2n ** 63n), 3, 4, 5, 2n ** 63n - 1n]),
      ],
      sparseInitializer: [{ dims: [4], values: tensor('s', 'float32', [1], [1]), indices: tensor('', 'int64', [1], [2]) }],
      valueInfo: [value('y', 'float32', ['N', 2])],
    },
  }),
  encode({
    ...base,
    graph: {
      ...base.graph!,
      initializer: [
        ...base.graph!.initializer!,
        {
          name: 'e',
          dataType: 3,
          dims: [2, 2],
          dataLocation: 1,
          externalData: [
            { key: 'location', value: 'w.bin' },
            { key: 'offset', value: '0' },
          ],
        },
        { name: 'n', dataType: 22, dims: [4], rawData: new Uint8Array(2) },
        { name: 'd', dataType: 11, dims: [2], doubleData: [1, 2] },
      ],
    },
  }),
];
