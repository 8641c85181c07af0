/** Values of all wires. Nearly all are small integers; the few field-size ones (hash state, inverses) stand aside. SECRET: holds private inputs. */
export interface Witness {
  /** Centred small value of each wire, NaN where the value is wide. */
  readonly small: Float64Array;
  /** Wide values in [0, r), by wire. */
  readonly wide: ReadonlyMap<number, bigint>;
}
