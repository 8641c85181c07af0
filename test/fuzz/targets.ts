/** Every parser of the project with its seeds, which the project's own writers make. A parser that is added gets a row here. */

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selfTestProgram } from '../../src/cli/self-test.ts';
import { parseTrustText } from '../../src/cli/trust.ts';
import { assembleCircuit } from '../../src/compile.ts';
import { ZkonnxError } from '../../src/errors.ts';
import { baseOrder, writeLittleEndian } from '../../src/field/bn254.ts';
import { buildGraph } from '../../src/graph/build.ts';
import { readPoints, withPtau } from '../../src/groth16/ceremony/ptau.ts';
import { decodeProof, decodeSignals, decodeVerificationKey, encodeJson } from '../../src/groth16/json.ts';
import { wasmProver } from '../../src/groth16/prove.ts';
import { readRekeyed, rekeyedPath } from '../../src/groth16/rekeyed.ts';
import { readVerificationKey, readZkeyHeader } from '../../src/groth16/zkey.ts';
import { openJournal } from '../../src/jobs/journal.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { decodeProgram, encodeProgram } from '../../src/program/format.ts';
import { decodeR1cs, encodeR1cs } from '../../src/r1cs/format.ts';
import { type TrustFile, withTrustEntry } from '../../src/receipt/trust.ts';
import { saveArtifact } from '../../src/store/artifact.ts';
import { decodeManifest, encodeManifest } from '../../src/store/manifest.ts';
import { namedTensors, parseTensorFile } from '../../src/tensor/file.ts';
import { parseReceipt, verify } from '../../src/verify.ts';
import { decodeWtns, readWtnsHeader, readWtnsValues } from '../../src/witness/format.ts';
import { groth16Fixture, nineAndZero } from '../support/groth16-fixture.ts';
import { model } from '../support/onnx-builder.ts';
import { operatorCases } from '../support/operator-cases.ts';
import { makeReceipt } from '../support/receipts.ts';
import { randomCircuit } from '../support/small-r1cs.ts';
import { numpyFile } from '../tensor/numpy-files.ts';
import { hostileSeeds } from './onnx-seeds.ts';
import type { Target } from './run.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const digits = fileURLToPath(new URL('../../examples/digits/digits.onnx', import.meta.url));

export const onnxTarget: Target = {
  name: 'ONNX',
  structures: ['protobuf'],
  seeds: [new Uint8Array(readFileSync(digits)), ...Object.values(operatorCases).map(model), ...hostileSeeds].map((seed) => [seed]),
  read: ([bytes]) => buildProgram(buildGraph(decodeModel(bytes!))),
  codes: /^ZK(20|30)/,
  // Tensors follow from shapes that a few bytes can state; the graph bounds their elements.
  allocationRatio: null,
};

const arrays = ['float32', 'uint8', 'int64', 'float16', 'bigEndian', 'fortran', 'version2', 'empty'] as const;
const wanted = [{ name: 'image', dims: [1, 4] }];

const inputs: readonly Target[] = [
  {
    name: '.npy',
    structures: ['npy'],
    seeds: arrays.map((name) => [numpyFile(name)]),
    read: ([bytes]) => namedTensors(parseTensorFile('x.npy', bytes!), wanted, 'x.npy'),
    codes: /^ZK41/,
    allocationRatio: 16,
  },
  {
    name: '.npz',
    structures: ['zip'],
    seeds: (['savez', 'savezCompressed', 'zip64'] as const).map((name) => [numpyFile(name)]),
    read: ([bytes]) => namedTensors(parseTensorFile('x.npz', bytes!), wanted, 'x.npz'),
    codes: /^ZK41/,
    // Deflate reaches 1032 : 1.
    allocationRatio: 1_100,
  },
  {
    name: '.json inputs',
    structures: ['json'],
    seeds: ['[[1,2,3,4]]', '{"image":[[0.5,2,3,-4e2]],"other":[1,9007199254740993]}', '{"image":[[true,false,true,true]]}'].map((seed) => [
      text(seed),
    ]),
    read: ([bytes]) => namedTensors(parseTensorFile('x.json', bytes!), wanted, 'x.json'),
    codes: /^ZK41/,
    allocationRatio: 64,
  },
  {
    name: '.ndjson inputs',
    structures: ['lines'],
    seeds: ['[1,2,3,4]\n[5,6,7,8]\n', '{"image":[1,2,3,4]}\n{"image":[0.5,6,7,8]}\n'].map((seed) => [text(seed)]),
    read: ([bytes]) => namedTensors(parseTensorFile('x.ndjson', bytes!), wanted, 'x.ndjson'),
    codes: /^ZK41/,
    allocationRatio: 64,
  },
];

