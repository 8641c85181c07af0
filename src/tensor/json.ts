/**
 * Arrays as people write them: nested JSON lists (`[[1, 2], [3, 4]]`), or an object of them by input name; and NDJSON, one such value per line, one
 * input each. Bytes in, tensors out. Pure and browser-safe.
 *
 * JSON's numbers have no type. An array whose numbers are all integers below 2^53 becomes int64, any other float64, one of true and false bool; what
 * the model's dtype makes of that is the quantizer's lossless rule (0.5 is a float32, 0.1 is not: `--cast`). NaN and Infinity are not JSON.
 * A parser of its own rather than JSON.parse: it needs no array object per row, sees ragged lists and repeated names where they stand, and its messages
 * quote nothing of the file, whose values may be private.
 * Reference: RFC 8259.
 */
import { ZkonnxError } from '../errors.ts';
import type { Tensor } from './tensor.ts';

/** One value of a JSON file: an array without a name, or arrays by name. */
export type JsonTensors =
  | { readonly kind: 'unnamed'; readonly tensor: Tensor }
  | { readonly kind: 'named'; readonly tensors: ReadonlyMap<string, Tensor> };

/** Deeper lists than any tensor has axes. */
const maxRank = 64;

/** The text and how far it has been read. */
interface Cursor {
  readonly text: string;
  at: number;
  /** What messages call the text. */
  readonly file: string;
}

function bad(cursor: Cursor, what: string): ZkonnxError {
  return new ZkonnxError('ZK4106', { file: cursor.file, what: `${what} at character ${cursor.at}` });
}

/** Skips white space and tells what comes next; '' at the end. */
function peek(cursor: Cursor): string {
  while (' \t\n\r'.includes(cursor.text.charAt(cursor.at)) && cursor.at < cursor.text.length) cursor.at++;
  return cursor.text.charAt(cursor.at);
}

function take(cursor: Cursor, token: RegExp): string | null {
  token.lastIndex = cursor.at;
  const match = token.exec(cursor.text);
  if (match === null) return null;
  cursor.at = token.lastIndex;
  return match[0];
}

function readLeaf(cursor: Cursor): number | boolean {
  const start = cursor.at;
  const token = take(cursor, /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false/y);
  if (token !== null && /[\s,\]}]/.test(cursor.text.charAt(cursor.at) || ' ')) {
    if (token === 'true' || token === 'false') return token === 'true';
    const value = Number(token);
    if (Number.isFinite(value)) return value;
    cursor.at = start;
    throw bad(cursor, 'a number beyond the range of float64');
  }
  cursor.at = start;
  if (take(cursor, /-?(?:NaN|Infinity)/y) !== null) {
    cursor.at = start;
    throw bad(cursor, 'NaN or Infinity, which JSON does not have,');
  }
  throw bad(cursor, start === cursor.text.length ? 'cut off' : 'expected a number, true, false or a list');
}

