/** Rows through onnxruntime-web's QLinearSoftmax and through the profile's formula. */
import type { SoftmaxRule } from '../../src/program/program.ts';
import { softmaxRow, softmaxTables } from '../../src/program/steps/softmax.ts';
import { model, node, parameters, value } from './onnx-builder.ts';
import { ortSession } from './ort.ts';

export interface SoftmaxRun {
  readonly count: number;
  readonly xScale: number;
  readonly yScale: number;
  readonly zeroPoint: number;
  readonly dtype: 'uint8' | 'int8';
  readonly rows: number;
  readonly seed: number;
}

/** Spread rows and narrow ones, down to equal elements, where halves are common. */
function randomRows({ count, dtype, rows, seed }: SoftmaxRun): Int32Array {
  // xorshift: rows of a linear congruence repeat.
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const low = dtype === 'uint8' ? 0 : -128;
  const xs = new Int32Array(rows * count);
  for (let r = 0; r < rows; r++) {
    const spread = [256, 60, 12, 3, 1][r % 5]!;
    const from = low + Math.floor(next() * (257 - spread));
    for (let i = 0; i < count; i++) xs[r * count + i] = from + Math.floor(next() * spread);
  }
  return xs;
}

/** How far the formula is off, for each output where it is. */
export async function softmaxMismatches(run: SoftmaxRun): Promise<number[]> {
  const { count, dtype, rows, zeroPoint } = run;
  const [xScale, yScale] = [Math.fround(run.xScale), Math.fround(run.yScale)];
  const [min, max] = dtype === 'uint8' ? [0, 255] : [-128, 127];
  const inputs = ['x', 'xs_scale', 'xs_zero_point', 'ys_scale', 'ys_zero_point'];
  const file = model({
    nodes: [node('QLinearSoftmax', inputs, ['y'], { axis: -1, opset: 13 }, { domain: 'com.microsoft' })],
    initializers: [...parameters('xs', { scale: xScale, zeroPoint: 5, dtype }), ...parameters('ys', { scale: yScale, zeroPoint, dtype })],
    inputs: [value('x', dtype, [rows, count])],
    outputs: [value('y', dtype, [rows, count])],
  });
  const xs = randomRows(run);
  const session = await ortSession(file);
  const data = dtype === 'uint8' ? Uint8Array.from(xs) : Int8Array.from(xs);
  const { y } = await session.run({ x: { dtype, dims: [rows, count], data } });
  await session.release();
  const rule: SoftmaxRule = { count, xScale, scale: yScale, zeroPoint, fused: true, min, max };
  const tables = softmaxTables(rule, 256);
  const mine = new Int32Array(xs.length);
  for (let r = 0; r < rows; r++)
    softmaxRow(
      rule,
      tables,
      xs,
      Int32Array.from({ length: count }, (_, i) => r * count + i),
      mine,
    );
  return Array.from(mine, (q, i) => q - Number(y!.data[i])).filter((difference) => difference !== 0);
}
