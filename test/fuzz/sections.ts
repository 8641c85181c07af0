/** Changes of iden3's container (.r1cs, .wtns, .zkey, .ptau): counts, types and sizes of sections, their order, and numbers within, with sizes that fit or do not. */
import { concatenate, edgeNumber, mutateBytes } from './bytes.ts';
import type { Random } from './random.ts';

interface Section {
  readonly type: number;
  readonly body: Uint8Array;
}

function parse(bytes: Uint8Array): Section[] | null {
  if (bytes.length < 12) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const sections: Section[] = [];
  let at = 12;
  for (let i = 0; i < view.getUint32(8, true); i++) {
    if (at + 12 > bytes.length) return null;
    const size = view.getBigUint64(at + 4, true);
    if (size > BigInt(bytes.length - at - 12)) return null;
    sections.push({ type: view.getUint32(at, true), body: bytes.subarray(at + 12, at + 12 + Number(size)) });
    at += 12 + Number(size);
  }
  return sections;
}

function head(type: number, size: bigint): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setBigUint64(4, BigInt.asUintN(64, size), true);
  return bytes;
}

export function mutateSections(bytes: Uint8Array, other: Uint8Array, next: Random): Uint8Array {
  const sections = parse(bytes);
  if (sections === null || sections.length === 0) return mutateBytes(bytes, other, next);
  const target = next.below(sections.length);
  const parts = sections.map(({ type, body }) => [head(type, BigInt(body.length)), body]);
  let count = BigInt(sections.length);
  const { type, body } = sections[target]!;
  switch (next.below(8)) {
    case 0:
      count = next.pick([edgeNumber(next), count + 1n, count - 1n]);
      break;
    case 1:
      parts[target] = [head(next.pick([0, type + 1, 99, 0xffffffff, next.pick(sections).type]), BigInt(body.length)), body];
      break;
    case 2:
      parts[target] = [head(type, next.pick([edgeNumber(next), BigInt(body.length) + 1n, BigInt(body.length) - 1n])), body];
      break;
    case 3:
      parts.splice(target, 1);
      if (next.chance(0.7)) count--;
      break;
    case 4:
      parts.splice(next.below(parts.length), 0, parts[target]!);
      if (next.chance(0.7)) count++;
      break;
    case 5:
      [parts[target], parts[0]] = [parts[0]!, parts[target]!];
      break;
    default: {
      const donor = parse(other)?.find((section) => section.type === type)?.body ?? body;
      const changed = mutateBytes(body, donor, next);
      parts[target] = [head(type, BigInt(changed.length)), changed];
    }
  }
  const start = bytes.slice(0, 12);
  new DataView(start.buffer).setUint32(8, Number(BigInt.asUintN(32, count)), true);
  return concatenate([start, ...parts.flat()]);
}
