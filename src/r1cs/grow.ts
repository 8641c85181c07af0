/** Typed arrays that double: what lets the builder reach millions of rows without an object per row. */

type Growable =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** A copy of twice the length, zeros behind. */
export function grow<T extends Growable>(array: T): T {
  const Type = array.constructor as new (length: number) => T;
  const larger = new Type(array.length * 2);
  larger.set(array);
  return larger;
}
