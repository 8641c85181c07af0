/** Changes of a protobuf message that leave it well-formed around the change: lengths of the messages around it are right, so readers get to it. */
import { concatenate, edgeNumber, mutateBytes } from './bytes.ts';
import type { Random } from './random.ts';

/** A field as it stands: its head is made anew, its payload kept or changed. */
interface Field {
  number: number;
  wire: number;
  payload: Uint8Array;
}

function varint(value: bigint, padding = 0): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  } while (rest > 0n);
  for (let i = 0; i < padding; i++) out.push(0x80);
  out[out.length - 1]! &= 0x7f;
  return Uint8Array.from(out);
}

function readVarint(bytes: Uint8Array, at: number): { value: bigint; end: number } | null {
  let value = 0n;
  for (let i = at; i < bytes.length && i < at + 10; i++) {
    value |= BigInt(bytes[i]! & 0x7f) << BigInt(7 * (i - at));
    if (bytes[i]! < 0x80) return { value, end: i + 1 };
  }
  return null;
}

/** The fields, or null where the bytes are no message. */
function parse(bytes: Uint8Array): Field[] | null {
  const fields: Field[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    if (tag === null || tag.value >> 3n === 0n || tag.value > 0xffffffffn) return null;
    const [number, wire] = [Number(tag.value >> 3n), Number(tag.value & 7n)];
    let end: number;
    let start = tag.end;
    if (wire === 0) {
      const value = readVarint(bytes, start);
      if (value === null) return null;
      end = value.end;
    } else if (wire === 1) end = start + 8;
    else if (wire === 5) end = start + 4;
    else if (wire === 2) {
      const length = readVarint(bytes, start);
      if (length === null || length.value > BigInt(bytes.length)) return null;
      start = length.end;
      end = start + Number(length.value);
    } else return null;
    if (end > bytes.length) return null;
    fields.push({ number, wire, payload: bytes.subarray(start, end) });
    at = end;
  }
  return fields;
}

function write({ number, wire, payload }: Field, lie: bigint | null = null): Uint8Array {
  const tag = varint((BigInt(number) << 3n) | BigInt(wire));
  return wire === 2 ? concatenate([tag, varint(lie ?? BigInt(payload.length)), payload]) : concatenate([tag, payload]);
}

/** The length or the tag, in a way that no encoder would write it. */
function broken(field: Field, next: Random): Uint8Array {
  if (next.chance(0.5))
    return write(field, next.pick([edgeNumber(next), BigInt(field.payload.length) + 1n, BigInt(Math.max(0, field.payload.length - 1))]));
  const tag = varint((BigInt(field.number) << 3n) | BigInt(field.wire), next.below(6));
  return concatenate([tag, field.wire === 2 ? varint(BigInt(field.payload.length), next.below(6)) : new Uint8Array(0), field.payload]);
}

function changed(field: Field, fields: readonly Field[], donors: readonly Field[], next: Random, depth: number): Uint8Array {
  const inner = field.wire === 2 && depth < 12 ? parse(field.payload) : null;
  if (inner !== null && inner.length > 0 && next.chance(0.75)) {
    return write({ ...field, payload: mutateFields(inner, donors, next, depth + 1) });
  }
  switch (next.below(8)) {
    case 0:
      return broken(field, next);
    case 1:
      return write({ ...field, number: next.pick([1 + next.below(30), field.number + 1, next.below(1 << 20)]) });
    case 2:
      return write({ ...field, wire: next.below(8) });
    case 3:
      return write({ ...field, payload: next.pick(next.chance(0.5) ? fields : donors).payload });
    case 4:
      return concatenate(Array.from({ length: 2 + next.below(4) }, () => write(field)));
    case 5:
      return new Uint8Array(0);
    default: {
      if (field.wire === 0)
        return write({ ...field, payload: varint(next.pick([edgeNumber(next), BigInt(next.below(64)), BigInt(-next.below(64))])) });
      return write({ ...field, payload: mutateBytes(field.payload, next.pick(donors).payload, next) });
    }
  }
}

function mutateFields(fields: readonly Field[], donors: readonly Field[], next: Random, depth: number): Uint8Array {
  const target = next.below(fields.length);
  const parts = fields.map((field, i) => (i === target ? changed(field, fields, donors, next, depth) : write(field)));
  if (next.chance(0.1)) parts.push(write(next.pick(donors)));
  if (next.chance(0.05)) parts.reverse();
  return concatenate(parts);
}

/** All fields of the message and, of a few, what is in them: parts for others. */
function fieldsWithin(fields: readonly Field[], next: Random): Field[] {
  const out = [...fields];
  for (let i = 0; i < 8 && out.length < 400; i++) {
    const field = next.pick(out);
    const inner = field.wire === 2 ? parse(field.payload) : null;
    if (inner !== null) out.push(...inner.slice(0, 50));
  }
  return out;
}

export function mutateProtobuf(bytes: Uint8Array, other: Uint8Array, next: Random): Uint8Array {
  const fields = parse(bytes);
  const donors = parse(other);
  if (fields === null || fields.length === 0 || donors === null || donors.length === 0) return mutateBytes(bytes, other, next);
  return mutateFields(fields, fieldsWithin(donors, next), next, 0);
}
