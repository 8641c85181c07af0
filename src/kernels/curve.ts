/**
 * BN254 arithmetic in WebAssembly: one instance of wasmcurves' prebuilt module with a memory of its own. Owns the instance, its bump allocator and
 * the typed list of the routines we call. Pointers are byte addresses in that memory; field elements are 32 bytes little-endian in Montgomery form,
 * affine points (x, y) with all-zero bytes for infinity. No threads, nothing global: dropping the object frees all.
 *
 * Reference: wasmcurves 0.2.2 `build_bn128.js` (the same code that snarkjs runs).
 */

/** Routines of one field over pointers, result last. */
export interface FieldRoutines {
  add(a: number, b: number, out: number): void;
  sub(a: number, b: number, out: number): void;
  mul(a: number, b: number, out: number): void;
  square(a: number, out: number): void;
  neg(a: number, out: number): void;
  copy(a: number, out: number): void;
  /** Zeros stay zeros. Takes (count + 1) elements of scratch. */
  batchInverse(input: number, inputStep: number, count: number, output: number, outputStep: number): void;
}

/** Routines of one group. Jacobian points have three coordinates, affine ones two. */
export interface GroupRoutines {
  readonly field: FieldRoutines;
  /** Bytes of one coordinate: 32 in G1, 64 in G2. */
  readonly coordinateBytes: number;
  /** Address of the generator, Jacobian. */
  readonly generator: number;
  zero(out: number): void;
  double(jacobian: number, out: number): void;
  addMixed(jacobian: number, affine: number, out: number): void;
  subMixed(jacobian: number, affine: number, out: number): void;
  toAffine(jacobian: number, out: number): void;
  toJacobian(affine: number, out: number): void;
  /** Packed affine output; may run in place. */
  batchToAffine(jacobians: number, count: number, out: number): void;
}

export interface CurveModule {
  readonly fr: FieldRoutines & {
    toMontgomery(a: number, out: number): void;
    batchFromMontgomery(input: number, count: number, out: number): void;
  };
  readonly g1: GroupRoutines;
  readonly g2: GroupRoutines;
  /** Reserves bytes, 8-byte aligned, for the module's lifetime; may grow the memory, which invalidates earlier views. */
  alloc(sizeBytes: number): number;
  /** A view of the whole memory as it is now. */
  bytes(): Uint8Array;
}

/** What the module's own routines may take behind the last allocation: batches of up to `maxBatch` elements of 64 bytes. */
const scratchBytes = 1 << 20;
/** Largest count for batchInverse, batchToAffine. */
export const maxBatch = 8192;
const pageBytes = 1 << 16;

type Routine = (...args: number[]) => number;

/** Instantiates the module. Takes some milliseconds. */
export async function loadCurve(): Promise<CurveModule> {
  const wasm = await import('wasmcurves/build/bn128_wasm.js');
  const code = Uint8Array.from(atob(wasm.code), (character) => character.charCodeAt(0));
  const memory = new WebAssembly.Memory({ initial: 64 });
  const { instance } = await WebAssembly.instantiate(code, { env: { memory } });
  const routine = (name: string): Routine => instance.exports[name] as Routine;

  const fieldOf = (prefix: string): FieldRoutines => ({
    add: routine(`${prefix}_add`),
    sub: routine(`${prefix}_sub`),
    mul: routine(`${prefix}_mul`),
    square: routine(`${prefix}_square`),
    neg: routine(`${prefix}_neg`),
    copy: routine(`${prefix}_copy`),
    batchInverse: routine(`${prefix}_batchInverse`),
  });
  const groupOf = (prefix: string, field: string, coordinateBytes: number, generator: number): GroupRoutines => ({
    field: fieldOf(field),
    coordinateBytes,
    generator,
    zero: routine(`${prefix}_zero`),
    double: routine(`${prefix}_double`),
    addMixed: routine(`${prefix}_addMixed`),
    subMixed: routine(`${prefix}_subMixed`),
    toAffine: routine(`${prefix}_toAffine`),
    toJacobian: routine(`${prefix}_toJacobian`),
    batchToAffine: routine(`${prefix}_batchToAffine`),
  });

  // Word 0 of the memory is the module's own free pointer: its routines take scratch from there and give it back.
  let top = new Uint32Array(memory.buffer)[0]!;
  const alloc = (sizeBytes: number): number => {
    const start = Math.ceil(top / 8) * 8;
    top = start + sizeBytes;
    const missing = top + scratchBytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
    new Uint32Array(memory.buffer)[0] = Math.ceil(top / 8) * 8;
    return start;
  };
  return {
    fr: { ...fieldOf('frm'), toMontgomery: routine('frm_toMontgomery'), batchFromMontgomery: routine('frm_batchFromMontgomery') },
    g1: groupOf('g1m', 'f1m', 32, wasm.pG1gen),
    g2: groupOf('g2m', 'f2m', 64, wasm.pG2gen),
    alloc,
    bytes: () => new Uint8Array(memory.buffer),
  };
}
