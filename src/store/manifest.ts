/**
 * manifest.json of an artifact folder: what the folder holds, for which model and circuit, and the digest of each file. The one place where the format is
 * defined, for both directions; anything unknown in it is refused. Nothing in it depends on time or machine, so compiling twice gives the same bytes.
 */
import { z } from 'zod';
import { ZkonnxError } from '../errors.ts';
import { profiles } from '../graph/profile.ts';
import { setupKinds } from '../groth16/keys.ts';
import type { Layout } from '../r1cs/layout.ts';
import { visibilities } from '../r1cs/layout.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const dtype = z.enum(['uint8', 'int8', 'int32', 'int64']);

const layoutTensor = z.strictObject({
  name: z.string(),
  role: z.enum(['input', 'output']),
  dtype,
  modelDType: z.union([z.literal('float32'), dtype]),
  dims: z.array(count),
  elementCount: count,
  scale: z.number().nullable(),
  zeroPoint: z.int().nullable(),
  visibility: z.enum(visibilities),
  firstSignal: count,
  signalCount: count,
});

const manifestSchema = z.strictObject({
  format: z.literal('zkonnx-artifact'),
  version: z.literal(1),
  model: z.strictObject({ name: z.string(), sha256: digest }),
  /** Profile, options, tensors and order of the public signals: docs/signals.md. */
  layout: z.strictObject({
    version: z.literal(1),
    profile: z.enum(profiles),
    options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    signalCount: count,
    outputs: z.array(layoutTensor),
    inputs: z.array(layoutTensor),
  }),
  digests: z.strictObject({ model: digest, layout: digest, r1cs: digest, circuit: digest }),
  size: z.strictObject({ constraints: count, wires: count, publicSignals: count }),
  /** What compiling checked of the circuit. */
  check: z
    .strictObject({
      inferences: count,
      audit: z.strictObject({ unique: count, free: count, undecided: count, broken: count }).nullable(),
    })
    .nullable(),
  /** null until set-up. A claim about the key, except for its hash. */
  setup: z
    .strictObject({
      kind: z.enum(setupKinds),
      vkeyHash: digest,
      /** BLAKE2b-512 of the powers of tau. */
      ptauDigest: z
        .string()
        .regex(/^[0-9a-f]{128}$/)
        .optional(),
      transcriptHash: digest.optional(),
    })
    .nullable(),
  files: z.record(z.string(), z.strictObject({ bytes: count, sha256: digest })),
  unproven: z.strictObject({ toolVersion: z.string() }),
});

export type Manifest = z.infer<typeof manifestSchema> & { layout: Layout };

/** The files of an artifact folder; snarkjs users know the names. */
export const artifactFiles = {
  manifest: 'manifest.json',
  programJson: 'program.json',
  programBin: 'program.bin',
  r1cs: 'circuit.r1cs',
  sym: 'circuit.sym',
  zkey: 'circuit.zkey',
  /** Where set-up can make it: proofs with fewer transforms. */
  rekeyed: 'circuit.zkey.rekeyed',
  verificationKey: 'verification_key.json',
} as const;

/** Written by set-up; stale once another circuit is compiled into the folder. */
export const keyFiles: readonly string[] = [artifactFiles.zkey, artifactFiles.verificationKey, artifactFiles.rekeyed];

export function encodeManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** @throws ZkonnxError ZK5001 naming the first field that is not as it must be. */
export function decodeManifest(text: string, path: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ZkonnxError('ZK5001', { path, what: 'it is not JSON' }, { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new ZkonnxError('ZK5001', { path, what: `${issue.path.join('.') || 'manifest'}: ${issue.message}` });
  }
  const manifest = parsed.data;
  const strange = Object.keys(manifest.files).find((name) => !(Object.values(artifactFiles) as string[]).includes(name));
  if (strange !== undefined) throw new ZkonnxError('ZK5001', { path, what: `it lists "${strange}", which no artifact folder has` });
  if (manifest.model.sha256 !== manifest.digests.model) throw new ZkonnxError('ZK5001', { path, what: 'two digests of the model differ' });
  return manifest;
}
