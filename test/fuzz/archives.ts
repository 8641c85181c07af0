/** Changes of zip archives (.npz) and of NumPy's array files (.npy): the fields of their headers, and what they hold. */
import { readZip, writeZip } from '../../src/tensor/zip.ts';
import { concatenate, edgeNumber, mutateBytes } from './bytes.ts';
import type { Random } from './random.ts';

const tokens = [
  "'<f4'",
  "'|u1'",
  "'>i8'",
  "'|O'",
  'True',
  'False',
  '()',
  '(1,)',
  '(0, 3)',
  '(-1,)',
  '(4294967296, 4294967296)',
  '(9999999999999999999,)',
  '(2, 2, 2, 2)',
  '[(',
  "'descr'",
  ',',
  '{',
  '}',
  ' '.repeat(70_000),
];
const decoder = new TextDecoder('latin1');

/** The dictionary of an .npy header, its length field right or wrong. */
export function mutateNpy(bytes: Uint8Array, other: Uint8Array, next: Random): Uint8Array {
  if (bytes.length < 10 || next.chance(0.4)) return mutateBytes(bytes, other, next);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true);
  const words = decoder.decode(bytes.subarray(10, 10 + length)).split(/(?<=[,:{])|(?=[})])/);
  words[next.below(words.length)] = next.pick(tokens);
  const header = Uint8Array.from(words.join(''), (letter) => letter.charCodeAt(0));
  const head = bytes.slice(0, 10);
  new DataView(head.buffer).setUint16(8, next.chance(0.8) ? header.length : Number(edgeNumber(next) & 0xffffn), true);
  return concatenate([head, header, bytes.subarray(10 + length)]);
}

const signatures = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];

/** A field of one of the archive's headers, or one of its files. */
export function mutateZip(bytes: Uint8Array, other: Uint8Array, next: Random): Uint8Array {
  if (next.chance(0.3)) return mutateContent(bytes, other, next);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const heads: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at++) if (signatures.includes(view.getUint32(at, true))) heads.push(at);
  if (heads.length === 0 || next.chance(0.3)) return mutateBytes(bytes, other, next);
  const out = bytes.slice();
  const at = next.pick(heads) + 4 + next.below(44);
  const size = next.pick([2, 4]);
  if (at + size > out.length) return out;
  const target = new DataView(out.buffer);
  if (size === 2) target.setUint16(at, Number(edgeNumber(next) & 0xffffn), true);
  else target.setUint32(at, Number(edgeNumber(next) & 0xffffffffn), true);
  return out;
}

function mutateContent(bytes: Uint8Array, other: Uint8Array, next: Random): Uint8Array {
  let entries: Map<string, Uint8Array>;
  try {
    entries = readZip(bytes, { entryCount: 100, totalBytes: 1 << 20 }, 'seed');
  } catch {
    return mutateBytes(bytes, other, next);
  }
  const name = next.pick([...entries.keys()]);
  const content = mutateNpy(entries.get(name)!, entries.get(name)!, next);
  entries.delete(name);
  entries.set(next.chance(0.7) ? name : next.pick(['../x.npy', '__proto__.npy', '', 'a'.repeat(60_000), 'x', '/x.npy']), content);
  return writeZip(entries);
}
