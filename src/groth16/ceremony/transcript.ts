/**
 * Section 10 of a `.zkey`, the record of phase 2: hash of the circuit's initial key, then what each contributor published. Points stay in the file's form, so that reading and writing is the identity.
 *
 *   64 bytes hash · u32 count · per contribution: δ₁ after it · s G1 · δ·s G1 · δ·h G2 (h from the transcript) · 64 bytes transcript · u32 kind (0 contribution, 1 beacon) · u32 size of parameters · parameters:
 *   1 name (u8 length, UTF-8), 2 beacon: log2 of the iterations (u8), 3 beacon: its hash (u8 length, bytes), ascending
 *
 * Reference: snarkjs 0.7.6 `zkey_utils.js`.
 */
import { blake2b } from '@noble/hashes/blake2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { BoundedReader, badFormat } from '../../r1cs/container.ts';
import { uncompressed } from './point-forms.ts';

export interface Beacon {
  readonly hash: Uint8Array;
  /** SHA-256 is iterated 2^this times over it. */
  readonly iterationsLog: number;
}

export interface Contribution {
  readonly deltaAfter: Uint8Array;
  readonly g1s: Uint8Array;
  readonly g1sx: Uint8Array;
  readonly g2spx: Uint8Array;
  readonly transcript: Uint8Array;
  readonly name: string | null;
  readonly beacon: Beacon | null;
}

export interface Transcript {
  readonly circuitHash: Uint8Array;
  readonly contributions: readonly Contribution[];
}

const hashBytes = 64;
const maxNameBytes = 255;

/** @throws ZkonnxError ZK5004. */
export function decodeTranscript(bytes: Uint8Array, file = '(in memory)'): Transcript {
  const reader = new BoundedReader(bytes, { format: '.zkey', file });
  const circuitHash = takeBytes(reader, bytes, hashBytes, 'the circuit hash');
  const count = reader.u32('the number of contributions');
  const contributions: Contribution[] = [];
  for (let i = 1; i <= count; i++) contributions.push(readContribution(reader, bytes, `contribution ${i}`));
  reader.end('the last contribution');
  return { circuitHash, contributions };
}

function takeBytes(reader: BoundedReader, bytes: Uint8Array, size: number, what: string): Uint8Array {
  const start = reader.take(size, what);
  return bytes.slice(start, start + size);
}

function readContribution(reader: BoundedReader, bytes: Uint8Array, what: string): Contribution {
  const take = (size: number): Uint8Array => takeBytes(reader, bytes, size, what);
  const [deltaAfter, g1s, g1sx, g2spx, transcript] = [take(64), take(64), take(64), take(128), take(hashBytes)];
  const kind = reader.u32(what);
  if (kind > 1) badFormat(reader.place, `${what} is of kind ${kind}`);
  const size = reader.u32(what);
  const end = reader.take(size, what) + size;
  reader.position = end - size;
  const found = readParameters(reader, bytes, end, what);
  if ((kind === 1) !== (found.iterationsLog !== null && found.beaconHash !== null))
    badFormat(reader.place, `${what}: its kind and its parameters differ`);
  const beacon = kind === 1 ? { hash: found.beaconHash!, iterationsLog: found.iterationsLog! } : null;
  return { deltaAfter, g1s, g1sx, g2spx, transcript, name: found.name, beacon };
}

export interface Parameters {
  name: string | null;
  iterationsLog: number | null;
  beaconHash: Uint8Array | null;
}

/** A contribution's parameters, up to `end`; those of phase 1 have the same form. @throws ZkonnxError ZK5004. */
export function readParameters(reader: BoundedReader, bytes: Uint8Array, end: number, what: string): Parameters {
  const found: Parameters = { name: null, iterationsLog: null, beaconHash: null };
  const byte = (): number => reader.view.getUint8(reader.take(1, what));
  let last = 0;
  while (reader.position < end) {
    const type = byte();
    if (type <= last || type > 3) badFormat(reader.place, `${what}: parameter ${type} is unknown or out of order`);
    last = type;
    if (type === 1) found.name = new TextDecoder().decode(takeBytes(reader, bytes, byte(), what));
    else if (type === 2) found.iterationsLog = byte();
    else found.beaconHash = takeBytes(reader, bytes, byte(), what);
  }
  if (reader.position !== end) badFormat(reader.place, `${what}: its parameters are longer than they say`);
  return found;
}

export function encodeTranscript({ circuitHash, contributions }: Transcript): Uint8Array {
  const parts: Uint8Array[] = [circuitHash, u32(contributions.length)];
  for (const { deltaAfter, g1s, g1sx, g2spx, transcript, name, beacon } of contributions) {
    const parameters: number[] = [];
    if (name !== null && name !== '') {
      const text = utf8ToBytes(name);
      parameters.push(1, text.length, ...text);
    }
    if (beacon !== null) parameters.push(2, beacon.iterationsLog, 3, beacon.hash.length, ...beacon.hash);
    parts.push(deltaAfter, g1s, g1sx, g2spx, transcript, u32(beacon === null ? 0 : 1), u32(parameters.length), Uint8Array.from(parameters));
  }
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** A name as a transcript holds it: at most 64 characters, and 255 bytes. */
export function transcriptName(name: string | undefined): string | null {
  let short = name?.slice(0, 64) ?? '';
  while (utf8ToBytes(short).length > maxNameBytes) short = short.slice(0, -1);
  return short === '' ? null : short;
}

/** What later contributions commit to. */
function publicPart({ deltaAfter, g1s, g1sx, g2spx, transcript }: Contribution): readonly Uint8Array[] {
  return [uncompressed(deltaAfter, 'g1'), uncompressed(g1s, 'g1'), uncompressed(g1sx, 'g1'), uncompressed(g2spx, 'g2'), transcript];
}

/** The hash that a contributor announces; hex of 64 bytes, as snarkjs prints it. */
export function contributionHash(contribution: Contribution): string {
  const hash = blake2b.create({ dkLen: hashBytes });
  for (const part of publicPart(contribution)) hash.update(part);
  return bytesToHex(hash.digest());
}

/** The chain of hashes that ties each contribution to all before it. */
export interface TranscriptChain {
  /** What the next contribution's G2 point is made from: everything before it, and its own pair in G1. */
  next(g1s: Uint8Array, g1sx: Uint8Array): Uint8Array;
  add(contribution: Contribution): void;
}

export function transcriptChain(circuitHash: Uint8Array): TranscriptChain {
  const hash = blake2b.create({ dkLen: hashBytes }).update(circuitHash);
  return {
    next: (g1s, g1sx) => hash.clone().update(uncompressed(g1s, 'g1')).update(uncompressed(g1sx, 'g1')).digest(),
    add(contribution) {
      for (const part of publicPart(contribution)) hash.update(part);
    },
  };
}

/** What trust files and manifests name a ceremony by: SHA-256 of "zkonnx/transcript/v1" and section 10 of the key, lower-case hex. */
export function transcriptHash(section: Uint8Array): string {
  return bytesToHex(sha256.create().update(utf8ToBytes('zkonnx/transcript/v1')).update(section).digest());
}