/** A well-formed .ptau of power 2, its points all zero: what the reader checks is the frame. */
function smallPtau(prepared: boolean): Uint8Array {
  const [g1, g2, n] = [64, 128, 4];
  const sizes: [number, number][] = [
    [1, 44],
    [2, (2 * n - 1) * g1],
    [3, n * g2],
    [4, n * g1],
    [5, n * g1],
    [6, g2],
    [7, 4],
    ...(prepared
      ? ([
          [12, (4 * n - 1) * g1],
          [13, (2 * n - 1) * g2],
          [14, (2 * n - 1) * g1],
          [15, (2 * n - 1) * g1],
        ] as [number, number][])
      : []),
  ];
  const bytes = new Uint8Array(12 + sizes.reduce((sum, [, size]) => sum + 12 + size, 0));
  const view = new DataView(bytes.buffer);
  bytes.set(text('ptau'));
  view.setUint32(4, 1, true);
  view.setUint32(8, sizes.length, true);
  let at = 12;
  for (const [type, size] of sizes) {
    view.setUint32(at, type, true);
    view.setUint32(at + 4, size, true);
    if (type === 1) {
      view.setUint32(at + 12, 32, true);
      writeLittleEndian(baseOrder, view, at + 16);
      view.setUint32(at + 48, 2, true);
      view.setUint32(at + 52, 2, true);
    }
    at += 12 + size;
  }
  return bytes;
}

async function readPtau([bytes]: readonly Uint8Array[]): Promise<void> {
  await withPtau(bytes!, async (ptau) => {
    for (const section of ptau.sections.keys()) {
      const { size } = ptau.sections.get(section)!;
      if (section > 1 && section !== 7) await readPoints(ptau, section, 0, new Uint8Array(size));
    }
  });
}

/** Keys, witnesses, proofs: made once, by a set-up and a proof of two tiny circuits. */
async function groth16Targets(): Promise<Target[]> {
  const fixture = await groth16Fixture(nineAndZero(), 'fuzz');
  const other = randomCircuit(20, 2, 5);
  const ptau: Target = {
    name: '.ptau',
    structures: ['sections'],
    seeds: [[smallPtau(false)], [smallPtau(true)]],
    read: readPtau,
    codes: /^ZK5004$/,
    allocationRatio: 4,
  };
  const prover = wasmProver({ threads: 1 });
  return [
    {
      name: '.r1cs',
      structures: ['sections'],
      seeds: [fixture.circuit.r1cs, other.r1cs].map((r1cs) => [encodeR1cs(r1cs)]),
      read: ([bytes]) => decodeR1cs(bytes!),
      codes: /^ZK5004$/,
      allocationRatio: 8,
    },
    {
      name: '.wtns',
      structures: ['sections'],
      seeds: [fixture.circuit.wtns, other.wtns].map((wtns) => [wtns]),
      read: ([bytes]) => [readWtnsHeader(bytes!), readWtnsValues(bytes!), decodeWtns(bytes!)],
      codes: /^ZK5004$/,
      allocationRatio: 8,
    },
    {
      name: '.zkey',
      structures: ['sections'],
      seeds: [[fixture.keys.zkey]],
      read: ([bytes]) => readVerificationKey(bytes!),
      codes: /^ZK5004$/,
      allocationRatio: 8,
    },
    {
      name: '.zkey, proven with',
      structures: ['sections'],
      seeds: [[fixture.keys.zkey]],
      // Refused, or noticed when its proof does not verify, or what was altered does not matter.
      read: ([bytes]) => prover.prove(bytes!, fixture.circuit.wtns),
      codes: /^ZK(5004|6002)$/,
      // The kernels' memory is theirs, whatever the file's size. Each key has one of its own, which waits for the collector: the growth is the same after 1,500 and after 5,000.
      allocationRatio: null,
      rssAllowedBytes: 512 * 1024 * 1024,
    },
    {
      name: '.zkey.rekeyed',
      structures: ['bytes'],
      seeds: [[fixture.keys.rekeyed!]],
      read: async ([bytes]) => {
        const path = join(tmpdir(), `zkonnx-fuzz-${process.pid}.zkey`);
        await writeFile(rekeyedPath(path), bytes!);
        try {
          // Of another size: another circuit's, passed over.
          return (await readRekeyed({ path }, await readZkeyHeader(fixture.keys.zkey))) ?? refuseForeign();
        } finally {
          await rm(rekeyedPath(path), { force: true });
        }
      },
      codes: /^ZK5004$/,
      allocationRatio: 16,
    },
    ptau,
    {
      name: 'verification_key.json',
      structures: ['json'],
      seeds: [[text(encodeJson(fixture.keys.verificationKey))]],
      read: ([bytes]) => decodeVerificationKey(bytes!),
      codes: /^ZK5004$/,
      allocationRatio: 16,
    },
    {
      name: 'proof.json',
      structures: ['json'],
      seeds: [[text(encodeJson(fixture.proof))]],
      read: ([bytes]) => decodeProof(bytes!),
      codes: /^ZK5004$/,
      allocationRatio: 16,
    },
    {
      name: 'public.json',
      structures: ['json'],
      seeds: [[text(encodeJson(fixture.circuit.signals))]],
      read: ([bytes]) => decodeSignals(bytes!),
      codes: /^ZK5004$/,
      allocationRatio: 16,
    },
  ];
}

