/** Powers of tau that snarkjs made, and zkeys of its making: what ours are held against. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curves, powersOfTau, zKey } from 'snarkjs';

export interface SmallPtau {
  /** Not prepared for phase 2. */
  readonly raw: Uint8Array;
  readonly prepared: Uint8Array;
}

const memory = () => ({ type: 'mem' as const, data: new Uint8Array(0) });

/** `power` ≤ 10: a contribution and a beacon. snarkjs takes some seconds to prepare it, so a file is kept in the system's folder for temporary files. */
export async function snarkjsPtau(power: number): Promise<SmallPtau> {
  const folder = join(tmpdir(), 'zkonnx-test-ptau');
  const place = (kind: string): string => join(folder, `${kind}-${power}.ptau`);
  try {
    return { raw: new Uint8Array(readFileSync(place('raw'))), prepared: new Uint8Array(readFileSync(place('prepared'))) };
  } catch {
    // Made below.
  }
  const curve = await curves.getCurveFromName('bn128', { singleThread: true });
  const steps = [memory(), memory(), memory(), memory()] as const;
  await powersOfTau.newAccumulator(curve, power, steps[0]);
  await powersOfTau.contribute(steps[0], steps[1], 'first', 'entropy one');
  await powersOfTau.beacon(steps[1], steps[2], 'last', '0102030405060708090a0b0c0d0e0f', 10);
  await powersOfTau.preparePhase2(steps[2], steps[3]);
  const made = { raw: steps[2].data.slice(), prepared: steps[3].data.slice() };
  mkdirSync(folder, { recursive: true });
  for (const [kind, bytes] of Object.entries(made)) {
    const temporary = `${place(kind)}.${process.pid}`;
    writeFileSync(temporary, bytes);
    renameSync(temporary, place(kind));
  }
  return made;
}

/** `snarkjs zkey new`. */
export async function snarkjsInitialKey(r1cs: Uint8Array, ptau: Uint8Array): Promise<Uint8Array> {
  const out = memory();
  await zKey.newZKey(r1cs, ptau, out);
  return out.data.slice();
}

/** `snarkjs zkey contribute`. */
export async function snarkjsContribute(zkey: Uint8Array, name: string): Promise<Uint8Array> {
  const out = memory();
  await zKey.contribute(zkey, out, name, 'some entropy');
  return out.data.slice();
}

/** `snarkjs zkey beacon`. */
export async function snarkjsBeacon(zkey: Uint8Array, name: string, hash: string, iterationsLog: number): Promise<Uint8Array> {
  const out = memory();
  await zKey.beacon(zkey, out, name, hash, iterationsLog);
  return out.data.slice();
}

/** `snarkjs zkey verify`. */
export async function snarkjsVerifies(r1cs: Uint8Array, ptau: Uint8Array, zkey: Uint8Array): Promise<boolean> {
  return zKey.verifyFromR1cs(r1cs, ptau, zkey);
}
