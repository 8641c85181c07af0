import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import * as snarkjs from 'snarkjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scalarOrder } from '../../src/field/bn254.ts';
import { decodeR1cs, digestR1cs, encodeR1cs, r1csChunks } from '../../src/r1cs/format.ts';
import type { R1cs, SparseMatrix } from '../../src/r1cs/r1cs.ts';
import { decodeWtns, encodeWtns, readWtnsHeader } from '../../src/witness/format.ts';
import { getWire } from '../../src/witness/row.ts';
import { mixedCircuit } from '../support/circuits.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-format-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function terms({ pool }: R1cs, side: SparseMatrix, row: number): Record<string, string> {
  const entries: [string, string][] = [];
  for (let i = side.starts[row]; i < side.starts[row + 1]; i++)
    entries.push([String(side.wires[i]), pool.field[side.coefficients[i]].toString()]);
  return Object.fromEntries(entries);
}

test('snarkjs reads what we write, and checks our witness against it', async () => {
  const { r1cs, witness } = mixedCircuit();
  const [r1csPath, wtnsPath] = [join(folder, 'a.r1cs'), join(folder, 'a.wtns')];
  await writeFile(r1csPath, encodeR1cs(r1cs));
  await writeFile(wtnsPath, encodeWtns(r1cs, witness));

  const info = await snarkjs.r1cs.info(r1csPath);
  expect([info.nVars, info.nOutputs, info.nPubInputs, info.nPrvInputs, info.nLabels, info.nConstraints]).toEqual([
    r1cs.wireCount,
    0,
    2,
    2,
    r1cs.wireCount,
    r1cs.rowCount,
  ]);

  const json = await snarkjs.r1cs.exportJson(r1csPath);
  expect(json.map.map(Number)).toEqual(Array.from({ length: r1cs.wireCount }, (_, wire) => wire));
  expect(json.constraints).toEqual(
    Array.from({ length: r1cs.rowCount }, (_, row) => [r1cs.a, r1cs.b, r1cs.c].map((side) => terms(r1cs, side, row))),
  );

  const values = await snarkjs.wtns.exportJson(wtnsPath);
  expect(values).toEqual(Array.from({ length: r1cs.wireCount }, (_, wire) => (getWire(witness, wire) + scalarOrder) % scalarOrder));
  expect(await snarkjs.wtns.check(r1csPath, wtnsPath)).toBe(true);

  const wrong = { small: witness.small.with(5, 1 - witness.small[5]), wide: witness.wide };
  await writeFile(wtnsPath, encodeWtns(r1cs, wrong));
  expect(await snarkjs.wtns.check(r1csPath, wtnsPath, { debug() {}, info() {}, warn() {}, error() {} })).toBe(false);
});

test('our reader gives back the circuit and the witness, to the byte', () => {
  const { r1cs, witness } = mixedCircuit();
  const bytes = encodeR1cs(r1cs);
  const again = decodeR1cs(bytes);
  expect(encodeR1cs(again)).toEqual(bytes);
  expect([again.wireCount, again.publicCount, again.privateInputCount, again.rowCount]).toEqual([r1cs.wireCount, 2, 2, r1cs.rowCount]);
  const wtns = encodeWtns(r1cs, witness);
  expect(readWtnsHeader(wtns)).toEqual({ wireCount: r1cs.wireCount });
  expect(decodeWtns(wtns)).toEqual(witness);
  expect(bytesToHex(sha256(bytes))).toBe(digestR1cs(r1cs));
});

test('a row longer than a chunk, and rows over many chunks', async () => {
  const { CircuitBuilder } = await import('../../src/r1cs/builder.ts');
  const builder = new CircuitBuilder();
  const first = builder.inputWires(40_000);
  const row = (length: number) => {
    for (let i = 0; i < length; i++) builder.a(first + i, i - 20_000);
    builder.b(0, 1);
    builder.define();
  };
  row(3);
  row(40_000);
  for (let i = 0; i < 2_000; i++) row(20);
  const { r1cs } = builder.finish();
  const sizes = Array.from(r1csChunks(r1cs), (chunk) => chunk.length);
  expect(sizes.length).toBeGreaterThan(4);
  const bytes = encodeR1cs(r1cs);
  expect(bytes.length).toBe(sizes.reduce((sum, size) => sum + size, 0));
  expect(encodeR1cs(decodeR1cs(bytes))).toEqual(bytes);
  expect(digestR1cs(r1cs)).toBe(bytesToHex(sha256(bytes)));
});

