/**
 * Trust files: which keys a verifier accepts, and for which model and circuit. `zkonnx ceremony verify` writes an entry after it has compiled the model again and checked the whole transcript of its key; nobody else may,
 * for an entry is what ties a key to a model. Browser-safe.
 */
import { fields, hex64, integer, list, oneOf, refuse, text } from './strict.ts';

export interface TrustEntry {
  /** SHA-256 of the ONNX file. */
  readonly modelDigest: string;
  /** Reference semantics, e.g. "ort-fused". */
  readonly profile: string;
  readonly circuitDigest: string;
  readonly vkeyHash: string;
  readonly transcriptHash: string;
}

export interface TrustFile {
  readonly format: 'zkonnx-trust';
  readonly version: 1;
  readonly entries: readonly TrustEntry[];
}

const maxEntries = 10_000;

/** @throws ZkonnxError ZK5006 for anything that is not exactly a trust file. */
export function parseTrust(value: unknown, where = 'trust'): TrustFile {
  const given = fields(value, where, ['format', 'version', 'entries']);
  oneOf(given.format, `${where}.format`, ['zkonnx-trust']);
  integer(given.version, `${where}.version`, 1, 1);
  const entries = list(given.entries, `${where}.entries`, { limit: maxEntries }, (item, path): TrustEntry => {
    const entry = fields(item, path, ['modelDigest', 'profile', 'circuitDigest', 'vkeyHash', 'transcriptHash']);
    const profile = text(entry.profile, `${path}.profile`, 100);
    if (profile === '') refuse(`${path}.profile`, 'is empty');
    return {
      modelDigest: hex64(entry.modelDigest, `${path}.modelDigest`),
      profile,
      circuitDigest: hex64(entry.circuitDigest, `${path}.circuitDigest`),
      vkeyHash: hex64(entry.vkeyHash, `${path}.vkeyHash`),
      transcriptHash: hex64(entry.transcriptHash, `${path}.transcriptHash`),
    };
  });
  return { format: 'zkonnx-trust', version: 1, entries };
}

/** With an entry added; it takes the place of an earlier one for the same key, circuit and model. */
export function withTrustEntry(trust: TrustFile | null, entry: TrustEntry): TrustFile {
  const same = (other: TrustEntry): boolean =>
    other.vkeyHash === entry.vkeyHash && other.circuitDigest === entry.circuitDigest && other.modelDigest === entry.modelDigest;
  return { format: 'zkonnx-trust', version: 1, entries: [...(trust?.entries ?? []).filter((other) => !same(other)), entry] };
}

export interface TrustSubject {
  readonly modelDigest: string;
  readonly profile: string;
  readonly circuitDigest: string;
  readonly vkeyHash: string;
}

/** The entry that is of all four, or why there is none. */
export function findTrust(trust: TrustFile, subject: TrustSubject): { readonly entry: TrustEntry } | { readonly failure: string } {
  const ofKey = trust.entries.filter(({ vkeyHash }) => vkeyHash === subject.vkeyHash);
  if (ofKey.length === 0) return { failure: `your trust file has no entry for the receipt's key (${subject.vkeyHash})` };
  const ofCircuit = ofKey.filter(({ circuitDigest }) => circuitDigest === subject.circuitDigest);
  if (ofCircuit.length === 0) {
    return {
      failure: `your trust file has the receipt's key for circuit ${ofKey[0]!.circuitDigest}, the receipt is of circuit ${subject.circuitDigest}`,
    };
  }
  const entry = ofCircuit.find(({ modelDigest, profile }) => modelDigest === subject.modelDigest && profile === subject.profile);
  if (entry !== undefined) return { entry };
  const { modelDigest, profile } = ofCircuit[0]!;
  return {
    failure: `your trust file has the receipt's key for the model with sha256 ${modelDigest} (profile ${profile}), the receipt names ${subject.modelDigest} (profile ${subject.profile})`,
  };
}
