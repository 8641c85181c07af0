/**
 * NumPy's .npy: one array with its dtype and shape. Bytes in, Tensor out, and back. Pure and browser-safe.
 * Bounded: every count is checked against the bytes that are there before anything is allocated; left-over bytes are refused.
 *
 * Layout: "\x93NUMPY", major, minor, header length (u16 in version 1, u32 in 2 and 3), a Python dict literal padded with spaces and ended
 * by \n, e.g. {'descr': '<f4', 'fortran_order': False, 'shape': (1, 28, 28), }, then the elements.
 * Read: both byte orders; Fortran order is transposed. Refused: pickled objects, structured, complex, string and date arrays.
 * Reference: numpy.lib.format (NEP 1).
 */
import { ZkonnxError } from '../errors.ts';
import { type DType, elementCount, type Tensor, type TensorData } from './tensor.ts';

/** NumPy's type code (without byte order) and size for each of our dtypes. */
const codes: Readonly<Record<DType, string>> = {
  bool: 'b1',
  uint8: 'u1',
  int8: 'i1',
  uint16: 'u2',
  int16: 'i2',
  uint32: 'u4',
  int32: 'i4',
  uint64: 'u8',
  int64: 'i8',
  float16: 'f2',
  float32: 'f4',
  float64: 'f8',
};

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** NumPy's own limit of axes. */
const maxRank = 64;
/** A header is a few dozen characters; numpy itself distrusts more than 10,000. */
const maxHeaderBytes = 10_000;

function bad(file: string, what: string): ZkonnxError {
  return new ZkonnxError('ZK4106', { file, what });
}

/** Elements in `buffer`, which holds exactly them, in the host's byte order. */
function dataOf(dtype: DType, buffer: ArrayBuffer): TensorData {
  switch (dtype) {
    case 'bool':
    case 'uint8':
      return new Uint8Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'float16':
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint64':
      return new BigUint64Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
  }
}

function hostIsBigEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;
}

function reverseEach(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
}

interface Header {
  readonly dtype: DType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly dims: readonly number[];
}

/** The dict literal, exactly as numpy writes it, its three keys in any order. */
function parseHeader(text: string, file: string): Header {
  const dict = text.trim();
  if (!dict.startsWith('{') || !dict.endsWith('}')) throw bad(file, 'its header is no dictionary');
  const body = dict.slice(1, -1);
  const entry = /(['"])(descr|fortran_order|shape)\1\s*:\s*(?:(['"])([^'"]*)\3|(True|False)|\(([\d,\s]*)\)|(\[)[\s\S]*)\s*(?:,\s*|$)/y;
  const found = new Map<string, { text?: string | undefined; flag?: string | undefined; tuple?: string | undefined }>();
  while (entry.lastIndex < body.length) {
    const at = entry.lastIndex;
    const match = entry.exec(body);
    if (match?.[7] !== undefined) throw bad(file, 'holds a structured array; save each field as an array of its own');
    if (match === null || found.has(match[2]!)) throw bad(file, `its header cannot be read at character ${at}`);
    found.set(match[2]!, { text: match[4], flag: match[5], tuple: match[6] });
  }
  const descr = found.get('descr')?.text;
  const order = found.get('fortran_order')?.flag;
  const shape = found.get('shape')?.tuple;
  if (descr === undefined || order === undefined || shape === undefined) throw bad(file, 'its header lacks descr, fortran_order or shape');

  const dtype = (Object.keys(codes) as DType[]).find((name) => codes[name] === descr.slice(1));
  if (dtype === undefined || !'<>|='.includes(descr[0]!)) {
    const kind = descr.includes('O') ? 'pickled Python objects, which are never read' : `elements of dtype "${descr.slice(0, 20)}"`;
    throw bad(file, `holds ${kind}; give ${Object.keys(codes).join(', ')}`);
  }
  const parts = shape.split(',').map((part) => part.trim());
  // "()" is a scalar, "(3,)" has one axis; "(3)" is a number in Python, not a tuple.
  const isTuple = parts.length > 1 || parts[0] === '';
  if (parts.at(-1) === '') parts.pop();
  if (!isTuple || !parts.every((part) => /^\d+$/.test(part))) throw bad(file, 'its shape is no tuple of numbers');
  const dims = parts.map(Number);
  if (dims.length > maxRank) throw bad(file, `has ${dims.length} axes, at most ${maxRank} are read`);
  const bigEndian = descr[0] === '>' || (descr[0] !== '<' && hostIsBigEndian());
  return { dtype, bigEndian, fortranOrder: order === 'True', dims };
}

