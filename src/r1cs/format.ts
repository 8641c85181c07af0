/**
 * The .r1cs file, as circom writes it and snarkjs 0.7.6 reads it (container.ts has the frame):
 *
 *   1 header       u32 32 · r (32 bytes) · u32 wires · u32 public outputs (0) · u32 public inputs · u32 private inputs · u64 labels · u32 rows
 *   2 constraints  per row A, B, C: u32 terms, then per term u32 wire · coefficient (32 bytes, canonical)
 *   3 labels       u64 label of each wire; ours is the wire's own number, which `.sym` names (sym.ts)
 *
 * Terms are sorted by wire and hold no zeros, so one circuit has one file: its SHA-256 goes into the circuit digest. Written in chunks without an object per term.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { runSteps, type Steps } from '../events.ts';
import { fieldBytes, readLittleEndian, scalarOrder, writeLittleEndian } from '../field/bn254.ts';
import { readElement } from '../field/small.ts';
import { CoefficientTable } from './coefficients.ts';
import {
  type BoundedReader,
  badFormat,
  containerHeaderBytes,
  type FormatPlace,
  readContainer,
  sectionHeaderBytes,
  writeContainerHeader,
  writeSectionHeader,
} from './container.ts';
import type { CoefficientPool, R1cs, SparseMatrix } from './r1cs.ts';
import { MatrixSide } from './side.ts';

const headerBytes = 64;
const termBytes = 4 + fieldBytes;
const chunkBytes = 1 << 20;

/** Size of the file in bytes. */
export function r1csSizeBytes({ a, b, c, rowCount, wireCount }: R1cs): number {
  const terms = a.wires.length + b.wires.length + c.wires.length;
  return containerHeaderBytes + 3 * sectionHeaderBytes + headerBytes + 12 * rowCount + termBytes * terms + 8 * wireCount;
}

/** The file in pieces of about 1 MiB (a longer row is one piece). A piece is valid until the next is asked for. */
export function* r1csChunks(r1cs: R1cs): Generator<Uint8Array, void, undefined> {
  const { a, b, c, rowCount, wireCount } = r1cs;
  const constraintBytes = r1csSizeBytes(r1cs) - containerHeaderBytes - 3 * sectionHeaderBytes - headerBytes - 8 * wireCount;
  yield fileHead(r1cs, constraintBytes);

  const pool = poolWords(r1cs.pool);
  let view = new DataView(new ArrayBuffer(chunkBytes));
  let offset = 0;
  for (let row = 0; row < rowCount; row++) {
    const terms = a.starts[row + 1] - a.starts[row] + b.starts[row + 1] - b.starts[row] + c.starts[row + 1] - c.starts[row];
    const size = 12 + termBytes * terms;
    if (offset + size > view.byteLength && offset > 0) {
      yield new Uint8Array(view.buffer, 0, offset);
      offset = 0;
    }
    if (size > view.byteLength) view = new DataView(new ArrayBuffer(size));
    offset = writeSide(view, offset, a, row, pool);
    offset = writeSide(view, offset, b, row, pool);
    offset = writeSide(view, offset, c, row, pool);
  }
  if (offset > 0) yield new Uint8Array(view.buffer, 0, offset);

  const labels = new DataView(new ArrayBuffer(sectionHeaderBytes + 8 * wireCount));
  offset = writeSectionHeader(labels, 0, 3, 8 * wireCount);
  for (let wire = 0; wire < wireCount; wire++) labels.setUint32(offset + 8 * wire, wire, true);
  yield new Uint8Array(labels.buffer);
}

/** The whole file in one array. */
export function encodeR1cs(r1cs: R1cs): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(r1csSizeBytes(r1cs));
  let offset = 0;
  for (const chunk of r1csChunks(r1cs)) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** SHA-256 of the file, lower-case hex, without holding the file. */
export function digestR1cs(r1cs: R1cs): string {
  return runSteps(r1csDigestSteps(r1cs));
}

/** `digestR1cs`, chunk by chunk; progress in bytes. */
export function* r1csDigestSteps(r1cs: R1cs): Steps<string> {
  const hash = sha256.create();
  const total = r1csSizeBytes(r1cs);
  let done = 0;
  for (const chunk of r1csChunks(r1cs)) {
    yield { done, total };
    hash.update(chunk);
    done += chunk.length;
  }
  return bytesToHex(hash.digest());
}

/**
 * Reads a file, ours or circom's. Public outputs and public inputs are both public wires; labels are not kept.
 * @throws ZkonnxError ZK5004 for anything that is not exactly such a file over BN254's scalar field, custom gates included.
 */
