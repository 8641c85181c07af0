/**
 * Points of a key of our own in a file beside its .zkey, with which a proof takes four transforms instead of six. In the standard form H's scalars are (A·B − C)(ω_2N^{2i+1}), and C = A∘B must be brought
 * to the odd coset. But C is linear in the witness: with L_j the Lagrange basis of the 2N-th roots
 *
 *   Σ_i C(ω_2N^{2i+1}) L_{2i+1}(τ) = C(τ) − Σ_i C(ω_N^i) L_{2i}(τ) = Σ_s w_s (1 − ρ) C_s(τ),   ρ = (τ^N + 1)/2
 *
 * so that the scalars may be A·B alone where the points of section 8 are replaced by
 *
 *   C″_s = (β A_s + α B_s + ρ C_s)(τ)/δ for private wires,   C″_s = (ρ − 1) C_s(τ)/δ for the public ones, which section 8 does not have.
 *
 * The verification key stays as it is. The file is bound to the key's bytes: any later contribution changes δ, and the file is passed over.
 *
 *   "zkrk" · u32 version = 1 · SHA-256 of the .zkey · u32 wireCount · u32 publicCount · wireCount points as in a .zkey · SHA-256 of all before. Little-endian.
 */
import { ZkonnxError } from '../errors.ts';
import type { BytesOrPath } from './byte-source.ts';
import { g1Bytes, type ZkeyShape } from './zkey.ts';

const magic = 0x6b726b7a;
const digestBytes = 32;
const headBytes = 4 + 4 + digestBytes + 8;

/** The file's name, from the key's. */
export function rekeyedPath(zkeyPath: string): string {
  return `${zkeyPath}.rekeyed`;
}

async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** @param points wireCount of them, affine, Montgomery form of R = 2^256, 64 bytes each. */
export async function encodeRekeyed(
  zkey: Uint8Array,
  { wireCount, publicCount }: Pick<ZkeyShape, 'wireCount' | 'publicCount'>,
  points: Uint8Array,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(headBytes + points.length + digestBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, 1, true);
  bytes.set(await sha256(zkey), 8);
  view.setUint32(headBytes - 8, wireCount, true);
  view.setUint32(headBytes - 4, publicCount, true);
  bytes.set(points, headBytes);
  bytes.set(await sha256(bytes.subarray(0, -digestBytes)), bytes.length - digestBytes);
  return bytes;
}

export interface Rekeyed {
  /** Of the .zkey that the points belong to. */
  readonly zkeyDigest: Uint8Array;
  /** wireCount points as in a .zkey. */
  readonly points: Uint8Array;
}

/**
 * The file beside a key on disk; null if there is none, or one of another circuit.
 * @throws ZkonnxError ZK5004 if it is damaged.
 */
export async function readRekeyed(zkey: BytesOrPath, { wireCount, publicCount }: ZkeyShape): Promise<Rekeyed | null> {
  if (zkey instanceof Uint8Array) return null;
  const path = rekeyedPath(zkey.path);
  const { open, stat } = await import('node:fs/promises');
  const isPlain = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  const file = isPlain ? await open(path).catch(() => null) : null;
  if (file === null) return null;
  const damaged = (what: string): ZkonnxError =>
    new ZkonnxError('ZK5004', {
      format: '.rekeyed',
      file: path,
      what: `${what}; without this file the key proves as well, a little slower`,
    });
  try {
    const expected = headBytes + wireCount * g1Bytes + digestBytes;
    const { size } = await file.stat();
    // Of another circuit.
    if (size !== expected) return null;
    const bytes: Uint8Array = await file.readFile();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length !== expected || view.getUint32(0, true) !== magic || view.getUint32(4, true) !== 1)
      throw damaged('not a file of this kind');
    if (!equal(await sha256(bytes.subarray(0, -digestBytes)), bytes.subarray(-digestBytes)))
      throw damaged('its digest does not fit its content');
    if (view.getUint32(headBytes - 8, true) !== wireCount || view.getUint32(headBytes - 4, true) !== publicCount) return null;
    return { zkeyDigest: bytes.slice(8, 8 + digestBytes), points: bytes.subarray(headBytes, -digestBytes) };
  } finally {
    await file.close();
  }
}