test("circom's own file reads as snarkjs reads it", async () => {
  const path = 'node_modules/r1csfile/test/testutils/example.r1cs';
  const r1cs = decodeR1cs(readFileSync(path), path);
  const json = await snarkjs.r1cs.exportJson(path);
  expect([r1cs.wireCount, r1cs.publicCount, r1cs.privateInputCount]).toEqual([
    json.nVars,
    json.nOutputs + json.nPubInputs,
    json.nPrvInputs,
  ]);
  expect(json.constraints).toEqual(
    Array.from({ length: r1cs.rowCount }, (_, row) => [r1cs.a, r1cs.b, r1cs.c].map((side) => terms(r1cs, side, row))),
  );
});

test('we read what snarkjs writes: its .wtns and its .r1cs of our circuit, to the byte', async () => {
  const { r1cs, witness } = mixedCircuit();
  const values = Array.from({ length: r1cs.wireCount }, (_, wire) => (getWire(witness, wire) + scalarOrder) % scalarOrder);
  // By path: snarkjs' commands write these files only as by-products.
  const [binfile, wtnsUtils, r1csfile] = await Promise.all(
    ['@iden3/binfileutils/src/binfileutils.js', 'snarkjs/src/wtns_utils.js', 'r1csfile/src/r1csfile.js'].map(
      (path) => import(`../../node_modules/${path}`),
    ),
  );
  const wtnsPath = join(folder, 'theirs.wtns');
  const fd = await binfile.createBinFile(wtnsPath, 'wtns', 2, 2);
  await wtnsUtils.write(fd, values, scalarOrder);
  await fd.close();
  const theirs = new Uint8Array(await readFile(wtnsPath));
  expect(decodeWtns(theirs)).toEqual(witness);
  expect(theirs).toEqual(new Uint8Array(encodeWtns(r1cs, witness)));

  const [ourPath, theirPath] = [join(folder, 'ours.r1cs'), join(folder, 'theirs.r1cs')];
  await writeFile(ourPath, encodeR1cs(r1cs));
  const circuit = await r1csfile.readR1cs(ourPath, { loadConstraints: true, loadMap: true });
  await r1csfile.writeR1cs(theirPath, circuit);
  expect(new Uint8Array(await readFile(theirPath))).toEqual(new Uint8Array(encodeR1cs(r1cs)));
  expect(digestR1cs(decodeR1cs(new Uint8Array(await readFile(theirPath))))).toBe(digestR1cs(r1cs));
});

const damaged = expect.objectContaining({ code: 'ZK5004' });
const u32 = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(at, value, true);
  return copy;
};

/** Offsets of the file's fields: 12 head, 12 section head, then the header. */
const header = 24;
const constraints = header + 64 + 12;

test('counts and sizes that the bytes do not bear out are ZK5004, whatever they are', () => {
  const { r1cs, witness } = mixedCircuit();
  const bytes = encodeR1cs(r1cs);
  const cases: [string, Uint8Array][] = [
    ['empty', new Uint8Array(0)],
    ['other type', u32(bytes, 0, 0x6e737477)],
    ['version 2', u32(bytes, 4, 2)],
    ['2^32 − 1 sections', u32(bytes, 8, 0xffff_ffff)],
    ['two sections', u32(bytes, 8, 2)],
    ['unknown section', u32(bytes, 12, 9)],
    ['custom gates', u32(bytes, 12, 4)],
    ['a section twice', u32(bytes, 12, 2)],
    ['section of 2^62 bytes', u32(bytes, 20, 0x4000_0000)],
    ['section of 2^32 bytes', u32(bytes, 20, 1)],
    ['header too long', u32(bytes, 16, 65)],
    ['64-byte field', u32(bytes, header, 64)],
    ['another field', u32(bytes, header + 4, 7)],
    ['fewer wires than publics', u32(bytes, header + 36, 3)],
    ['2^32 − 1 wires', u32(bytes, header + 36, 0xffff_ffff)],
    ['one wire less', u32(bytes, header + 36, r1cs.wireCount - 1)],
    ['2^32 − 1 public', u32(bytes, header + 44, 0xffff_ffff)],
    ['2^32 − 1 private', u32(bytes, header + 48, 0xffff_ffff)],
    ['2^32 − 1 rows', u32(bytes, header + 60, 0xffff_ffff)],
    ['one row more', u32(bytes, header + 60, r1cs.rowCount + 1)],
    ['one row less', u32(bytes, header + 60, r1cs.rowCount - 1)],
    ['2^32 − 1 terms', u32(bytes, constraints, 0xffff_ffff)],
    ['unknown wire', u32(bytes, constraints + 4, r1cs.wireCount)],
    ['coefficient 0', u32(bytes, constraints + 8, 0)],
    [
      'coefficient r',
      bytes.map((byte, i) => (i >= constraints + 8 && i < constraints + 40 ? bytes[header + 4 + i - constraints - 8] : byte)),
    ],
    ['trailing byte', Uint8Array.of(...bytes, 0)],
  ];
  for (const [name, bad] of cases) expect(() => decodeR1cs(bad, 'x.r1cs'), name).toThrow(damaged);

  const wtns = encodeWtns(r1cs, witness);
  const bad: [string, Uint8Array][] = [
    ['r1cs', bytes],
    ['2^32 − 1 values', u32(wtns, header + 36, 0xffff_ffff)],
    ['one value less', u32(wtns, header + 36, r1cs.wireCount - 1)],
    ['another field', u32(wtns, header + 4, 7)],
    ['48-byte field', u32(wtns, header, 48)],
    ['a value of 2^256 − 1', wtns.map((byte, i) => (i >= wtns.length - 32 ? 255 : byte))],
    ['trailing byte', Uint8Array.of(...wtns, 0)],
  ];
  for (const [name, file] of bad) expect(() => decodeWtns(file, 'x.wtns'), name).toThrow(damaged);
  for (const [name, file] of bad.slice(0, 5)) expect(() => readWtnsHeader(file), name).toThrow(damaged);
});

