/** Protobuf wire format by hand, for files that no encoder would write. */
export type Bytes = readonly number[];

export function varint(value: number, length = 0): number[] {
  const out: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = (rest - low) / 128;
    out.push(rest > 0 || out.length + 1 < length ? low + 128 : low);
  } while (rest > 0 || out.length < length);
  return out;
}

/** A length-delimited field: a message, string or bytes. */
export function chunk(field: number, payload: Bytes | string, claim?: number): number[] {
  const bytes = typeof payload === 'string' ? [...new TextEncoder().encode(payload)] : payload;
  return [...varint(field * 8 + 2), ...varint(claim ?? bytes.length), ...bytes];
}

export function integer(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

/** ModelProto fields. */
export const modelField = { graph: 7, opset: 8, metadata: 14, training: 20, functions: 25 } as const;
/** GraphProto fields. */
export const graphField = { node: 1, name: 2, initializer: 5, input: 11, output: 12, sparse: 15 } as const;
