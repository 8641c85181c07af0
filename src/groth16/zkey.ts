/**
 * snarkjs' groth16 `.zkey` container, for both directions: where each section lies, the header's fields, and a bounded reader for them. Sizes are checked
 * against the file before anything is read; every defect is a ZK5004.
 *
 *   "zkey" · u32 version = 1 · u32 section count · sections: u32 type · u64 size · body. All little-endian.
 *   1  u32 protocol = 1 (groth16)
 *   2  u32 32 · q · u32 32 · r · u32 wireCount · u32 publicCount · u32 domain size N · α₁ β₁ β₂ γ₂ δ₁ δ₂
 *   3  publicCount + 1 points IC (G1)
 *   4  u32 count · terms of A and B: u32 matrix (0 A, 1 B) · u32 row · u32 wire · coefficient·2^512 mod r
 *   5  A (G1)  6  B (G1)  7  B (G2): one per wire      8  C (G1): one per private wire      9  H (G1): N, odd-coset basis
 *   10 64-byte circuit hash · u32 contribution count · contributions
 *
 * Points are affine, coordinates 32 bytes little-endian in Montgomery form (R = 2^256), infinity all zero. Reference: snarkjs 0.7.6 `zkey_utils.js`.
 */
import { baseOrder, fieldBytes, invert, readLittleEndian, scalarOrder } from '../field/bn254.ts';
import {
  type ByteSource,
  type BytesOrPath,
  bytesOf,
  type ContainerShape,
  damagedFile,
  nameOf,
  type Section,
  scanSections,
  withSource,
} from './byte-source.ts';
import { maxLogDomain } from './domain.ts';
import type { G1Json, G2Json, VerificationKey } from './keys.ts';
import { alphaBeta, parseVerificationKey, refusal } from './verification-key.ts';

export const zkeyMagic = 0x79656b7a;
export const g1Bytes = 64;
export const g2Bytes = 128;
export const termBytes = 44;
export const headerBytes = 2 * (4 + fieldBytes) + 12 + 3 * g1Bytes + 3 * g2Bytes;
const sectionHeaderBytes = 12;
const sectionCount = 10;
const circuitHashBytes = 64;

export interface ZkeyShape {
  readonly wireCount: number;
  readonly publicCount: number;
  readonly domainSize: number;
  /** Terms of A and B together, the appended rows among them. */
  readonly termCount: number;
}

/** Bytes of each section's body; index 0 is unused. Section 10 may be longer where there are contributions. */
export function sectionSizes(shape: ZkeyShape): readonly number[] {
  const { wireCount, publicCount, domainSize, termCount } = shape;
  return [
    0,
    4,
    headerBytes,
    (publicCount + 1) * g1Bytes,
    4 + termCount * termBytes,
    wireCount * g1Bytes,
    wireCount * g1Bytes,
    wireCount * g2Bytes,
    (wireCount - publicCount - 1) * g1Bytes,
    domainSize * g1Bytes,
    circuitHashBytes + 4,
  ];
}

/** Writes the container's and the sections' headers in ascending order; returns where each body starts. Section 10 has room for contributions of `contributionBytes`. */
export function layOutZkey(shape: ZkeyShape, contributionBytes = 0): { readonly bytes: Uint8Array; readonly starts: readonly number[] } {
  const sizes = sectionSizes(shape).map((size, type) => (type === 10 ? size + contributionBytes : size));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 12 + sectionCount * sectionHeaderBytes));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, zkeyMagic, true);
  view.setUint32(4, 1, true);
  view.setUint32(8, sectionCount, true);
  const starts = [0];
  let position = 12;
  for (let type = 1; type <= sectionCount; type++) {
    view.setUint32(position, type, true);
    view.setBigUint64(position + 4, BigInt(sizes[type]!), true);
    starts.push(position + sectionHeaderBytes);
    position += sectionHeaderBytes + sizes[type]!;
  }
  return { bytes, starts };
}

