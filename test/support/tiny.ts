/** A network of one dense layer, 8 → 3, proven in a fraction of a second: for tests that need the whole path, not a real model. */
import { type CompiledModel, compile } from '../../src/compile.ts';
import type { Keys } from '../../src/groth16/keys.ts';
import { inferenceAt, type NamedTensors } from '../../src/inputs.ts';
import { prove } from '../../src/prove.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { setup } from '../../src/setup.ts';
import { model, node, part, qdq, value, weights } from './onnx-builder.ts';

/** float32 input [1, 8] → float32 logits [1, 3], uint8 inside. */
export function tinyModel(): Uint8Array {
  const x = qdq('input', { scale: 0.02, zeroPoint: 128, dtype: 'uint8' });
  const data = Array.from({ length: 24 }, (_, i) => ((i * 37) % 201) - 100);
  const w = weights('w', [8, 3], data, { scales: [0.013], dtype: 'int8' });
  const y = qdq('y', { scale: 0.05, zeroPoint: 120, dtype: 'uint8' }, 'logits');
  return model({
    parts: [x, w, part(node('MatMul', [x.dq, w.dq], ['y'])), y],
    inputs: [value('input', 'float32', [1, 8])],
    outputs: [value('logits', 'float32', [1, 3])],
  });
}

/** N inferences: `input` float32 [N, 8], each different. */
export function tinyInputs(count: number): NamedTensors {
  const data = Float32Array.from({ length: count * 8 }, (_, i) => (((i * 53) % 127) - 63) / 32);
  return { input: { dtype: 'float32', dims: [count, 8], data } };
}

export interface ProvenTiny {
  readonly compiled: CompiledModel;
  readonly keys: Keys;
  readonly receipt: Receipt;
}

export async function provenTiny(): Promise<ProvenTiny> {
  const compiled = await compile(tinyModel(), { name: 'tiny' });
  const keys = await setup(compiled, { kind: 'dev', seed: 'tiny in tests' });
  return { compiled, keys, receipt: await prove(compiled, keys, inferenceAt(compiled.program, tinyInputs(1), 0)) };
}
