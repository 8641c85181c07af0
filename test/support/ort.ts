/**
 * ONNX Runtime as the oracle: onnxruntime-web's WASM build, one thread, all graph optimizations, which is what the profile `ort-fused` names.
 * Tests only; `src` never imports a runtime.
 *
 * By default (and on every machine but ARM) ORT turns int8 tensors of QDQ graphs into uint8, but only those that one node reads; groups between a turned
 * and an unturned tensor are left in float32. The graph follows that where the outcome depends on it by rule (src/graph/rounding.ts: Add, AveragePool);
 * in Conv, Gemm and MatMul only float noise near ties would differ. `session.qdqisint8allowed` (the default on ARM) lets ORT fuse groups of int8 as they are.
 */
import * as ort from 'onnxruntime-web/wasm';
import type { DType, Tensor } from '../../src/tensor/tensor.ts';

const dtypes: readonly DType[] = ['float32', 'uint8', 'int8', 'int32', 'int64', 'bool'];

/** A loaded model that answers inputs by name with outputs by name. */
export interface OrtSession {
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

export interface OrtOptions {
  /** Fuse int8 QDQ groups as they are, as on ARM; false unless a test says otherwise. */
  readonly fuseInt8?: boolean;
  /** No graph optimizations: every group in floats, as it is written. */
  readonly unfused?: boolean;
}

export async function ortSession(model: Uint8Array, { fuseInt8 = false, unfused = false }: OrtOptions = {}): Promise<OrtSession> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: unfused ? 'disabled' : 'all',
    extra: { session: { qdqisint8allowed: fuseInt8 ? '1' : '0' } },
  });
  return {
    async run(inputs) {
      const feeds: Record<string, ort.Tensor> = {};
      for (const name of session.inputNames) {
        const { dtype, data, dims } = inputs[name]!;
        feeds[name] = new ort.Tensor(dtype as 'float32', data as Float32Array, [...dims]);
      }
      const outputs = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { type, data, dims }]) => {
          const dtype = dtypes.find((known) => known === type);
          if (dtype === undefined) throw new Error(`the oracle returned ${type}`);
          return [name, { dtype, dims: [...dims], data: data as Float32Array } satisfies Tensor];
        }),
      );
    },
    release: () => session.release(),
  };
}

/** One answer of a model. */
export async function ortRun(model: Uint8Array, inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const session = await ortSession(model);
  try {
    return await session.run(inputs);
  } finally {
    await session.release();
  }
}
