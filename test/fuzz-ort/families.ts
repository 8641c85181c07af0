/** All generators by name: a family of operators is a file in families/ and a line here. */
import type { Generator } from './draft.ts';
import { binaries } from './families/binary.ts';
import { choices } from './families/choices.ts';
import { integers } from './families/integers.ts';
import { linear } from './families/linear.ts';
import { movements } from './families/movement.ts';
import { nets } from './families/nets.ts';
import { pools } from './families/pools.ts';
import { unaries } from './families/unary.ts';

export const generators: ReadonlyMap<string, Generator> = new Map(
  [linear, integers, binaries, unaries, pools, choices, movements, nets].flatMap((family) => Object.entries(family)),
);

/** Where the profile has a formula of its own beside a runtime that computes floats (docs/onnx-semantics.md): within one step, not bit for bit. */
export const withinOneStep: ReadonlySet<string> = new Set([
  'ConvTranspose',
  'Gemm with alpha and beta',
  'Softmax',
  'QLinearSoftmax',
  'ReduceMean',
  'ReduceSum',
]);
