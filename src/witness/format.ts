/**
 * The .wtns file, version 2, as snarkjs 0.7.6 writes and reads it (r1cs/container.ts has the frame):
 *
 *   1 header   u32 32 · r (32 bytes) · u32 values
 *   2 values   32 bytes each, canonical, by wire
 *
 * SECRET: it holds the private inputs. Made in memory for a prover; written to disk only when asked for.
 */
import { fieldBytes, readLittleEndian, scalarOrder, writeLittleEndian } from '../field/bn254.ts';
import { readElement, writeElement } from '../field/small.ts';
import {
  type BoundedReader,
  badFormat,
  containerHeaderBytes,
  readContainer,
  sectionHeaderBytes,
  writeContainerHeader,
  writeSectionHeader,
} from '../r1cs/container.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import { getWire } from './row.ts';
import type { Witness } from './witness.ts';

const headerBytes = 8 + fieldBytes;

/** @throws ZkonnxError ZK7001 if the witness is not one of this circuit's, or a wire has no value. */
export function encodeWtns(r1cs: Pick<R1cs, 'wireCount'>, witness: Witness): Uint8Array<ArrayBuffer> {
  const { small } = witness;
  const count = r1cs.wireCount;
  const bytes = new Uint8Array(containerHeaderBytes + 2 * sectionHeaderBytes + headerBytes + fieldBytes * count);
  const view = new DataView(bytes.buffer);
  let offset = writeSectionHeader(view, writeContainerHeader(view, 'wtns', 2, 2), 1, headerBytes);
  view.setUint32(offset, fieldBytes, true);
  writeLittleEndian(scalarOrder, view, offset + 4);
  view.setUint32(offset + 4 + fieldBytes, count, true);
  offset = writeSectionHeader(view, offset + headerBytes, 2, fieldBytes * count);
  for (let wire = 0; wire < count; wire++) {
    const value = small[wire];
    writeElement(Number.isNaN(value) || value === undefined ? getWire(witness, wire) : value, view, offset + fieldBytes * wire);
  }
  return bytes;
}

/**
 * The number of values, after the frame was checked: the right field, and exactly as many bytes as the values take. The values are not looked at.
 * @throws ZkonnxError ZK5004.
 */
export function readWtnsHeader(bytes: Uint8Array, file = '(in memory)'): { readonly wireCount: number } {
  return { wireCount: openWtns(bytes, file).count };
}

/** @throws ZkonnxError ZK5004 for anything that is not exactly such a file over BN254's scalar field. */
export function decodeWtns(bytes: Uint8Array, file = '(in memory)'): Witness {
  const { count, values } = openWtns(bytes, file);
  const small = new Float64Array(count).fill(Number.NaN);
  const wide = new Map<number, bigint>();
  for (let wire = 0; wire < count; wire++) {
    const value = readElement(values.view, fieldBytes * wire);
    if (value === null) badFormat(values.place, `value ${wire} is not below r`);
    if (typeof value === 'number') small[wire] = value;
    else wide.set(wire, value);
  }
  return { small, wide };
}

/**
 * The values as they stand in the file, 32 bytes each, all of them looked at.
 * @throws ZkonnxError ZK5004 as `decodeWtns`.
 */
export function readWtnsValues(bytes: Uint8Array, file = '(in memory)'): Uint8Array {
  const { count, values } = openWtns(bytes, file);
  const { view } = values;
  const order = Array.from({ length: 8 }, (_, k) => Number((scalarOrder >> BigInt(32 * k)) & 0xffff_ffffn));
  for (let wire = 0; wire < count; wire++) {
    let k = 7;
    while (k > 0 && view.getUint32(fieldBytes * wire + 4 * k, true) === order[k]) k--;
    if (view.getUint32(fieldBytes * wire + 4 * k, true) >= order[k]!) badFormat(values.place, `value ${wire} is not below r`);
  }
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function openWtns(bytes: Uint8Array, file: string): { count: number; values: BoundedReader } {
  const place = { format: 'wtns', file };
  const sections = readContainer(bytes, 'wtns', 2, [1, 2], place);
  const header = sections.get(1)!;
  const elementBytes = header.u32('the field size');
  if (elementBytes !== fieldBytes) badFormat(place, `field elements of ${elementBytes} bytes, BN254 has ${fieldBytes}`);
  if (readLittleEndian(header.view, header.take(fieldBytes, 'the field')) !== scalarOrder)
    badFormat(place, "its field is not BN254's scalar field");
  const count = header.u32('the number of values');
  header.end('the header');
  const values = sections.get(2)!;
  if (values.remaining !== fieldBytes * count)
    badFormat(place, `${values.remaining} bytes of values, ${count} values take ${fieldBytes * count}`);
  return { count, values };
}