export function decodeR1cs(bytes: Uint8Array, file = '(in memory)'): R1cs {
  const place: FormatPlace = { format: 'r1cs', file };
  const sections = readContainer(bytes, 'r1cs', 1, [1, 2, 3], place);
  const { wireCount, publicCount, privateInputCount, rowCount } = readHeader(sections.get(1)!, place);
  const constraints = sections.get(2)!;
  if (12 * rowCount > constraints.remaining) badFormat(place, `${rowCount} rows in ${constraints.remaining} bytes`);
  if (sections.get(3)!.remaining !== 8 * wireCount)
    badFormat(place, `${sections.get(3)!.remaining} bytes of labels for ${wireCount} wires`);

  const table = new CoefficientTable();
  const sides = [new MatrixSide(table), new MatrixSide(table), new MatrixSide(table)];
  for (let row = 0; row < rowCount; row++) for (const side of sides) readSide(constraints, side, row, wireCount);
  constraints.end('the last row');
  const [a, b, c] = sides.map((side) => side.finish());
  return { wireCount, publicCount, privateInputCount, rowCount, a, b, c, pool: table.finish() };
}

function fileHead({ wireCount, publicCount, privateInputCount, rowCount }: R1cs, constraintBytes: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(containerHeaderBytes + 2 * sectionHeaderBytes + headerBytes));
  const start = writeSectionHeader(view, writeContainerHeader(view, 'r1cs', 1, 3), 1, headerBytes);
  view.setUint32(start, fieldBytes, true);
  writeLittleEndian(scalarOrder, view, start + 4);
  const counts = [wireCount, 0, publicCount, privateInputCount, wireCount, 0, rowCount];
  for (const [i, count] of counts.entries()) view.setUint32(start + 36 + 4 * i, count, true);
  writeSectionHeader(view, start + headerBytes, 2, constraintBytes);
  return new Uint8Array(view.buffer);
}

/** Each coefficient as eight u32 words, lowest first. */
function poolWords({ field }: CoefficientPool): Uint32Array {
  const words = new Uint32Array(8 * field.length);
  const view = new DataView(new ArrayBuffer(fieldBytes));
  field.forEach((value, id) => {
    writeLittleEndian(value, view, 0);
    for (let k = 0; k < 8; k++) words[8 * id + k] = view.getUint32(4 * k, true);
  });
  return words;
}

function writeSide(view: DataView, offset: number, { starts, wires, coefficients }: SparseMatrix, row: number, pool: Uint32Array): number {
  const end = starts[row + 1];
  view.setUint32(offset, end - starts[row], true);
  offset += 4;
  for (let i = starts[row]; i < end; i++) {
    view.setUint32(offset, wires[i], true);
    const from = 8 * coefficients[i];
    for (let k = 0; k < 8; k++) view.setUint32(offset + 4 + 4 * k, pool[from + k], true);
    offset += termBytes;
  }
  return offset;
}

function readHeader(reader: BoundedReader, place: FormatPlace) {
  const elementBytes = reader.u32('the field size');
  if (elementBytes !== fieldBytes) badFormat(place, `field elements of ${elementBytes} bytes, BN254 has ${fieldBytes}`);
  if (readLittleEndian(reader.view, reader.take(fieldBytes, 'the field')) !== scalarOrder)
    badFormat(place, "its field is not BN254's scalar field");
  const wireCount = reader.u32('the number of wires');
  const publicCount = reader.u32('the number of public outputs') + reader.u32('the number of public inputs');
  const privateInputCount = reader.u32('the number of private inputs');
  const labelCount = reader.u64('the number of labels');
  const rowCount = reader.u32('the number of rows');
  reader.end('the header');
  // Private inputs may be more than the wires: circom counts those that it has eliminated, too. Each has a label.
  if (1 + publicCount > wireCount || 1 + publicCount + privateInputCount > labelCount)
    badFormat(place, `${publicCount} public wires and ${privateInputCount} private inputs of ${wireCount} wires and ${labelCount} labels`);
  return { wireCount, publicCount, privateInputCount, rowCount };
}

function readSide(reader: BoundedReader, side: MatrixSide, row: number, wireCount: number): void {
  const count = reader.u32(`row ${row}`);
  let at = reader.take(termBytes * count, `row ${row} with ${count} terms`);
  for (let i = 0; i < count; i++) {
    const wire = reader.view.getUint32(at, true);
    if (wire >= wireCount) badFormat(reader.place, `row ${row} names wire ${wire} of ${wireCount}`);
    const coefficient = readElement(reader.view, at + 4);
    if (coefficient === null || coefficient === 0) badFormat(reader.place, `row ${row} has a coefficient that is 0 or not below r`);
    side.add(wire, coefficient);
    at += termBytes;
  }
  if (side.end() !== count) badFormat(reader.place, `row ${row} names a wire twice on one side`);
}
