/** iden3's container taken apart and put together again, for tests that alter one section. */
export function sectionsOf(file: Uint8Array): Map<number, Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sections = new Map<number, Uint8Array>();
  let at = 12;
  for (let i = 0; i < view.getUint32(8, true); i++) {
    const size = Number(view.getBigUint64(at + 4, true));
    sections.set(view.getUint32(at, true), file.subarray(at + 12, at + 12 + size));
    at += 12 + size;
  }
  return sections;
}

/** The file with one section's body replaced. */
export function withSection(file: Uint8Array, type: number, body: Uint8Array): Uint8Array {
  return container(
    file.subarray(0, 12),
    [...sectionsOf(file)].map(([own, old]) => [own, own === type ? body : old]),
  );
}

/** A whole key of these sections, in this order. */
export function zkeyOf(sections: ReadonlyMap<number, Uint8Array>, order: readonly number[]): Uint8Array {
  const head = new Uint8Array([...new TextEncoder().encode('zkey'), 1, 0, 0, 0, sections.size, 0, 0, 0]);
  return container(
    head,
    order.map((type) => [type, sections.get(type)!]),
  );
}

function container(start: Uint8Array, sections: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [start];
  for (const [own, bytes] of sections) {
    const head = new Uint8Array(12);
    const view = new DataView(head.buffer);
    view.setUint32(0, own, true);
    view.setBigUint64(4, BigInt(bytes.length), true);
    parts.push(head, bytes);
  }
  return new Uint8Array(Buffer.concat(parts));
}
