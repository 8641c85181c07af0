import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namedTensors, parseTensorFile } from '../../src/tensor/file.ts';
import { readJson, readNdjson } from '../../src/tensor/json.ts';
import { writeNpy } from '../../src/tensor/npy.ts';
import { writeNpz } from '../../src/tensor/npz.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { mutate } from './tensors.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const unnamed = (text: string): Tensor => {
  const value = readJson(utf8(text), 'x.json');
  if (value.kind !== 'unnamed') throw new Error('named');
  return value.tensor;
};

test.each([
  ['5', 'int64', [], [5n]],
  ['[]', 'int64', [0], []],
  ['[[],[]]', 'int64', [2, 0], []],
  [' [ 1 , -2 ,\n3 ] ', 'int64', [3], [1n, -2n, 3n]],
  ['[[1,2],[3,4.5]]', 'float64', [2, 2], [1, 2, 3, 4.5]],
  ['[1.0, 2e0]', 'int64', [2], [1n, 2n]],
  ['[9007199254740993]', 'float64', [1], [9007199254740992]],
  ['[[true],[false]]', 'bool', [2, 1], [1, 0]],
  ['[-0.5e-3]', 'float64', [1], [-0.0005]],
] as const)('%s', (text, dtype, dims, data) => {
  const tensor = unnamed(text);
  expect([tensor.dtype, tensor.dims, [...tensor.data]]).toEqual([dtype, dims, data]);
});

test('an object holds arrays by name', () => {
  const value = readJson(utf8('{"image":[[1]],"__proto__":2,"\\u00e4\\"":[0.5]}'));
  expect(value.kind === 'named' && [...value.tensors].map(([name, { dims }]) => [name, dims])).toEqual([
    ['image', [1, 1]],
    ['__proto__', []],
    ['ä"', [1]],
  ]);
  expect(readJson(utf8('{}'))).toEqual({ kind: 'named', tensors: new Map() });
});

test.each([
  ['', 'cut off at character 0'],
  ['[1,2', 'cut off at character 4'],
  ['[1,]', 'expected a number, true, false or a list at character 3'],
  ['[,1]', 'expected a number, true, false or a list at character 1'],
  ['[1 2]', 'expected a comma or ] at character 3'],
  ['[1] 2', 'something is left over at character 4'],
  ['[[1,2],[3]]', 'a list of 1 beside lists of 2 at character 9'],
  ['[[],[1]]', 'a list of 1 beside lists of 0'],
  ['[1,[2]]', 'different depths at character 3'],
  ['[[1],2]', 'different depths at character 5'],
  ['[[1],[[2]]]', 'different depths'],
  ['[[],1]', 'different depths'],
  ['[NaN]', 'NaN or Infinity, which JSON does not have, at character 1'],
  ['[1,-Infinity]', 'NaN or Infinity, which JSON does not have, at character 3'],
  ['[1e999]', 'beyond the range of float64 at character 1'],
  ['[null]', 'expected a number'],
  ['["7"]', 'expected a number'],
  ['[01]', 'expected a number'],
  ['[+1]', 'expected a number'],
  ['[1.]', 'expected a number'],
  ['[0x10]', 'expected a number'],
  ['[truely]', 'expected a number'],
  ['[1,true]', 'numbers mixed with true and false at character 3'],
  ['{"a":1,"a":2}', 'a second array named "a"'],
  ['{"a":{"b":1}}', 'expected a number'],
  ['{"a" 1}', 'expected a colon at character 5'],
  ['{"a":1', 'expected a comma or } at character 6'],
  ['{"a":1,}', 'expected a name in double quotes'],
  ['{a:1}', 'expected a name in double quotes'],
  ['{"\\x":1}', 'no JSON string'],
  ['[{"a":1}]', 'expected a number'],
  ['['.repeat(65), 'nested deeper than 64 at character 64'],
] as const)('refuses %s', (text, words) => {
  expect(() => readJson(utf8(text), 'x.json')).toThrow(words);
  expect(() => readJson(utf8(text), 'x.json')).toThrow('x.json: ');
});

test('messages quote no value', () => {
  expect(() => readJson(utf8('[123456, 7890123 x]'))).toThrow(/^(?!.*(123456|7890123))/);
});

test('refuses bytes that are no text', () => {
  expect(() => readJson(Uint8Array.of(0x5b, 0xff, 0x5d))).toThrow('no UTF-8');
});

