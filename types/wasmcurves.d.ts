/** The prebuilt BN254 module of wasmcurves 0.2.2 (CommonJS, no types of its own): a base64 WASM binary and addresses of constants in its memory. */
declare module 'wasmcurves/build/bn128_wasm.js' {
  export const code: string;
  export const pG1gen: number;
  export const pG2gen: number;
}
