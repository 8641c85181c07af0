/** The wire scan against files that no exporter writes: typed errors, at once, whatever the bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { fieldLimit } from '../../src/onnx/scan.ts';
import { model, node, part, qdq, tensor, value, weights } from '../support/onnx-builder.ts';
import { chunk, graphField, integer, modelField, varint } from '../support/wire.ts';

const good = model({
  parts: [
    qdq('x', { scale: 0.1, zeroPoint: 3, dtype: 'uint8' }),
    weights('w', [2, 2], [1, -2, 3, -4], { scales: [0.1, 0.2], dtype: 'int8', axis: 1 }),
    part(node('MatMul', ['x_dq', 'w_dq'], ['y'], { a: [1, 2], t: { tensor: tensor('', 'float32', [1], [1], { typed: true }) } })),
  ],
  inputs: [value('x', 'float32', ['N', 2])],
  outputs: [value('y', 'float32', ['N', 2])],
  domains: {},
});

/** The error's code, or null where the bytes decode. Anything but a ZkonnxError is a failure. */
function outcome(bytes: Uint8Array): string | null {
  try {
    decodeModel(bytes);
    return null;
  } catch (error) {
    if (error instanceof ZkonnxError) return error.code;
    throw error;
  }
}

function expectBroken(bytes: readonly number[] | Uint8Array, what: RegExp, code = 'ZK2001'): void {
  let thrown: unknown;
  try {
    decodeModel(Uint8Array.from(bytes));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code });
  expect((thrown as Error).message).toMatch(what);
}

const graph = (...fields: number[][]) => chunk(modelField.graph, fields.flat());
const opset = chunk(modelField.opset, integer(2, 17));