/** Byte count of the elements, or null where it cannot be counted exactly. */
function byteCount(dims: readonly number[], size: number): number | null {
  if (dims.some((dim) => !Number.isSafeInteger(dim))) return null;
  if (dims.includes(0)) return 0;
  let count = size;
  for (const dim of dims) {
    count *= dim;
    if (!Number.isSafeInteger(count)) return null;
  }
  return count;
}

/** Column-major elements → row-major. */
function transposed(dtype: DType, source: TensorData, dims: readonly number[]): TensorData {
  const target = dataOf(dtype, new ArrayBuffer(source.byteLength));
  const strides: number[] = [];
  let stride = 1;
  for (const dim of dims) {
    strides.push(stride);
    stride *= dim;
  }
  const index = new Array<number>(dims.length).fill(0);
  let from = 0;
  for (let to = 0; to < target.length; to++) {
    target[to] = source[from]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      from -= strides[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return target;
}

/**
 * One array. The tensor's data are a copy, row-major, in the host's byte order. NaN and infinities pass: what they mean is the quantizer's business.
 * @param file what messages call the bytes
 * @throws ZkonnxError ZK4106 naming what is wrong
 */
export function readNpy(bytes: Uint8Array, file = '.npy file'): Tensor {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte))
    throw bad(file, 'is no .npy file (its first bytes are not \\x93NUMPY)');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6]!;
  if (major < 1 || major > 3) throw bad(file, `is .npy version ${major}.${bytes[7]}; 1 to 3 are read`);
  const headerStart = major === 1 ? 10 : 12;
  if (bytes.length < headerStart) throw bad(file, `ends inside its header, at byte ${bytes.length}`);
  const headerBytes = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerBytes > maxHeaderBytes) throw bad(file, `has a header of ${headerBytes} bytes, at most ${maxHeaderBytes} are read`);
  const dataStart = headerStart + headerBytes;
  if (dataStart > bytes.length) throw bad(file, `ends inside its header, at byte ${bytes.length} of ${dataStart}`);

  let text = '';
  for (let i = headerStart; i < dataStart; i++) text += String.fromCharCode(bytes[i]!);
  const { dtype, bigEndian, fortranOrder, dims } = parseHeader(text, file);

  const size = Number(codes[dtype][1]);
  const wanted = byteCount(dims, size);
  if (wanted === null) throw bad(file, `claims shape (${dims.join(', ')}), more than can be counted`);
  const present = bytes.length - dataStart;
  if (wanted !== present) {
    const verdict = wanted > present ? 'the file is cut off' : 'bytes are left over';
    throw bad(file, `shape (${dims.join(', ')}) of ${dtype} takes ${wanted} bytes, ${present} follow the header: ${verdict}`);
  }

  // Not `slice`, which on a Node Buffer copies nothing.
  const copy = new Uint8Array(bytes.subarray(dataStart));
  if (size > 1 && bigEndian !== hostIsBigEndian()) reverseEach(copy, size);
  if (dtype === 'bool') {
    const index = copy.findIndex((byte) => byte > 1);
    if (index >= 0) throw bad(file, `element ${index} is a bool of neither 0 nor 1`);
  }
  const data = dataOf(dtype, copy.buffer as ArrayBuffer);
  return { dtype, dims, data: fortranOrder && dims.length > 1 ? transposed(dtype, data, dims) : data };
}

/**
 * The bytes that `numpy.save` writes for this array (version 1.0, little-endian, C order): equal tensors give equal bytes.
 * @throws RangeError where dims and data disagree
 */
export function writeNpy(tensor: Tensor): Uint8Array {
  const { dtype, dims, data } = tensor;
  if (data.length !== elementCount(dims)) throw new RangeError(`shape (${dims.join(', ')}) with ${data.length} elements`);
  const size = Number(codes[dtype][1]);
  const descr = `${size === 1 ? '|' : '<'}${codes[dtype]}`;
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`;
  let header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  // numpy leaves room for the first axis to grow to 21 digits, then pads the header's end to a multiple of 64.
  header += ' '.repeat(dims.length === 0 ? 0 : Math.max(0, 21 - String(dims[0]).length));
  header += ' '.repeat(64 - ((11 + header.length) % 64));
  header += '\n';

  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set(magic);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  for (let i = 0; i < header.length; i++) bytes[10 + i] = header.charCodeAt(i);
  const elements = bytes.subarray(10 + header.length);
  elements.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (size > 1 && hostIsBigEndian()) reverseEach(elements, size);
  return bytes;
}