/** A laid-out key's sections by number, as views. */
export function sectionViews({ bytes, starts }: ReturnType<typeof layOutZkey>): Map<number, Uint8Array> {
  const ends = [...starts.slice(2).map((start) => start - sectionHeaderBytes), bytes.length];
  return new Map(allSections.map((type) => [type, bytes.subarray(starts[type]!, ends[type - 1]!)]));
}

/** What a key begins with. */
export function containerHead(): Uint8Array {
  const head = new Uint8Array(12);
  const view = new DataView(head.buffer);
  view.setUint32(0, zkeyMagic, true);
  view.setUint32(4, 1, true);
  view.setUint32(8, sectionCount, true);
  return head;
}

/** What a section begins with. */
export function sectionHeader(type: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sectionHeaderBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setBigUint64(4, BigInt(sizeBytes), true);
  return bytes;
}

export interface ZkeyHeader extends ZkeyShape {
  readonly verificationKey: VerificationKey;
  readonly sizeBytes: number;
  readonly contributionCount: number;
}

/** Runs a check on a point of the key; its refusal becomes a ZK5004. */
function refused<T>(source: { readonly name: string }, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw damagedFile(format, source)(refusal(error, 'key'));
  }
}

const format = '.zkey';
const allSections = Array.from({ length: sectionCount }, (_, i) => i + 1);
const container: ContainerShape = { magic: 'zkey', version: 1, known: allSections, required: allSections };

/** A key's sections by number. */
export async function zkeySections(source: ByteSource): Promise<ReadonlyMap<number, Section>> {
  return scanSections(source, container, damagedFile(format, source));
}

/**
 * Reads a key's header and verification key, and checks that every section has the size that the header asks for. The other points are not looked at.
 * @throws ZkonnxError ZK5004 for anything that is not a whole groth16 key on BN254; ZK1002 for a missing file.
 */
export async function readZkeyHeader(zkey: BytesOrPath): Promise<ZkeyHeader> {
  return withSource(zkey, format, async (source) => {
    const damaged = damagedFile(format, source);
    const sections = await zkeySections(source);
    const section = async (type: number, wanted: number): Promise<DataView> => {
      if (sections.get(type)!.size !== wanted) throw damaged(`section ${type} has ${sections.get(type)!.size} bytes, expected ${wanted}`);
      return source.read(sections.get(type)!.start, wanted);
    };
    const protocol = (await section(1, 4)).getUint32(0, true);
    if (protocol !== 1) throw damaged(`protocol ${protocol}, 1 (groth16) expected`);
    const header = await section(2, headerBytes);
    if (header.getUint32(0, true) !== fieldBytes || readLittleEndian(header, 4) !== baseOrder) throw damaged('its curve is not BN254');
    if (header.getUint32(36, true) !== fieldBytes || readLittleEndian(header, 40) !== scalarOrder) throw damaged('its curve is not BN254');
    const [wireCount, publicCount, domainSize] = [header.getUint32(72, true), header.getUint32(76, true), header.getUint32(80, true)];
    if (publicCount >= wireCount) throw damaged(`${publicCount} public signals among ${wireCount} wires`);
    if (domainSize < 2 || (domainSize & (domainSize - 1)) !== 0 || domainSize > 2 ** maxLogDomain) {
      throw damaged(`domain size ${domainSize} is no power of two up to 2^${maxLogDomain}`);
    }
    const terms = sections.get(4)!;
    if (terms.size < 4) throw damaged(`section 4 has ${terms.size} bytes`);
    const termCount = (await source.read(terms.start, 4)).getUint32(0, true);
    const sizes = sectionSizes({ wireCount, publicCount, domainSize, termCount });
    for (let type = 3; type < sectionCount; type++) {
      if (sections.get(type)!.size !== sizes[type])
        throw damaged(`section ${type} has ${sections.get(type)!.size} bytes, expected ${sizes[type]}`);
    }
    if (sections.get(10)!.size < sizes[10]!)
      throw damaged(`section 10 has ${sections.get(10)!.size} bytes, at least ${sizes[10]} expected`);
    const contributionCount = (await source.read(sections.get(10)!.start + circuitHashBytes, 4)).getUint32(0, true);

    const g1 = (view: DataView, offset: number, name: string): G1Json => [
      coordinate(view, offset, name),
      coordinate(view, offset + 32, name),
      '1',
    ];
    const g2 = (view: DataView, offset: number, name: string): G2Json => [
      [coordinate(view, offset, name), coordinate(view, offset + 32, name)],
      [coordinate(view, offset + 64, name), coordinate(view, offset + 96, name)],
      ['1', '0'],
    ];
    const montgomeryInverse = invert(1n << 256n, baseOrder);
    const coordinate = (view: DataView, offset: number, name: string): string => {
      const value = readLittleEndian(view, offset);
      if (value >= baseOrder) throw damaged(`a coordinate of ${name} is not below q`);
      return String((value * montgomeryInverse) % baseOrder);
    };
    const ic = await section(3, sizes[3]!);
    const points = {
      vk_alpha_1: g1(header, 84, 'alpha'),
      vk_beta_2: g2(header, 84 + 2 * g1Bytes, 'beta'),
      vk_gamma_2: g2(header, 84 + 2 * g1Bytes + g2Bytes, 'gamma'),
      vk_delta_2: g2(header, 84 + 3 * g1Bytes + 2 * g2Bytes, 'delta'),
    };
    const verificationKey: VerificationKey = {
      protocol: 'groth16',
      curve: 'bn128',
      nPublic: publicCount,
      ...points,
      vk_alphabeta_12: refused(source, () => alphaBeta(points.vk_alpha_1, points.vk_beta_2)),
      IC: Array.from({ length: publicCount + 1 }, (_, i) => g1(ic, i * g1Bytes, `IC[${i}]`)),
    };
    return { wireCount, publicCount, domainSize, termCount, contributionCount, sizeBytes: source.sizeBytes, verificationKey };
  });
}