test('agrees with JSON.parse on nested lists', () => {
  const number = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, -0, 255, 256, 2 ** 53, 1e300, 5e-324),
  );
  const nested = fc
    .array(fc.nat({ max: 3 }), { maxLength: 3 })
    .chain((dims) => dims.reduceRight<fc.Arbitrary<unknown>>((inner, n) => fc.array(inner, { minLength: n, maxLength: n }), number));
  fc.assert(
    fc.property(nested, fc.nat({ max: 2 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const flat = [JSON.parse(text)].flat(9) as number[];
      // JSON.stringify writes −0 as 0.
      expect(Array.from(unnamed(text).data, Number)).toEqual(flat);
    }),
  );
});

test('a damaged file gives tensors or ZK4106, nothing else', () => {
  const file = fc.constantFrom('{"image":[[1,2.5],[true,4]],"b":7}', '[[[1,2],[3,4]]]', '[-1e-7,[2]]').map(utf8);
  fc.assert(
    fc.property(file.chain(mutate), (bytes) => {
      try {
        readJson(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ZK4106' });
      }
    }),
    { numRuns: 1000 },
  );
});

test('NDJSON: one input per line, empty lines skipped, errors with their line', () => {
  expect(readNdjson(utf8('[1,2]\r\n\n[3,4]\n')).length).toBe(2);
  expect(() => readNdjson(utf8('[1]\n\n[2,]\n'), 'x.ndjson')).toThrow(
    'x.ndjson line 3: expected a number, true, false or a list at character 3',
  );
});

const x: Tensor = { dtype: 'uint8', dims: [2], data: Uint8Array.of(1, 2) };
const wanted = [{ name: 'x', dims: [1, 2] }];

test('the extension decides', () => {
  expect(parseTensorFile('a/b.NPY', writeNpy(x))).toEqual({ kind: 'unnamed', tensor: x });
  expect(parseTensorFile('b.npz', writeNpz(new Map([['x', x]])))).toEqual({ kind: 'named', tensors: new Map([['x', x]]) });
  expect(parseTensorFile('b.json', utf8('1')).kind).toBe('unnamed');
  expect(parseTensorFile('b.jsonl', utf8('1')).kind).toBe('rows');
  expect(parseTensorFile('b.ndjson', utf8('1')).kind).toBe('rows');
  for (const name of ['b.txt', 'npz', 'a.npz/b', '']) expect(() => parseTensorFile(name, writeNpy(x)), name).toThrow('no known kind');
});

test('an array without a name is the only input; a missing leading 1 is put there', () => {
  const expected = { x: { ...x, dims: [1, 2] } };
  expect(namedTensors({ kind: 'unnamed', tensor: x }, wanted, 'f')).toEqual(expected);
  expect(namedTensors({ kind: 'named', tensors: new Map([['arr_0', x]]) }, wanted, 'f')).toEqual(expected);
  expect(() => namedTensors({ kind: 'unnamed', tensor: x }, [...wanted, { name: 'y', dims: [1] }], 'f')).toThrow('no values for input "x"');
});

test('other shapes and names are left to who runs the model', () => {
  const named = new Map([
    ['x', { ...x, dims: [2, 1] }],
    ['labels', x],
  ]);
  expect(namedTensors({ kind: 'named', tensors: named }, wanted, 'f')).toEqual(Object.fromEntries(named));
});

test('lines are joined along axis 0, with or without the leading 1', () => {
  const joined = { x: { dtype: 'int64', dims: [3, 2], data: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n) } };
  expect(namedTensors(parseTensorFile('f.ndjson', utf8('[1,2]\n[[3,4]]\n{"x":[5,6]}')), wanted, 'f')).toEqual(joined);
  const floats = namedTensors(parseTensorFile('f.ndjson', utf8('[1,2]\n[0.5,4]')), wanted, 'f');
  expect(floats).toEqual({ x: { dtype: 'float64', dims: [2, 2], data: Float64Array.of(1, 2, 0.5, 4) } });
});

test.each([
  ['', 'holds no input'],
  ['[1,2]\n[1,2,3]', 'input 1 has int64 [3] for "x", input 0 has int64 [1, 2]'],
  ['[1,2]\n[true,false]', 'input 1 has bool'],
  ['{"x":[1,2]}\n{"y":[1,2]}', 'input 1 names other arrays'],
  ['{"x":[1,2]}\n{"x":[1,2],"y":1}', 'input 1 names other arrays'],
])('lines must agree: %s', (text, words) => {
  expect(() => namedTensors(parseTensorFile('f.ndjson', utf8(text)), wanted, 'f')).toThrow(words);
});
