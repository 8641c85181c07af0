import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { readNpy, writeNpy } from '../../src/tensor/npy.ts';
import { elementCount, type Tensor } from '../../src/tensor/tensor.ts';
import { type NumpyFile, numpyFile } from './numpy-files.ts';
import { anyTensor, mutate } from './tensors.ts';

const written: readonly [NumpyFile, Tensor][] = [
  ['bool', { dtype: 'bool', dims: [3], data: Uint8Array.of(1, 0, 1) }],
  ['uint8', { dtype: 'uint8', dims: [2, 2], data: Uint8Array.of(0, 255, 7, 8) }],
  ['int8', { dtype: 'int8', dims: [2], data: Int8Array.of(-128, 127) }],
  ['uint16', { dtype: 'uint16', dims: [1], data: Uint16Array.of(65535) }],
  ['int16', { dtype: 'int16', dims: [1], data: Int16Array.of(-32768) }],
  ['uint32', { dtype: 'uint32', dims: [1], data: Uint32Array.of(4294967295) }],
  ['int32', { dtype: 'int32', dims: [2], data: Int32Array.of(-2147483648, 5) }],
  ['uint64', { dtype: 'uint64', dims: [1], data: BigUint64Array.of(2n ** 64n - 1n) }],
  ['int64', { dtype: 'int64', dims: [2], data: BigInt64Array.of(-(2n ** 63n), 3n) }],
  ['float16', { dtype: 'float16', dims: [2], data: Uint16Array.of(0x3e00, 0x8000) }],
  ['float32', { dtype: 'float32', dims: [1, 3], data: Float32Array.of(0.1, Number.NaN, Number.NEGATIVE_INFINITY) }],
  ['float64', { dtype: 'float64', dims: [], data: Float64Array.of(0.1) }],
  ['empty', { dtype: 'float32', dims: [2, 0, 3], data: new Float32Array(0) }],
];

test.each(written)('reads what numpy wrote, and writes the same bytes: %s', (name, tensor) => {
  const bytes = numpyFile(name);
  expect(readNpy(bytes)).toEqual(tensor);
  expect(writeNpy(tensor)).toEqual(bytes);
});

test('reads big-endian, Fortran order and format version 2', () => {
  expect(readNpy(numpyFile('bigEndian'))).toEqual({ dtype: 'int32', dims: [1, 3], data: Int32Array.of(1, -2, 3) });
  expect(readNpy(numpyFile('fortran'))).toEqual({ dtype: 'uint8', dims: [2, 3, 4], data: Uint8Array.from({ length: 24 }, (_, i) => i) });
  expect(readNpy(numpyFile('version2'))).toEqual({ dtype: 'uint8', dims: [2], data: Uint8Array.of(1, 2) });
});

test('reads bytes that do not start at the start of their buffer', () => {
  const bytes = numpyFile('int32');
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect([...readNpy(shifted.subarray(3)).data]).toEqual([-2147483648, 5]);
});

test.each([
  ['object', 'pickled Python objects'],
  ['structured', 'structured array'],
  ['complex', 'dtype "<c16"'],
  ['string', 'dtype "<U2"'],
] as const)('refuses %s arrays by name', (name, words) => {
  expect(() => readNpy(numpyFile(name), 'x.npy')).toThrow(words);
});

/** A version 1 file with this header and these element bytes. */
function file(header: string, elements: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(10 + text.length + elements);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  bytes.set(text, 10);
  return bytes;
}

const shape = (dims: string): string => `{'descr': '<f4', 'fortran_order': False, 'shape': ${dims}, }\n`;

test.each([
  ['', 'is no .npy file'],
  [file('not a dict', 0), 'header is no dictionary'],
  [file(`{'descr': '<f4', 'fortran_order': False}`, 0), 'lacks'],
  [file(`{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}`, 4), 'cannot be read at character'],
  [file(`{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': (1,)}`, 4), 'cannot be read at character'],
  [file(shape('(1)'), 4), 'no tuple'],
  [file(shape('(1,,2)'), 8), 'no tuple'],
  [file(shape('(,)'), 4), 'no tuple'],
  [file(shape(`(${'1, '.repeat(65)})`), 4), '65 axes'],
  [file(shape('(3,)'), 8), 'takes 12 bytes, 8 follow the header: the file is cut off'],
  [file(shape('(1,)'), 8), 'takes 4 bytes, 8 follow the header: bytes are left over'],
  [file(shape('(4294967296, 4294967296, 4294967296)'), 4), 'more than can be counted'],
  [file(shape('(9007199254740993, 0)'), 0), 'more than can be counted'],
  [file(shape('(1073741824, 1073741824)'), 4), 'cut off|more than can be counted'],
  [file(`{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }`, 1).fill(2, -1), 'a bool of neither'],
  [numpyFile('float64').subarray(0, 40), 'ends inside its header, at byte 40 of 128'],
  [numpyFile('float64').with(6, 9), 'version 9'],
] as const)('refuses a damaged file %#: says what is wrong', (bytes, words) => {
  const read = (): Tensor => readNpy(typeof bytes === 'string' ? new Uint8Array(0) : bytes, 'x.npy');
  expect(read).toThrow(new RegExp(words.replace(/[.()]/g, '\\$&')));
  expect(read).toThrow(ZkonnxError);
});

test('any tensor comes back as it was', () => {
  fc.assert(
    fc.property(anyTensor(), (tensor) => {
      expect(readNpy(writeNpy(tensor))).toEqual(tensor);
    }),
  );
});

test('writing refuses data that do not fill the shape', () => {
  expect(() => writeNpy({ dtype: 'uint8', dims: [2], data: Uint8Array.of(1) })).toThrow(RangeError);
});

test('a damaged file gives a tensor or ZK4106, nothing else', () => {
  fc.assert(
    fc.property(anyTensor().map(writeNpy).chain(mutate), (bytes) => {
      try {
        const tensor = readNpy(bytes);
        expect(tensor.data.length).toBe(elementCount(tensor.dims));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ZK4106' });
      }
    }),
    { numRuns: 500 },
  );
});

test('a Node Buffer inside a larger one reads like any bytes', () => {
  const tensor: Tensor = { dtype: 'int64', dims: [3], data: BigInt64Array.of(1n, -2n, 3n) };
  const bytes = writeNpy(tensor);
  const pool = Buffer.alloc(bytes.length + 13, 0xff);
  pool.set(bytes, 5);
  expect(readNpy(pool.subarray(5, 5 + bytes.length))).toEqual(tensor);
});
