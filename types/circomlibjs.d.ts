/** The part of circomlibjs 0.1.7 that tests use as Poseidon's oracle. */
declare module 'circomlibjs' {
  export interface Poseidon {
    (inputs: readonly (bigint | Uint8Array)[]): Uint8Array;
    readonly F: { toString(element: Uint8Array, radix?: number): string; toObject(element: Uint8Array): bigint };
  }
  export function buildPoseidon(): Promise<Poseidon>;
}