test('every cut and any altered byte is ZK5004 or another valid file, never anything else', () => {
  const { r1cs, witness } = mixedCircuit();
  for (const [bytes, decode] of [
    [encodeR1cs(r1cs), decodeR1cs],
    [encodeWtns(r1cs, witness), decodeWtns],
  ] as const) {
    for (let size = 0; size < bytes.length; size += 7) expect(() => decode(bytes.subarray(0, size))).toThrow(damaged);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.constantFrom(0, 1, 127, 128, 255), (at, value) => {
        try {
          decode(bytes.with(at, value));
        } catch (error) {
          expect(error).toEqual(damaged);
        }
      }),
      { numRuns: 10_000 },
    );
  }
});

test('a wire named twice on one side is refused, not added up or overwritten', () => {
  const { r1cs } = mixedCircuit();
  const bytes = encodeR1cs(r1cs);
  const firstWithTwo = Array.from({ length: r1cs.rowCount }, (_, row) => row).find(
    (row) => r1cs.a.starts[row + 1] - r1cs.a.starts[row] >= 2,
  )!;
  let at = constraints;
  for (let row = 0; row < firstWithTwo; row++) {
    for (const side of [r1cs.a, r1cs.b, r1cs.c]) at += 4 + 36 * (side.starts[row + 1] - side.starts[row]);
  }
  const wire = new DataView(bytes.buffer).getUint32(at + 4, true);
  expect(() => decodeR1cs(u32(bytes, at + 40, wire))).toThrow(/twice/);
});

test('.sym: a line per wire, which snarkjs takes apart again', async () => {
  const { encodeSym } = await import('../../src/r1cs/sym.ts');
  const circuit = mixedCircuit();
  const layout = { outputs: [], inputs: [] } as never;
  const inputs = {
    contextWire: 1,
    tensors: [{ name: 'image.0,x', firstWire: 3, count: 1 }],
    salts: [{ name: 'image.0,x', role: 'input' as const, wire: 4 }],
  };
  const path = join(folder, 'a.sym');
  await writeFile(path, encodeSym({ ...circuit, layout, inputs }));
  const lines = (await readFile(path, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  expect(lines.length).toBe(circuit.r1cs.wireCount - 1);
  for (const [i, fields] of lines.entries()) expect([fields.length, fields[0], fields[1]]).toEqual([4, String(i + 1), String(i + 1)]);
  expect(lines[0][3]).toBe('main.context');
  expect(lines[1][3]).toBe('main.conv__1_a.product[3].w2');
  expect(lines[2][3]).toBe('main.input:image_0_x.element[0]');
  expect(lines[3][3]).toBe('main.input:image_0_x.salt');
  expect(lines[circuit.wires.bit - 1][3]).toBe(`main.conv__1_a.bits[3].w${circuit.wires.bit}`);
  expect(lines[circuit.wires.inverse - 1][3]).toBe(`main.conv__1_a.inverse[3].w${circuit.wires.inverse}`);
  // By path: snarkjs does not export its reader.
  const module = '../../node_modules/snarkjs/src/loadsyms.js';
  const { default: loadSymbols } = (await import(module)) as { default: (path: string) => Promise<{ varIdx2Name: string[] }> };
  const symbols = await loadSymbols(path);
  expect(symbols.varIdx2Name).toEqual(['one', ...lines.map((fields) => fields[3])]);
});
