/** The part of snarkjs 0.7.6 that we call; it ships no types. File arguments are paths or bytes in memory. */
declare module 'snarkjs' {
  export interface Logger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }
  type FileLike = string | Uint8Array;
  type MemoryFile = { type: 'mem'; data?: Uint8Array };

  export namespace groth16 {
    function prove(
      zkey: FileLike,
      wtns: FileLike,
      logger?: Logger,
      options?: { readonly singleThread?: boolean },
    ): Promise<{ proof: unknown; publicSignals: string[] }>;
    function verify(verificationKey: unknown, publicSignals: unknown, proof: unknown, logger?: Logger): Promise<boolean>;
    function exportSolidityCallData(proof: unknown, publicSignals: unknown): Promise<string>;
  }
  export namespace zKey {
    function newZKey(r1cs: FileLike, ptau: FileLike | MemoryFile, zkey: string | MemoryFile, logger?: Logger): Promise<Uint8Array | -1>;
    function contribute(
      zkeyOld: FileLike | MemoryFile,
      zkeyNew: string | MemoryFile,
      name: string,
      entropy: string,
      logger?: Logger,
    ): Promise<Uint8Array>;
    function beacon(
      zkeyOld: FileLike | MemoryFile,
      zkeyNew: string | MemoryFile,
      name: string,
      beaconHash: string,
      iterationsExp: number,
      logger?: Logger,
    ): Promise<Uint8Array>;
    function exportVerificationKey(zkey: FileLike | MemoryFile, logger?: Logger): Promise<Record<string, unknown>>;
    function verifyFromR1cs(r1cs: FileLike, ptau: FileLike | MemoryFile, zkey: FileLike | MemoryFile, logger?: Logger): Promise<boolean>;
  }
  export namespace powersOfTau {
    function newAccumulator(curve: unknown, power: number, file: string | MemoryFile, logger?: Logger): Promise<Uint8Array>;
    function contribute(
      old: FileLike | MemoryFile,
      next: string | MemoryFile,
      name: string,
      entropy: string,
      logger?: Logger,
    ): Promise<Uint8Array>;
    function beacon(
      old: FileLike | MemoryFile,
      next: string | MemoryFile,
      name: string,
      beaconHash: string,
      iterationsExp: number,
      logger?: Logger,
    ): Promise<Uint8Array>;
    function preparePhase2(old: FileLike | MemoryFile, next: string | MemoryFile, logger?: Logger): Promise<void>;
  }
  export namespace wtns {
    function exportJson(wtns: FileLike): Promise<readonly bigint[]>;
    function check(r1cs: FileLike, wtns: FileLike, logger?: Logger): Promise<boolean>;
  }
  export namespace r1cs {
    interface Info {
      readonly nVars: number;
      readonly nOutputs: number;
      readonly nPubInputs: number;
      readonly nPrvInputs: number;
      readonly nLabels: number;
    }
    function info(r1cs: FileLike, logger?: Logger): Promise<Info & { readonly nConstraints: number }>;
    /** Coefficients as decimal strings by wire. */
    function exportJson(
      r1cs: FileLike,
      logger?: Logger,
    ): Promise<Info & { readonly constraints: readonly Readonly<Record<string, string>>[][]; readonly map: readonly (number | string)[] }>;
  }
  export namespace curves {
    function getCurveFromName(name: string, options?: { readonly singleThread?: boolean }): Promise<{ terminate(): Promise<void> }>;
  }
}
