/**
 * snarkjs' powers of tau (`.ptau`), read by range: what a file claims is held against its size before anything of it is read, and no section is ever whole in memory.
 *
 *   1  u32 32 · q · u32 power · u32 power of the ceremony
 *   2  τ^i G1, i < 2·2^power − 1    3  τ^i G2    4  ατ^i G1    5  βτ^i G1, i < 2^power    6  β G2    7  contributions
 *   12–15, once prepared for phase 2: the Lagrange bases of 2 to 5 over the 2^k-th roots, one after the other for k = 0 … power (of 2: … power + 1, the last power of τ there taken as zero)
 *
 * Points are affine, coordinates 32 bytes little-endian in Montgomery form (R = 2^256). Reference: snarkjs 0.7.6 `powersoftau_utils.js`, `powersoftau_preparephase2.js`.
 */
import { baseOrder, fieldBytes, readLittleEndian } from '../../field/bn254.ts';
import {
  type ByteSource,
  type BytesOrPath,
  type ContainerShape,
  type Damaged,
  damagedFile,
  type Section,
  scanSections,
  withSource,
} from '../byte-source.ts';
import { maxLogDomain } from '../domain.ts';
import { g1Bytes, g2Bytes } from '../zkey.ts';

export const ptauSections = { tauG1: 2, tauG2: 3, alphaTauG1: 4, betaTauG1: 5, betaG2: 6, contributions: 7 } as const;
/** Where the Lagrange bases of a section of powers stand. */
export const lagrangeOffset = 10;
const container: ContainerShape = {
  magic: 'ptau',
  version: 1,
  known: [1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15],
  required: [1, 2, 3, 4, 5, 6, 7],
};

export type PowerSection = 2 | 3 | 4 | 5;

export interface Ptau {
  readonly source: ByteSource;
  readonly power: number;
  /** Of the ceremony that the file was cut from. */
  readonly ceremonyPower: number;
  readonly sections: ReadonlyMap<number, Section>;
  /** Whether it has Lagrange bases. */
  readonly prepared: boolean;
  readonly damaged: Damaged;
}

export function pointBytesOf(section: number): number {
  return section === ptauSections.tauG2 || section === ptauSections.tauG2 + lagrangeOffset || section === ptauSections.betaG2
    ? g2Bytes
    : g1Bytes;
}

/** @throws ZkonnxError ZK5004 for anything that is not a whole .ptau on BN254, ZK1002 for a missing file. */
export async function withPtau<T>(file: BytesOrPath, use: (ptau: Ptau) => Promise<T>): Promise<T> {
  return withSource(file, '.ptau', async (source) => use(await readPtau(source)));
}

async function readPtau(source: ByteSource): Promise<Ptau> {
  const damaged = damagedFile('.ptau', source);
  const sections = await scanSections(source, container, damaged);
  const { start, size } = sections.get(1)!;
  if (size !== 12 + fieldBytes) throw damaged(`section 1 has ${size} bytes, expected ${12 + fieldBytes}`);
  const header = await source.read(start, size);
  if (header.getUint32(0, true) !== fieldBytes || readLittleEndian(header, 4) !== baseOrder) throw damaged('its curve is not BN254');
  const [power, ceremonyPower] = [header.getUint32(36, true), header.getUint32(40, true)];
  if (power < 1 || power > maxLogDomain + 1) throw damaged(`power ${power}, expected 1 to ${maxLogDomain + 1}`);
  if (ceremonyPower < power || ceremonyPower > maxLogDomain + 1)
    throw damaged(`its ceremony had power ${ceremonyPower}, expected ${power} to ${maxLogDomain + 1}`);
  const n = 2 ** power;
  const counts: readonly (readonly [number, number])[] = [
    [2, 2 * n - 1],
    [3, n],
    [4, n],
    [5, n],
    [6, 1],
    [12, 4 * n - 1],
    [13, 2 * n - 1],
    [14, 2 * n - 1],
    [15, 2 * n - 1],
  ];
  const prepared = [12, 13, 14, 15].filter((type) => sections.has(type)).length;
  if (prepared !== 0 && prepared !== 4) throw damaged('some of the Lagrange sections 12 to 15 are missing');
  for (const [type, count] of counts) {
    const section = sections.get(type);
    if (section === undefined) continue;
    const wanted = count * pointBytesOf(type);
    if (section.size !== wanted) throw damaged(`section ${type} has ${section.size} bytes, expected ${wanted}`);
  }
  return { source, power, ceremonyPower, sections, prepared: prepared === 4, damaged };
}

/** Bytes read at once. */
const pieceBytes = 1 << 22;

/** Points `first` … of a section, copied to `target`, which is a whole number of points long. */
export async function readPoints(ptau: Ptau, section: number, first: number, target: Uint8Array): Promise<void> {
  const { start } = ptau.sections.get(section)!;
  const from = start + first * pointBytesOf(section);
  for (let done = 0; done < target.length; done += pieceBytes) {
    const piece = await ptau.source.read(from + done, Math.min(pieceBytes, target.length - done));
    target.set(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength), done);
  }
}

/** BLAKE2b-512 of the whole file, lower-case hex: what public files are named by. Takes about two seconds per gigabyte. */
export async function ptauDigest({ source }: Ptau, onDone: (done: number) => void | Promise<void> = () => {}): Promise<string> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('blake2b512');
  for (let done = 0; done < source.sizeBytes; done += pieceBytes) {
    const piece = await source.read(done, Math.min(pieceBytes, source.sizeBytes - done));
    hash.update(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
    await onDone(Math.min(source.sizeBytes, done + pieceBytes));
  }
  return hash.digest('hex');
}
