/**
 * The reference profiles: what "the model computes this" means, bit for bit; docs/onnx-semantics.md has the formulas. `ort-fused` is ONNX Runtime's fused kernels in
 * WASM; `ort-fused-x64` is those of x86-64 with AVX2 and FMA, some of which round otherwise.
 */
export const profiles = ['ort-fused', 'ort-fused-x64'] as const;

export type Profile = (typeof profiles)[number];

export const defaultProfile: Profile = 'ort-fused';