/** Bytes read from a file at once. */
export const pieceBytes = 1 << 22;

/** Takes a section's bytes piece by piece, in order; `bytes` last until it is done. */
export type SectionTaker = (bytes: Uint8Array, offset: number) => Promise<void> | void;

/**
 * Reads sections of a key that `readZkeyHeader` has passed, in the file's order, in pieces of at most 4 MiB.
 * @param hash is told all bytes of the file, in order.
 * @throws ZkonnxError ZK5004 if the file has changed since.
 */
export async function readZkeySections(
  zkey: BytesOrPath,
  shape: ZkeyShape,
  takers: ReadonlyMap<number, SectionTaker>,
  hash?: { update(bytes: Uint8Array): unknown },
): Promise<void> {
  await withSource(zkey, format, async (source) => {
    const damaged = damagedFile(format, source);
    const wanted = sectionSizes(shape);
    const room = new Uint8Array(Math.min(pieceBytes, source.sizeBytes));
    const read = async (start: number, size: number, take?: SectionTaker): Promise<void> => {
      for (let done = 0; done < size; done += pieceBytes) {
        const bytes = bytesOf(await source.read(start + done, Math.min(pieceBytes, size - done), room));
        hash?.update(bytes);
        await take?.(bytes, done);
      }
    };
    const sections = [...(await zkeySections(source))].sort(([, a], [, b]) => a.start - b.start);
    let end = 0;
    for (const [type, { start, size }] of sections) {
      const take = takers.get(type);
      if (take !== undefined && size !== wanted[type]) throw damaged(`section ${type} has ${size} bytes, expected ${wanted[type]}`);
      if (hash !== undefined) await read(end, start - end);
      if (take !== undefined || hash !== undefined) await read(start, size, take);
      end = start + size;
    }
  });
}

/**
 * The verification key inside a proving key, as `snarkjs zkey export verificationkey` writes it, linted.
 * @throws ZkonnxError ZK5004 also for a whole key that the lint refuses, such as one without a phase-2 contribution.
 */
export async function readVerificationKey(zkey: BytesOrPath): Promise<VerificationKey> {
  const { verificationKey } = await readZkeyHeader(zkey);
  refused({ name: nameOf(zkey) }, () => parseVerificationKey(verificationKey));
  return verificationKey;
}