/** A number or nested lists of them, all of the same lengths. */
function readArray(cursor: Cursor): Tensor {
  const { text } = cursor;
  let values = new Float64Array(64);
  let count = 0;
  let kind: 'number' | 'boolean' | null = null;
  let integers = true;
  /** By depth: the length of the lists there, −1 until the first of them has closed. */
  const dims: number[] = [];
  /** Elements so far of each open list. */
  const open: number[] = [];
  /** Depth at which numbers stand; −1 until one, or an empty list, has been seen. */
  let leafDepth = -1;
  const expectLeafDepth = (depth: number): void => {
    if (leafDepth >= 0 && leafDepth !== depth) throw bad(cursor, 'lists of different depths');
    leafDepth = depth;
  };

  do {
    const next = peek(cursor);
    let closed = true;
    if (next === '[') {
      if (open.length === leafDepth) throw bad(cursor, 'lists of different depths');
      if (open.length === maxRank) throw bad(cursor, `lists nested deeper than ${maxRank}`);
      open.push(0);
      if (open.length > dims.length) dims.push(-1);
      cursor.at++;
      closed = peek(cursor) === ']';
      if (closed) expectLeafDepth(open.length);
    } else {
      expectLeafDepth(open.length);
      const start = cursor.at;
      const value = readLeaf(cursor);
      if (kind !== null && kind !== typeof value) {
        cursor.at = start;
        throw bad(cursor, 'numbers mixed with true and false');
      }
      kind = typeof value as 'number' | 'boolean';
      integers &&= Number.isSafeInteger(Number(value));
      if (count === values.length) {
        const wider = new Float64Array(2 * count);
        wider.set(values);
        values = wider;
      }
      values[count++] = Number(value);
      if (open.length > 0) open[open.length - 1]!++;
    }
    while (closed && open.length > 0) {
      const after = peek(cursor);
      if (after === ',' && open.at(-1)! > 0) {
        cursor.at++;
        closed = false;
      } else if (after === ']') {
        const length = open.pop()!;
        if (dims[open.length] === -1) dims[open.length] = length;
        else if (dims[open.length] !== length) throw bad(cursor, `a list of ${length} beside lists of ${dims[open.length]}`);
        if (open.length > 0) open[open.length - 1]!++;
        cursor.at++;
      } else throw bad(cursor, cursor.at === text.length ? 'cut off' : 'expected a comma or ]');
    }
  } while (open.length > 0);

  const found = values.subarray(0, count);
  if (kind === 'boolean') return { dtype: 'bool', dims, data: Uint8Array.from(found) };
  if (integers) return { dtype: 'int64', dims, data: BigInt64Array.from(found, BigInt) };
  return { dtype: 'float64', dims, data: found.slice() };
}

function readObject(cursor: Cursor): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  cursor.at++;
  if (peek(cursor) === '}') {
    cursor.at++;
    return tensors;
  }
  for (;;) {
    if (peek(cursor) !== '"') throw bad(cursor, 'expected a name in double quotes');
    const start = cursor.at;
    const token = take(cursor, /"(?:[^"\\]|\\.)*"/y);
    let name: string;
    try {
      name = JSON.parse(token ?? '') as string;
    } catch {
      cursor.at = start;
      throw bad(cursor, 'a name that is no JSON string');
    }
    if (tensors.has(name)) throw bad(cursor, `a second array named "${name}"`);
    if (peek(cursor) !== ':') throw bad(cursor, 'expected a colon');
    cursor.at++;
    tensors.set(name, readArray(cursor));
    const after = peek(cursor);
    cursor.at++;
    if (after === '}') return tensors;
    if (after !== ',') {
      cursor.at--;
      throw bad(cursor, 'expected a comma or }');
    }
  }
}

function parse(text: string, file: string): JsonTensors {
  const cursor: Cursor = { text, at: 0, file };
  const value: JsonTensors =
    peek(cursor) === '{' ? { kind: 'named', tensors: readObject(cursor) } : { kind: 'unnamed', tensor: readArray(cursor) };
  if (peek(cursor) !== '') throw bad(cursor, 'something is left over');
  return value;
}

function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ZkonnxError('ZK4106', { file, what: 'is no UTF-8 text' }, { cause });
  }
}

/**
 * A JSON file: nested lists, or an object of them.
 * @param file what messages call the bytes
 * @throws ZkonnxError ZK4106 with the character where it is wrong, counted from 0
 */
export function readJson(bytes: Uint8Array, file = '.json file'): JsonTensors {
  return parse(decodeText(bytes, file), file);
}

/**
 * An NDJSON file: one input per line, each as in a JSON file. Empty lines are skipped.
 * @throws ZkonnxError ZK4106 with line and character
 */
export function readNdjson(bytes: Uint8Array, file = '.ndjson file'): JsonTensors[] {
  const rows: JsonTensors[] = [];
  decodeText(bytes, file)
    .split('\n')
    .forEach((line, i) => {
      if (/[^ \t\r]/.test(line)) rows.push(parse(line, `${file} line ${i + 1}`));
    });
  return rows;
}
