/** Arbitrary tensors, and damaged versions of byte strings. */
import fc from 'fast-check';
import { type DType, elementCount, type Tensor, type TensorData } from '../../src/tensor/tensor.ts';

const views: Readonly<Record<DType, new (buffer: ArrayBuffer) => TensorData>> = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** Any dtype, 0 to 4 axes of 0 to 5, any bits (so any NaN). */
export function anyTensor(): fc.Arbitrary<Tensor> {
  const dtypes = fc.constantFrom(...(Object.keys(views) as DType[]));
  return fc.tuple(dtypes, fc.array(fc.nat({ max: 5 }), { maxLength: 4 })).chain(([dtype, dims]) => {
    const View = views[dtype];
    const size = (View as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT * elementCount(dims);
    return fc.uint8Array({ minLength: size, maxLength: size, max: dtype === 'bool' ? 1 : 255 }).map((bytes) => ({
      dtype,
      dims,
      data: new View(bytes.slice().buffer),
    }));
  });
}

/** The bytes with up to three changes: a byte set (mostly to an edge), a stretch cut out, or one put in. */
export function mutate(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const edge = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat({ max: 255 }));
  const change = fc.record({ kind: fc.constantFrom('set', 'set', 'cut', 'put'), at: fc.nat(), length: fc.nat({ max: 40 }), value: edge });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let result = bytes;
    for (const { kind, at, length, value } of changes) {
      const place = at % (result.length + 1);
      if (kind === 'set' && place < result.length) result = result.with(place, value);
      if (kind === 'cut') result = Uint8Array.from([...result.subarray(0, place), ...result.subarray(place + length)]);
      if (kind === 'put')
        result = Uint8Array.from([...result.subarray(0, place), ...new Uint8Array(length).fill(value), ...result.subarray(place)]);
    }
    return result;
  });
}