describe('damage', () => {
  test('a file cut off anywhere is refused', () => {
    expect(outcome(good)).toBeNull();
    // Cut between two fields, it is well-formed but has no graph or no operator set.
    for (let length = 0; length < good.length; length++) expect(['ZK2001', 'ZK2005']).toContain(outcome(good.subarray(0, length)));
  });

  test('bytes changed at random never crash the reader', () => {
    const edits = fc.array(fc.tuple(fc.nat(good.length - 1), fc.oneof(fc.constantFrom(0, 0x7f, 0x80, 0xff), fc.nat(255))), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(edits, (changes) => {
        const bytes = good.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        const code = outcome(bytes);
        expect(code === null || /^ZK200[1-6]$/.test(code)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        outcome(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test('an empty file, and files of other kinds', () => {
    expectBroken([], /empty/);
    expectBroken([...new TextEncoder().encode('{"a": 1}\n')], /ModelProto/);
    expectBroken([0x50, 0x4b, 3, 4, 20, 0, 0, 0], /ModelProto/);
  });
});

describe('lengths and numbers', () => {
  test('a length beyond the file', () => expectBroken(chunk(modelField.graph, [], 5), /claims 5 bytes, 0 remain/));
  test('a length of 4 GiB', () => expectBroken(chunk(modelField.graph, [], 2 ** 32 - 1), /claims 4294967295 bytes/));
  test('a length beyond 2^32', () => expectBroken(chunk(modelField.graph, [], 2 ** 34), /length of graph/));
  test('a length in more than 5 bytes, which protobufjs would misread', () =>
    expectBroken([modelField.graph * 8 + 2, ...varint(0, 6)], /6 bytes/));
  test('a varint that never ends', () => expectBroken([8, ...new Array(11).fill(0xff)], /longer than 10 bytes/));
  test('a varint cut off', () => expectBroken([8, 0x80], /cut off/));
  test('a 32-bit number of 7 bytes, which protobufjs would misread', () =>
    expectBroken(graph(chunk(graphField.initializer, [2 * 8, ...varint(1, 7)])), /data_type is a 32-bit number of 7 bytes/));
  test('packed numbers cut off', () => expectBroken(graph(chunk(graphField.initializer, chunk(7, [0x80]))), /int64_data is cut off/));
  test('packed floats of 3 bytes', () => expectBroken(graph(chunk(graphField.initializer, chunk(4, [1, 2, 3]))), /not a multiple of 4/));
  test('a fixed number cut off', () => expectBroken(graph(chunk(graphField.node, chunk(5, [2 * 8 + 5, 0, 0]))), /cut off/));
  test('a message inside metadata that ends beyond its own length', () =>
    expectBroken([...chunk(modelField.metadata, chunk(1, [], 40)), ...new Array(60).fill(0)], /claims 40 bytes, 0 remain/));
});

describe('fields', () => {
  test('a graph given twice: C++ would merge them, protobufjs take the last', () =>
    expectBroken([...opset, ...graph(chunk(graphField.name, 'a')), ...graph(chunk(graphField.name, 'b'))], /graph given twice/));
  test('a name given twice', () => expectBroken(graph(chunk(graphField.name, 'a'), chunk(graphField.name, 'b')), /name given twice/));
  test('two members of one choice', () => {
    const dimension = chunk(1, [...integer(1, 3), ...chunk(2, 'N')]);
    const type = chunk(2, chunk(1, chunk(2, dimension)));
    expectBroken(graph(chunk(graphField.input, type)), /both dim_value and dim_param/);
  });
  test('an unknown field', () => expectBroken(graph(chunk(3, 'old producer')), /unknown field 3 in GraphProto/));
  test('field number 0', () => expectBroken([0, 1], /unknown field 0/));
  test('a group', () => expectBroken([modelField.graph * 8 + 3, modelField.graph * 8 + 4], /group start/));
  test('the wrong wire type', () => expectBroken([modelField.graph * 8, 1], /wire type varint/));
  test('a name that is not UTF-8', () => expectBroken(graph(chunk(graphField.name, [0xff])), /not UTF-8/));
  test('an overlong UTF-8 name, which two readers would see differently', () =>
    expectBroken(graph(chunk(graphField.name, [0xc0, 0xaf])), /not UTF-8/));
});

describe('nesting', () => {
  /** Graph in node in graph …: each level one attribute of one node. */
  function nested(levels: number): Uint8Array {
    const lengths: number[] = [];
    let length = 0;
    for (let i = 0; i < levels; i++) {
      const attribute = 1 + varint(length).length + length;
      const inNode = 1 + varint(attribute).length + attribute;
      length = 1 + varint(inNode).length + inNode;
      lengths.push(length, inNode, attribute);
    }
    const out: number[] = [modelField.graph * 8 + 2, ...varint(length)];
    let at = length;
    for (let i = levels - 1; i >= 0; i--) {
      const [, inNode, attribute] = lengths.slice(3 * i, 3 * i + 3) as [number, number, number];
      const inner = i > 0 ? lengths[3 * (i - 1)]! : 0;
      out.push(graphField.node * 8 + 2, ...varint(inNode), 5 * 8 + 2, ...varint(attribute), 6 * 8 + 2, ...varint(inner));
      at = inner;
    }
    expect(at).toBe(0);
    return Uint8Array.from(out);
  }

  test('a few levels of control flow are read', () => expect(outcome(nested(5))).not.toBe('ZK2002'));
  test('33 levels are too deep', () => expectBroken(nested(11), /deeper than 32 levels/, 'ZK2002'));
  test('100,000 levels are refused without a stack overflow', () => expectBroken(nested(34000), /deeper than 32 levels/, 'ZK2002'));
  test('types in types', () => {
    let type: number[] = chunk(1, integer(1, 1));
    for (let i = 0; i < 40; i++) type = chunk(4, chunk(1, type));
    expectBroken(graph(chunk(graphField.input, chunk(2, type))), /deeper than 32 levels/, 'ZK2002');
  });
});

test('millions of empty nodes are refused by their count', () => {
  const count = fieldLimit + 1;
  const head = [modelField.graph * 8 + 2, ...varint(2 * count)];
  const bytes = new Uint8Array(head.length + 2 * count);
  bytes.set(head);
  for (let i = head.length; i < bytes.length; i += 2) bytes[i] = graphField.node * 8 + 2;
  expectBroken(bytes, /more than 4194304 fields/);
});