function refuseForeign(): never {
  throw new ZkonnxError('ZK5004', { format: '.rekeyed', file: '', what: 'of another circuit' });
}

const programs = [
  selfTestProgram,
  ...['Conv', 'Add', 'Mul', 'MaxPool', 'AveragePool', 'Sigmoid', 'ArgMax', 'Concat'].map((name) =>
    buildProgram(buildGraph(decodeModel(model(operatorCases[name]!)))),
  ),
];

const trustOf = (digit: string) => ({
  modelDigest: digit.repeat(64),
  profile: 'ort-fused',
  circuitDigest: 'a'.repeat(64),
  vkeyHash: 'b'.repeat(64),
  transcriptHash: 'c'.repeat(64),
});

/** Receipt, trust file, manifest, program, journal. */
async function zkonnxTargets(): Promise<Target[]> {
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-fuzz-'));
  const compiled = await assembleCircuit(selfTestProgram, { name: 'turn', sha256: '7'.repeat(64) });
  const manifest = await saveArtifact(join(folder, 'artifact'), compiled);
  const header = { version: 1, circuitDigest: 'a'.repeat(64), vkeyHash: 'b'.repeat(64), context: null } as const;
  await rm(folder, { recursive: true, force: true });
  const lines = [
    JSON.stringify({ ...header, key: 'c'.repeat(64) }),
    JSON.stringify({ index: 0, status: 'done', input: 'd'.repeat(64), elapsedMs: 12 }),
    JSON.stringify({ index: 1, status: 'failed', code: 'ZK4102' }),
  ];
  return [
    {
      name: 'receipt',
      structures: ['json'],
      seeds: [{}, { context: 'order 7' }, { visibility: { image: 'public' } }].map((options) => [
        text(JSON.stringify(makeReceipt(options as never).receipt)),
      ]),
      read: async ([bytes]) => {
        // A verdict always, whatever the file.
        await verify(utf8(bytes!));
        let value: unknown;
        try {
          value = JSON.parse(utf8(bytes!));
        } catch {
          value = null;
        }
        return parseReceipt(value);
      },
      codes: /^ZK5006$/,
      allocationRatio: 64,
    },
    {
      name: 'trust file',
      structures: ['json'],
      seeds: [['1'], ['2', '3']].map((digits) => [
        text(JSON.stringify(digits.map(trustOf).reduce<TrustFile | null>(withTrustEntry, null))),
      ]),
      read: ([bytes]) => parseTrustText(bytes!, 'trust.json'),
      codes: /^ZK5004$/,
      allocationRatio: 16,
    },
    {
      name: 'manifest.json',
      structures: ['json'],
      seeds: [[text(encodeManifest(manifest))]],
      read: ([bytes]) => decodeManifest(utf8(bytes!), 'manifest.json'),
      codes: /^ZK5001$/,
      allocationRatio: 16,
    },
    {
      name: 'program.json + program.bin',
      structures: ['json', 'bytes'],
      seeds: programs.map((program) => {
        const { json, bin } = encodeProgram(program);
        return [text(json), bin];
      }),
      read: ([json, bin]) => decodeProgram(utf8(json!), bin!),
      codes: /^ZK5004$/,
      allocationRatio: 16,
    },
    {
      name: 'journal.jsonl',
      structures: ['lines'],
      seeds: [[text(`${lines.join('\n')}\n`)]],
      read: async ([bytes]) => {
        const place = await mkdtemp(join(tmpdir(), 'zkonnx-journal-'));
        try {
          await writeFile(join(place, 'journal.jsonl'), bytes!);
          const journal = await openJournal(place, header);
          journal.provenInput(0);
          await journal.close();
        } finally {
          await rm(place, { recursive: true, force: true });
        }
      },
      codes: /^ZK500[12]$/,
      allocationRatio: 64,
    },
  ];
}

export async function allTargets(): Promise<Target[]> {
  return [onnxTarget, ...inputs, ...(await groth16Targets()), ...(await zkonnxTargets())];
}
