/** Watches what is reserved at once: the typed arrays and buffers that code makes by their global names while it is watched. */
const names = [
  'ArrayBuffer',
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

export interface AllocationWatch {
  readonly largestBytes: number;
  /** Puts the constructors back. */
  end(): void;
}

export function watchAllocations(): AllocationWatch {
  const scope = globalThis as unknown as Record<string, new (...given: never[]) => object>;
  const kept = names.map((name) => [name, scope[name]!] as const);
  let largestBytes = 0;
  for (const [name, original] of kept) {
    const elementBytes = (original as unknown as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
    scope[name] = new Proxy(original, {
      construct(target, given, newTarget) {
        const [first] = given as unknown[];
        const count = typeof first === 'number' ? first : Array.isArray(first) ? first.length : 0;
        largestBytes = Math.max(largestBytes, count * elementBytes);
        return Reflect.construct(target, given, newTarget === scope[name] ? target : newTarget);
      },
    });
  }
  return {
    get largestBytes() {
      return largestBytes;
    },
    end() {
      for (const [name, original] of kept) scope[name] = original;
    },
  };
}
