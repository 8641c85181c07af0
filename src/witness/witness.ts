import { centred, mod, scalarOrder } from '../field/bn254.ts';
import type { R1cs } from '../r1cs/r1cs.ts';

/** Values of all wires. Nearly all are small integers; the few field-size ones (hash state, inverses) stand aside. SECRET: holds private inputs. */
export interface Witness {
  /** Centred small value of each wire, NaN where the value is wide. */
  readonly small: Float64Array;
  /** Wide values in [0, r), by wire. */
  readonly wide: ReadonlyMap<number, bigint>;
}

/** The public signals (wires 1 … publicCount) as snarkjs writes them: canonical decimal strings. */
export function witnessSignals(r1cs: R1cs, witness: Witness): string[] {
  return Array.from({ length: r1cs.publicCount }, (_, i) => {
    const small = witness.small[i + 1]!;
    return (Number.isNaN(small) ? witness.wide.get(i + 1)! : mod(BigInt(small), scalarOrder)).toString();
  });
}

/** A witness from the value of each wire. */
export function makeWitness(values: readonly bigint[]): Witness {
  const small = new Float64Array(values.length);
  const wide = new Map<number, bigint>();
  for (const [wire, value] of values.entries()) {
    const near = Number(centred(value, scalarOrder));
    small[wire] = Number.isSafeInteger(near) ? near : Number.NaN;
    if (Number.isNaN(small[wire]!)) wide.set(wire, mod(value, scalarOrder));
  }
  return { small, wide };
}
